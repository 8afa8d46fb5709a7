"""Texts in Python source: what is handed to a function that translates or shows it, and what constants hold."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator

# Function -> which of its arguments are texts.
ARGUMENTS = {"text": (0,), "fill": (0,), "say": (0,), "row": (0, 1), "rows": (2,), "table": (1,), "sourced_table": (2, 4)}
ARGUMENTS |= {"Shift": (2,), "Contradiction": (3,), "Place": (2,), "Check": (5,), "compared": (4,), "Step": (0,), "Part": (0,)}
ARGUMENTS |= {"noted": (0,)}
WHOLE = ("missing", "parameter_rows", "mark_of")  # functions whose every sentence is shown
# Constants that nobody reads.
UNSEEN = (
    "CSS",
    "JS",
    "ICON",
    "SIGNS",
    "SYMBOLS",
    "KINDS",
    "ORDER",
    "LOADED_LATER",
    "WORST",
    "FIRST_CLAIM",
    "SHARED_INSIDE",
    "ANY_CLAIM",
    "HOME",
    "SETTINGS",
    "ACTION",
    "ACTIONS",
    "DASHBOARD",
    "RULES_FILE",
    "UNLIMITED",
    "GOODPUT",
)
IDENTIFIER = re.compile(r"[a-z0-9]*([_.][a-z0-9_.]+)+|\W*.?\W*|P\d+")


class SourceTexts(ast.NodeVisitor):
    """Collects the texts of one module; a name is followed to what is assigned to it in the same function, or in the module.

    With ``columns``, keys of rows are texts too: they are the heads of a table.
    """

    def __init__(self, source: str, *, columns: bool = False) -> None:
        tree = ast.parse(source)
        self._found: set[str] = set()
        self._values: dict[str, list[ast.expr]] = {}
        self._bind(tree.body)
        for name, values in self._values.items():
            if name.isupper() and name not in UNSEEN:
                self._found.update(*map(self._texts, values))
        if columns:
            self._found.update(*map(_keys, ast.walk(tree)))
        self.visit(tree)
        self.found = {text for text in self._found if not IDENTIFIER.fullmatch(text)}

    def _bind(self, body: Iterable[ast.stmt]) -> None:
        for target, value in assignments(body):
            self._assign(target, value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Tuple(elts=targets), ast.Tuple(elts=values):
                for part, own in zip(targets, values, strict=False):
                    self._assign(part, own)
            case ast.Tuple(elts=targets), _:
                for part in targets:
                    self._assign(part, value)
            case ast.Name(id=name), _:
                self._values.setdefault(name, []).append(value)
                if name == "template":
                    self._found |= self._texts(value)
            case ast.Attribute(attr="banner"), ast.Tuple(elts=[template, *_]):
                self._found |= self._texts(template)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self._values = self._values, {name: values for name, values in self._values.items() if name.isupper()}
        self._bind(node.body)
        if node.name in WHOLE:
            parts = itertools.chain.from_iterable(map(ast.walk, node.body[1:]))  # all but the docstring
            strings = (part.value for part in parts if isinstance(part, ast.Constant))
            self._found |= {text for text in strings if isinstance(text, str) and " " in text}
        self.generic_visit(node)
        self._values = outer

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for place in ARGUMENTS.get(name, ()):
            if place < len(node.args):
                self._found |= self._texts(node.args[place])
        self.generic_visit(node)

    def _texts(self, node: ast.expr, seen: frozenset[str] = frozenset()) -> set[str]:
        """Every text that an expression may be, or hold as a value."""
        found: list[set[str]] = []
        match node:
            case ast.Constant(value=str(text)):
                found = [{text}]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                found = [{a + b} for a, b in itertools.product(self._texts(left, seen), self._texts(right, seen))]
            case ast.JoinedStr(values=parts):
                found = [{"".join(texts)} for texts in itertools.product(*(self._texts(part, seen) for part in parts))]
            case ast.IfExp(body=first, orelse=second):
                found = [self._texts(first, seen), self._texts(second, seen)]
            case ast.FormattedValue(value=value) | ast.Subscript(value=value):
                found = [self._texts(value, seen)]
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(values=parts):
                found = [self._texts(part, seen) for part in parts]
            case ast.Name(id=name) if name not in seen:
                found = [self._texts(value, seen | {name}) for value in self._values.get(name, ())]
        return set().union(*found)


def assignments(body: Iterable[ast.stmt]) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Targets with what is assigned to them, in statements and loops; a loop over a literal assigns each of its parts."""
    for node in itertools.chain.from_iterable(map(ast.walk, body)):
        match node:
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                yield target, value
            case ast.For(target=target, iter=values) | ast.comprehension(target=target, iter=values):
                many = values.args if isinstance(values, ast.Call) else getattr(values, "elts", [values])
                yield from ((target, value) for value in many)


def _keys(node: ast.AST) -> set[str]:
    """Keys of a row: of a dictionary that is returned, or that a list is made of."""
    match node:
        case ast.ListComp(elt=ast.Dict(keys=keys)) | ast.Return(value=ast.Dict(keys=keys)) | ast.List(elts=[ast.Dict(keys=keys), *_]):
            return {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
        case ast.ListComp(elt=ast.DictComp(generators=[ast.comprehension(iter=ast.Tuple() as names)])):
            return set(ast.literal_eval(names))
    return set()
