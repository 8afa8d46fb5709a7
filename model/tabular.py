"""Texts that leave the program: what a spreadsheet would run, or Markdown would read, stays text."""

from __future__ import annotations

import re
from typing import Any

BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
MARKER = re.compile(r"^(\d*)([-+.)])(?=[\s-]|$)")  # of a list or a rule, at the beginning of a line
RUN_BY_SPREADSHEETS = r"^[=+\-@\t\r]"  # beginnings of cells


def neutralised(value: Any) -> Any:
    """A cell that no spreadsheet runs as a formula; nothing for None.

    A carriage return becomes a line feed: a writer of CSV need not quote the first, and what follows it would begin a row.
    """
    if isinstance(value, str):
        return ("'" if re.match(RUN_BY_SPREADSHEETS, value) else "") + value.replace("\r\n", "\n").replace("\r", "\n")
    return "" if value is None else value


def plain(text: str) -> str:
    """Text from files stays text on one line: characters that Markdown or LaTeX would read are escaped."""
    line = BREAKS.sub(" ", text).lstrip(" \t")
    return MARKER.sub(r"\1\\\2", "".join(f"\\{letter}" if letter in "\\`*_[]<>#$|~" else letter for letter in line))


def plain_lines(text: str) -> str:
    """The same of several lines, which stay apart."""
    return "  \n".join(map(plain, text.splitlines()))
