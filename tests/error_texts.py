"""Templates of every error in the code: what is handed to an exception, read off the source.

Expressions become numbered places, ``has {1} cells.``. A place that holds a text which is translated by itself, such as the label of a
parameter, is marked ``{1:text}``; a figure that is rounded or has its thousands parted, ``{1:figure}``. Names are followed to what is
assigned to them in the same function or module, parameters to what the module's calls hand over, calls of functions that give a text to
what they return.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from model import errors, units
from model.overrides import DOMAINS, Domain
from model.schema.kinds import FOLDERS, KINDS
from tests.source_texts import assignments

PACKAGE = Path(errors.__file__).parent
PLACE, TEXT, FIGURE = "\0", "\1", "\2"  # stand for a place until it has its number
MARKS = {PLACE: "", TEXT: ":text", FIGURE: ":figure"}
NAME = re.compile(rf"\w+|{PLACE}")
DEEPEST = 12  # names that stand for names

# What makes an error -> which of its arguments are texts; which argument is the kind of a name that nothing carries.
ARGUMENTS = {"InputError": (1, 2), "LinkError": (0,), "RefusedError": (0,), "StorageError": (0,), "UsageError": (0,)}
BASES = ARGUMENTS | {"CostclaimError": (0,)}
UNKNOWN = {"UnknownNameError": 1, "known": 1, "named": 2}
MARKED = {"label", "domain", "kind_of", "_dimension", "_description", "told"}  # names, attributes and functions that hold a text of ours
HANDED_ON = "told"  # under this name a function takes a part of its message
UNSEEN = {"removesuffix", "removeprefix", "partition", "describe"}  # functions that give no text of ours


Calls = Sequence[tuple[ast.Call, "Scope"]]


@dataclass(frozen=True)
class Scope:
    """The names of a function, or of a module: the expressions that each may stand for, and where these are read."""

    outer: Scope | None = None
    parameters: Mapping[str, Sequence[tuple[ast.expr, Scope]]] = field(default_factory=dict)
    values: dict[str, list[tuple[ast.expr, Scope]]] = field(default_factory=dict)

    def held(self, name: str) -> list[tuple[ast.expr, Scope]]:
        """What a name may stand for."""
        return self.values.get(name) or [*self.parameters.get(name, ())] or (self.outer.held(name) if self.outer else [])

    def inside(self, node: ast.FunctionDef | ast.Module, calls: Calls = ()) -> Scope:
        """The names of a function below this scope, or of a module; ``calls`` are those of the module."""
        own = Scope(self, handed(node, calls) if isinstance(node, ast.FunctionDef) and node.name != "__init__" else {})
        # A module's own names are those of its top; what its functions hold is read with them.
        body = [part for part in node.body if not isinstance(part, ast.FunctionDef | ast.ClassDef)]
        for target, value in assignments(body if isinstance(node, ast.Module) else node.body):
            own._bind(target, value)
        return own

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Tuple(elts=targets), ast.Tuple(elts=values):
                for part, own in zip(targets, values, strict=False):
                    self._bind(part, own)
            case ast.Name(id=name), _:
                self.values.setdefault(name, []).append((value, self))


class ErrorTexts:
    """Collects the texts of the errors of one module; ``shared`` are functions of other modules that give a text."""

    def __init__(self, tree: ast.Module, shared: Mapping[str, ast.FunctionDef]) -> None:
        self._functions = {**shared, **functions(tree)}
        self._module = Scope().inside(tree)
        self._calls = [(node, self._module) for node in ast.walk(tree) if isinstance(node, ast.Call)]
        self.unread: set[str] = set()
        self.found = set(map(numbered, self._below(tree, self._module, "")))

    def _below(self, node: ast.AST, scope: Scope, base: str) -> Iterator[str]:
        """Texts of all errors below a node; ``base`` is what the class around it extends."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                yield from self._below(child, scope.inside(child, self._calls), base)
            elif isinstance(child, ast.ClassDef):
                yield from self._below(child, scope, name_of(child.bases[0]) if child.bases else "")
            else:
                yield from self._of_call(child, scope, base) if isinstance(child, ast.Call) else ()
                yield from self._below(child, scope, base)

    def _of_call(self, call: ast.Call, scope: Scope, base: str) -> Iterator[str]:
        name = name_of(call.func)
        for place in ARGUMENTS.get(name, BASES.get(base, ()) if name == "__init__" else ()):
            if place < len(call.args):
                texts = self._texts(call.args[place], scope)
                self.unread |= set() if any(map(numbered, texts)) else {ast.unparse(call.args[place])}
                yield from texts
        for kind in call.args[UNKNOWN[name] :][:1] if name in UNKNOWN else ():
            yield from map(unknown, self._texts(kind, scope) - {PLACE})
        if name == "ValueError" and call.args:  # shown with a full stop
            yield from (f"{text}." for text in self._texts(call.args[0], scope))
        for word in call.keywords:
            if word.arg == HANDED_ON:
                yield from self._texts(word.value, scope)

    def _texts(self, node: ast.expr, scope: Scope, depth: int = 0) -> set[str]:
        """Every text that an expression may be; a place where it is none that the source holds."""
        if depth > DEEPEST or name_of(node) in UNSEEN:
            return {PLACE}
        if name_of(node) in MARKED:
            return {TEXT}
        inner = partial(self._texts, scope=scope, depth=depth + 1)
        match node:
            case ast.Constant(value=str(text)):
                found = {text}
            case ast.JoinedStr(values=parts):
                found = joined(map(inner, parts))
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                found = inner(value)
                found = {PLACE} if all(NAME.fullmatch(text) for text in found) else found
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value=str(form))])) if "." in form or "," in form:
                found = {FIGURE}
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                found = joined([inner(left), inner(right)])
            case ast.BinOp(left=left, op=ast.Mult()):
                found = inner(left) | {""}
            case _:
                found = set().union(*(self._texts(*one, depth + 1) for one in self._alternatives(node, scope)))
        return found or {PLACE}

    def _alternatives(self, node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]]:
        """Expressions, one of which an expression is."""
        match node:
            case ast.Name(id=name):
                return scope.held(name)
            case ast.IfExp(body=first, orelse=second):
                return [(first, scope), (second, scope)]
            case ast.Call(func=ast.Name(id="next"), args=[ast.GeneratorExp(elt=one), other]):
                return [(one, scope), (other, scope)]
            case ast.Call(func=ast.Attribute(attr="join"), args=[ast.List(elts=parts)]):
                return [(part, scope) for part in parts if not isinstance(part, ast.Starred)]
            case ast.Call(func=function) if own := self._functions.get(name_of(function)):
                within = self._module.inside(own, self._calls)
                return [(part.value, within) for part in ast.walk(own) if isinstance(part, ast.Return) and part.value]
        return []


def name_of(node: ast.expr) -> str:
    """The last name of an expression: of what is called, of an attribute, of a part of something."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return name_of(inner)
    return ""


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """Functions and methods that give a text."""
    found = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return {node.name: node for node in found if node.returns is not None and ast.unparse(node.returns) == "str"}


def handed(node: ast.FunctionDef, calls: Calls) -> dict[str, list[tuple[ast.expr, Scope]]]:
    """What calls hand over for each parameter of a function, defaults included."""
    names = [argument.arg for argument in node.args.args if argument.arg != "self"]
    found: dict[str, list[tuple[ast.expr, Scope]]] = {}
    for call, scope in calls:
        if name_of(call.func) == node.name:
            given = [*zip(names, call.args, strict=False), *((word.arg, word.value) for word in call.keywords)]
            for name, value in given:
                found.setdefault(name or "", []).append((value, scope))
    for name, value in zip(reversed(names), reversed(node.args.defaults), strict=False):
        found.setdefault(name, []).append((value, Scope()))
    return found


def joined(parts: Iterable[set[str]]) -> set[str]:
    """Every text that a row of parts may be."""
    return {re.sub(f"{PLACE}+", PLACE, "".join(texts)) for texts in itertools.product(*parts)}


def numbered(text: str) -> str:
    """A template with its places numbered; nothing where it holds no words of its own."""
    numbers = itertools.count(1)
    template = re.sub(f"[{''.join(MARKS)}]", lambda place: f"{{{next(numbers)}{MARKS[place[0]]}}}", text)
    return template.strip() if re.search(r'[^\W\d]|"', text) else ""


def unknown(kind: str) -> str:
    """What is said of a name that nothing of its kind carries."""
    return f'there is no {kind} "{PLACE}".'


@cache
def modules() -> tuple[ErrorTexts, ...]:
    """The errors of every module."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(PACKAGE.glob("**/*.py"))]
    shared = functions(ast.parse(Path(errors.__file__).read_text(encoding="utf-8")))
    return tuple(ErrorTexts(tree, shared) for tree in trees)


def error_messages() -> set[str]:
    """Templates of all errors, and the texts that stand in marked places."""
    found = set().union(*(module.found for module in modules()))
    kinds = {kind.removesuffix("s") for kind in FOLDERS} | set(KINDS)
    found |= {numbered(unknown(kind)) for kind in kinds} | {str(domain) for domain in (*DOMAINS.values(), Domain())}
    found |= {*units.KINDS.values(), "{1}-hours", *_descriptions()}  # the hours are those of a chip, as a unit is named
    return found - {"", numbered(unknown(PLACE))}


def _descriptions() -> Iterator[str]:
    """What a missing key is for."""
    fields = itertools.chain.from_iterable(model.model_fields.values() for model in (KINDS | FOLDERS).values())
    return (own.description for own in fields if own.description)
