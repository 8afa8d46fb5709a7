"""Writes the pages that are read off the code and the data: commands, public API, equations, scopes. ``--check`` says whether they are."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

import model
from model.cli.main import costclaim
from model.graph import equations_of
from model.registry import load_registry
from model.tabular import plain
from model.views.method import PARTS, first_paragraph, formula_of, label_of, upper_first
from model.wording import ENGLISH

DOCS = Path(__file__).resolve().parent
TESTS = DOCS.parent / "tests"
WIDTH = 100


def commands() -> Iterator[str]:
    """Every command with its help."""
    yield "# Commands\n\nWhat `--help` prints. `docs/reference.py` writes this page; a test holds it to the program."
    yield from helped(costclaim, "costclaim")


def helped(command: click.Command, name: str) -> Iterator[str]:
    """The help of a command, then of those below it."""
    context = click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=["-h", "--help"])
    yield f"## {name}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from helped(below, f"{name} {word}")


def interface() -> Iterator[str]:
    """Every public name of the package, documented from its docstring."""
    yield (
        "# Python\n\nThe names that `from model import …` gives. Their docstrings are this page; a test holds the list to the package.\n"
        "Quantities carry their unit in the name or in the docstring; errors are those of `model.errors`, with an exit status each."
    )
    for name in sorted(model.__all__, key=lambda word: (word[0].isupper(), word)):
        home = model.HOMES[name]
        kind = "autoclass" if name[0].isupper() else "autofunction"
        members = "\n   :members:" if kind == "autoclass" else ""
        yield f"## {name}\n\n```{{eval-rst}}\n.. {kind}:: {home}.{name}{members}\n```"


def equations() -> Iterator[str]:
    """Every equation with its formula, its function and the tests that name it."""
    yield (
        "# Equations\n\nRead off the code: what each function of `model/cost/` returns, as a formula, and the tests that name it.\n"
        "[Method](method.md) says why; an equation that no test names is held by the scopes that use it (`test_cost.py`)."
    )
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(TESTS.glob("test_*.py"))}
    texts = {name: text for name, text in texts.items() if "from model.cost" in text}
    for part, module in PARTS.items():
        yield f"## {part}\n\n{first_paragraph(module.__doc__)}"
        for name, equation in equations_of([module]).items():
            shaped = "shape" in equation.arguments
            formula = "" if shaped else f"    {formula_of(equation.compute, ENGLISH)}\n\n"
            tested = (
                ", ".join(f"`{file}`" for file, text in texts.items() if re.search(rf"[.\"']{name}\b|\b{name}\(", text)) or "`test_cost.py`"
            )
            what = plain(first_paragraph(equation.compute.__doc__))
            yield f"### {upper_first(label_of(name))}\n\n{what}\n\n{formula}`{module.__name__}.{name}` · {tested}"


def scopes() -> Iterator[str]:
    """Every accounting boundary with what it holds and leaves out."""
    yield (
        "# Scopes\n\nA cost is a cost of something. The first five are nested, each at least as large as the one before; the last two\n"
        "stand apart and are never added to the others. `costclaim scopes` prints this; the data stand in `assumptions/scopes.toml`."
    )
    for name, scope in load_registry().scopes.items():
        holds, out, remarks = (
            "\n".join(f"- {plain(line.strip())}" for line in lines) for lines in (scope.includes, scope.excludes, scope.remarks)
        )
        parts = [f"## {plain(scope.label)}", f"`{name}` = {plain(scope.formula)}. {plain(scope.answers)}", f"Holds:\n\n{holds}"]
        parts += [f"Leaves out:\n\n{out}", *([f"Remarks:\n\n{remarks}"] if remarks else [])]
        yield "\n\n".join(parts)


PAGES: Mapping[str, Callable[[], Iterator[str]]] = {
    "cli.md": commands,
    "api.md": interface,
    "equations.md": equations,
    "scopes.md": scopes,
}


def main(*, check: bool) -> None:
    """Write the pages that differ, or name them."""
    for name, made in PAGES.items():
        path, right = DOCS / name, "\n\n".join(made()) + "\n"
        if path.is_file() and path.read_text(encoding="utf-8") == right:
            continue
        if check:
            sys.exit(f"docs/{name} is not what the code says now. Run: python docs/reference.py")
        path.write_text(right, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(check="--check" in sys.argv[1:])
