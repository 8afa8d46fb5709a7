"""Texts that leave the program: what a spreadsheet would run, or Markdown would read, stays text."""

from __future__ import annotations

from typing import Any

RUN_BY_SPREADSHEETS = r"^[=+\-@\t\r]"  # beginnings of cells


def neutralised(value: Any) -> Any:
    """A cell that no spreadsheet runs as a formula; nothing for None."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value


def plain(text: str) -> str:
    """Text from files stays text: characters that Markdown or LaTeX would read are escaped."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#$|~" else letter for letter in text).replace("\n", " ")
