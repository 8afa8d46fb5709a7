"""The method page's rows: equations as the code has them, ground rules, and the texts that the documentation prints."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import model
from model.auditor.audit import Verdict
from model.cards import Card, nodes_of
from model.cost import compute, energy, overhead, price, scopes, staff
from model.graph import Graph, equations_of, node_name
from model.schema.assumption import Parameter
from model.wording import Language

# Parts of the cost model in the order of a reader, with the name of each.
PARTS: Mapping[str, ModuleType] = {
    "Scopes": scopes,
    "From the final run to research and testing": overhead,
    "Price of an hour": price,
    "Staff": staff,
    "Energy": energy,
    "Physics": compute,
}
SIGNS = {"np.maximum": "max", "np.log": "ln", "np.where": "if", " == ": " = ", " ** ": " ^ ", " * ": " × ", " - ": " − ", "(-": "(−"}
NAME = re.compile(r"[A-Za-z_]\w*")
KEPT = frozenset({"max", "ln", "if"})
SYMBOLS = {name.lower(): name for name in ("A100", "FLOP", "GPU", "GPUs", "GWh", "H100", "H20", "H800", "kW", "MFU", "PUE")}


@dataclass(frozen=True)
class EquationRow:
    """An equation as its function states it, and the assumptions that enter it; no formula where the shape of a model goes in."""

    name: str
    label: str
    what: str
    formula: str
    enters: tuple[Parameter, ...]


def label_of(name: str) -> str:
    """The English name of a node or a function."""
    return " ".join(SYMBOLS.get(word, word) for word in name.split("_"))


def upper_first(text: str) -> str:
    """A label at the start of a line."""
    return text[:1].upper() + text[1:]


def first_paragraph(text: str | None) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(dedent(text or "").split("\n\n")[0].split())


class _Bare(ast.NodeTransformer):
    """Takes conversions to arrays away: they are no part of a formula."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return node.args[0] if ast.unparse(node.func) in {"np.asarray", "_array"} else node


def formula_of(function: Callable[..., Any], language: Language) -> str:
    """A function's assignments and what it returns, in words and signs, constants of its module filled in."""
    (definition,) = _Bare().visit(ast.parse(dedent(inspect.getsource(function)))).body
    lines = [s.value if isinstance(s, ast.Return) else s for s in definition.body if isinstance(s, ast.Assign | ast.Return)]
    text = re.sub(r"(?<=\d)\.0\b", "", "; ".join(ast.unparse(line) for line in lines if line))
    for code, sign in SIGNS.items():
        text = text.replace(code, sign)
    known = vars(inspect.getmodule(function))
    words = {name: language.number(value) for name, value in known.items() if isinstance(value, float)}
    return NAME.sub(lambda match: match[0] if match[0] in KEPT else words.get(match[0]) or language.text(label_of(match[0])), text)


def equation_rows(verdict: Verdict, part: str, language: Language) -> list[EquationRow]:
    """The equations of one part of the cost model."""
    registry, graph = verdict.run.registry, verdict.run.system.graph
    return [
        EquationRow(
            name,
            upper_first(language.text(label_of(name))),
            re.sub("``(.+?)``", lambda match: label_of(match[1]), language.text(first_paragraph(equation.compute.__doc__))),
            "" if "shape" in equation.arguments else formula_of(equation.compute, language),
            tuple(p for p in registry.parameters.values() if node_name(p.id) in _leaves(graph, name)),
        )
        for name, equation in equations_of([PARTS[part]]).items()
    ]


def _leaves(graph: Graph, name: str) -> frozenset[str]:
    """Inputs of an equation, followed through wires and sums but not through other equations."""
    parts = graph.parts(name)
    found = set[str]()
    for argument in parts[1] if parts else ():
        found |= _leaves(graph, argument) if argument in graph.aliases or argument in graph.sums else {argument}
    return frozenset(found)


def equation_card(verdict: Verdict, name: str, language: Language) -> Card:
    """The card of an equation: its formula, the assumptions that enter it directly, and the scopes that use it."""
    registry, text = verdict.run.registry, language.text
    part, module = next((part, module) for part, module in PARTS.items() if name in vars(module))
    row = next(row for row in equation_rows(verdict, part, language) if row.name == name)
    lines = ((text("Part"), text(part)), (text("What it is"), row.what), (text("Formula"), row.formula or text("see the text")))
    used = tuple(text(registry.scopes[s].label) for s, e in verdict.run.scopes.items() if e.routes and name in nodes_of(verdict, s))
    place = f"model/cost/{module.__name__.rpartition('.')[2]}.py:{inspect.getsourcelines(vars(module)[name])[1]}"
    return Card(row.label, lines, (), tuple(p.id for p in row.enters), used, place, "")


@cache
def shared_text(name: str, code: str) -> str:
    """A page of the documentation in a language, in English where there is no translation: no title, headings one level down."""
    package = Path(model.__file__).parent
    packaged = package / "_docs"
    root = packaged if packaged.is_dir() else package.parent / "docs"
    translated = root / f"{name}.{code}.md"
    text = (translated if translated.is_file() else root / f"{name}.md").read_text(encoding="utf-8")
    return text.partition("\n")[2].strip().replace("$", "\\$").replace("## ", "### ")
