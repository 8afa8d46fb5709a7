"""Texts that leave the program: what a spreadsheet would run, or Markdown would read, stays text."""

from __future__ import annotations

import re
from typing import Any

BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
MARKER = re.compile(r"^(\d*)([-+.)])(?=[\s-]|$)")  # of a list or a rule, at the beginning of a line
RUN_BY_SPREADSHEETS = r"^[=+\-@\t\r]"  # beginnings of cells


def neutralised(value: Any) -> Any:
    """A cell that no spreadsheet runs as a formula; nothing for None."""
    if isinstance(value, str) and re.match(RUN_BY_SPREADSHEETS, value):
        return f"'{value}"
    return "" if value is None else value


def plain(text: str) -> str:
    """Text from files stays text on one line: characters that Markdown or LaTeX would read are escaped."""
    line = BREAKS.sub(" ", text).lstrip(" \t")
    return MARKER.sub(r"\1\\\2", "".join(f"\\{letter}" if letter in "\\`*_[]<>#$|~" else letter for letter in line))
