"""Reads ``assumptions/`` into one frozen Registry."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from model.errors import CheckFailed, InputError, UnknownNameError, suggestion
from model.schema.assumption import (
    Architecture,
    Case,
    Chip,
    Choice,
    Component,
    CorrelationSet,
    EstimateClass,
    Fleet,
    Parameter,
    PriceObservation,
    Rule,
    Scope,
    Subject,
    Weight,
)
from model.schema.base import Entry, Source
from model.schema.claim import MISSING_PART, Claim
from model.schema.kinds import FOLDERS, KINDS
from model.schema.scenario import Scenario

E = TypeVar("E", bound=Entry)
LARGEST_FILE = 1_000_000  # bytes of a file that a user hands over

# Kinds with many entries that no estimate needs, and the files that hold them.
ARCHIVE = ("source", "price_observation", "backtest_run")
ARCHIVE_FILES = ("price_observations.toml", "backtest.toml")


def default_root() -> Path:
    """The assumptions of the checkout, or those that the installed package carries."""
    package = Path(__file__).parent
    checkout = package.parent / "assumptions"
    return checkout if checkout.is_dir() else package / "_assumptions"


@dataclass(frozen=True)
class Located:
    """An entry and the file that it stands in, relative to the root."""

    entry: Entry
    file: str


Tables = dict[str, dict[str, Located]]


class Registry:
    """Every entry of a folder of assumptions, by kind and id. Kinds are parsed when first asked for."""

    def __init__(self, root: Path, texts: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._texts = dict(texts) if texts is not None else _read_files(root)

    @cached_property
    def sha256(self) -> str:
        """Data version: over sorted relative paths and contents with line feeds as line ends."""
        digest = hashlib.sha256()
        for name, text in self._texts.items():
            digest.update(f"{name}\0{text}\0".encode())
        return digest.hexdigest()

    @cached_property
    def _tables(self) -> Tables:
        return self._parsed(archive=False)

    @cached_property
    def _archive(self) -> Tables:
        """Kinds of ``ARCHIVE``, parsed when first asked for."""
        return self._parsed(archive=True)

    def _parsed(self, *, archive: bool) -> Tables:
        tables, problems = self._collected(archive=archive)
        _raise_all(problems)
        return tables

    def _collected(self, *, archive: bool) -> tuple[Tables, list[InputError]]:
        tables: Tables = {kind: {} for kind in KINDS}
        problems: list[InputError] = []
        for name, text in self._texts.items():
            if name.split("/")[0] not in FOLDERS and _is_archive(name) == archive:
                _collect(name, text, tables, problems)
        return tables, problems

    def readable(self) -> tuple[Registry, list[InputError]]:
        """The entries that can be read, and what is wrong with the others, in all files."""
        texts, problems = dict(self._texts), list[InputError]()
        for name in [name for name in texts if name.split("/")[0] in FOLDERS]:
            try:
                _single_file(name, texts[name])
            except CheckFailed as error:
                problems.extend(error.problems)
                del texts[name]
            except InputError as error:
                problems.append(error)
                del texts[name]
        readable = Registry(self.root, texts)
        readable._tables, faults = readable._collected(archive=False)
        readable._archive, archived = readable._collected(archive=True)
        return readable, [*problems, *faults, *archived]

    def declared(self, name: str) -> frozenset[str]:
        """Ids that a file gives to its entries, whether or not they can be read."""
        kind, _, rest = name.partition("/")
        if kind in FOLDERS:
            return frozenset({rest.removesuffix(".toml")})
        return frozenset(re.findall(r'^id = "(.*)"', self._texts[name], re.MULTILINE))

    @property
    def files(self) -> tuple[str, ...]:
        """Every file, relative to the root."""
        return tuple(self._texts)

    def text(self, file: str) -> str:
        """Content of one file of the registry."""
        return self._texts[file]

    def located(self, kind: str) -> Mapping[str, Located]:
        """Entries of one kind with their files, by id."""
        if kind in FOLDERS:
            return {name: self._single(kind, name) for name in self.names(kind)}
        return (self._archive if kind in ARCHIVE else self._tables)[kind]

    def names(self, kind: str) -> tuple[str, ...]:
        """Ids of one kind; for claims and scenarios without parsing them."""
        if kind in FOLDERS:
            return tuple(name.removeprefix(f"{kind}/").removesuffix(".toml") for name in self._texts if name.startswith(f"{kind}/"))
        return tuple(self.located(kind))

    def entry(self, kind: str, identifier: str, where: str = "") -> Entry:
        """One entry.

        Raises
        ------
        UnknownNameError
            No entry of that kind has the id; the message offers the nearest.
        """
        if identifier not in self.names(kind):
            called = kind.removesuffix("s") if kind in FOLDERS else kind  # a folder is named after all of its files
            raise UnknownNameError(where or "assumptions", called, identifier, self.names(kind))
        return self._single(kind, identifier).entry if kind in FOLDERS else self.located(kind)[identifier].entry

    def _single(self, kind: str, identifier: str) -> Located:
        name = f"{kind}/{identifier}.toml"
        return _single_file(name, self._texts[name])

    def one(self, kind: str, identifier: str, of: type[E], where: str = "") -> E:
        entry = self.entry(kind, identifier, where)
        assert isinstance(entry, of)
        return entry

    def _all(self, kind: str, of: type[E]) -> dict[str, E]:
        return {identifier: item.entry for identifier, item in self.located(kind).items() if isinstance(item.entry, of)}

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        return self._all("parameter", Parameter)

    @cached_property
    def components(self) -> dict[str, Component | Parameter]:
        """All cost components: equations and parameters that are one."""
        return {**self._all("component", Component), **{name: p for name, p in self.parameters.items() if p.component}}

    @cached_property
    def choices(self) -> dict[str, Choice]:
        return self._all("choice", Choice)

    @cached_property
    def weights(self) -> dict[str, Weight]:
        return self._all("weight", Weight)

    @cached_property
    def cases(self) -> dict[str, Case]:
        return self._all("case", Case)

    @cached_property
    def fleets(self) -> dict[str, Fleet]:
        return self._all("fleet", Fleet)

    @cached_property
    def scopes(self) -> dict[str, Scope]:
        return self._all("scope", Scope)

    @cached_property
    def rules(self) -> dict[str, float]:
        return {name: rule.value for name, rule in self._all("rule", Rule).items()}

    @cached_property
    def estimate_classes(self) -> dict[str, EstimateClass]:
        return self._all("estimate_class", EstimateClass)

    @cached_property
    def correlation_sets(self) -> dict[str, CorrelationSet]:
        return self._all("correlation_set", CorrelationSet)

    @cached_property
    def sources(self) -> dict[str, Source]:
        return self._all("source", Source)

    @cached_property
    def price_observations(self) -> dict[str, PriceObservation]:
        return self._all("price_observation", PriceObservation)

    @cached_property
    def chips(self) -> dict[str, Chip]:
        return self._all("chip", Chip)

    def subject(self, identifier: str) -> Subject:
        return self.one("subjects", identifier, Subject)

    def architecture(self, identifier: str) -> Architecture:
        return self.one("architecture", identifier, Architecture)

    def claim(self, identifier: str) -> Claim:
        return self.one("claims", identifier, Claim)

    def scenario(self, identifier: str) -> Scenario:
        return self.one("scenarios", identifier, Scenario)


def load_registry(path: str | Path | None = None) -> Registry:
    """Registry of a folder of assumptions; the project's own when none is named.

    Raises
    ------
    InputError, CheckFailed
        The folder does not exist or holds no scenario; files cannot be read or are not UTF-8.
    """
    root = Path(path) if path is not None else default_root()
    if not root.is_dir():
        raise InputError(str(root), "is not a folder.", "Name a folder laid out like assumptions/.")
    registry = Registry(root)
    if not registry.names("scenarios"):
        raise InputError(str(root), "holds no scenarios/*.toml.", "Name a folder laid out like assumptions/.")
    return registry


def _read_files(root: Path) -> dict[str, str]:
    texts = {}
    problems: list[InputError] = []
    for path in sorted(root.rglob("*.toml"), key=lambda path: path.relative_to(root).as_posix()):
        name = path.relative_to(root).as_posix()
        if not path.is_file():
            problems.append(InputError(name, "is no file.", "Remove this link, folder or pipe, or call it something else."))
            continue
        try:
            texts[name] = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            problems.append(InputError(name, f"byte {error.start} is not UTF-8.", "Save the file as UTF-8."))
    _raise_all(problems)
    return texts


@lru_cache(maxsize=512)
def _single_file(name: str, text: str) -> Located:
    """The entry of a file that holds one, named by its id; parsed once."""
    kind, _, rest = name.partition("/")
    entry = parse_entry(name, read_toml(name, text), FOLDERS[kind])
    stem, written = rest.removesuffix(".toml"), getattr(entry, "id", "")
    if written != stem:
        raise InputError(name, f'id = "{written}"', f'Write id = "{stem}", as the file is named.')
    return Located(entry, name)


def _is_archive(name: str) -> bool:
    return name.startswith("sources/") or name in ARCHIVE_FILES


def read_toml(name: str, text: str) -> dict[str, Any]:
    """Parse TOML.

    Raises
    ------
    InputError
        The text is not TOML; the message has line and column.
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, or brackets without end
        raise InputError(name, f"is not valid TOML: {error}.", "See https://toml.io for the syntax.") from None


def read_entry(path: str | Path, schema: type[E], known: Iterable[str] = ()) -> E:
    """The entry of a user's TOML file; ``known`` are ids that would do instead of a file.

    Raises
    ------
    InputError, CheckFailed
        No such file, too large, not UTF-8, not TOML, or wrong keys.
    """
    file, name = Path(path), str(path)
    if not file.is_file():
        raise InputError(name, "no such file.", suggestion(file.stem, known))
    if file.stat().st_size > LARGEST_FILE:
        raise InputError(name, f"has {file.stat().st_size:,} bytes.", f"Such a file has at most {LARGEST_FILE:,}.")
    try:
        content = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(name, "is not UTF-8.", "Save the file as UTF-8.") from None
    return parse_entry(file.name, read_toml(file.name, content), schema)


def _collect(name: str, text: str, tables: Tables, problems: list[InputError]) -> None:
    try:
        content = read_toml(name, text)
    except InputError as error:
        problems.append(error)
        return
    for key, items in content.items():
        if key not in KINDS or not isinstance(items, list):
            problems.append(InputError(name, f'key "{key}" is not known here.', suggestion(key, KINDS)))
            continue
        for number, item in enumerate(items, start=1):
            _collect_item(name, key, number, item, tables=tables, problems=problems)


def _collect_item(name: str, key: str, number: int, item: object, *, tables: Tables, problems: list[InputError]) -> None:
    names = item if isinstance(item, dict) else {}
    identifier = str(names.get("id", names.get("scope", f"number {number}")))
    where = f"{name}: {key} {identifier}"
    try:
        entry = parse_entry(where, item, KINDS[key])
    except CheckFailed as error:
        problems.extend(error.problems)
        return
    if identifier in tables[key]:
        problems.append(InputError(where, "stands twice;", f"first in {tables[key][identifier].file}. Ids are unique."))
    tables[key][identifier] = Located(entry, name)


def parse_entry(where: str, content: object, model: type[E]) -> E:
    """Validate one entry.

    Raises
    ------
    CheckFailed
        One problem per wrong key, each with what is accepted.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise CheckFailed([_problem(where, detail, model) for detail in error.errors(include_url=False)]) from None


def _problem(where: str, detail: Any, model: type[BaseModel]) -> InputError:
    location = [str(part) for part in detail["loc"]]
    if detail["type"] == MISSING_PART:
        location.append(detail["ctx"]["part"])
    place = f"{where}: {'.'.join(location)}" if location else where
    if detail["type"] == "extra_forbidden":
        return InputError(place, "is not a known key.", suggestion(location[-1], _fields_at(model, location[:-1])))
    if detail["type"] in ("missing", MISSING_PART):
        hint = _description(model, location)
        return InputError(place, "is missing.", f"Add it{': ' + hint if hint else ''}.")
    found = f"found {detail['input']!r}" if not isinstance(detail["input"], dict | list) else "found a table or list"
    return InputError(place, f"{found};", f"{detail['msg'].removeprefix('Value error, ')}.")


def _fields_at(model: type[BaseModel], path: list[str]) -> list[str]:
    """Field names where a wrong key stands; the whole model's when the place is inside a union."""
    current: Any = model
    for part in path:
        field = getattr(current, "model_fields", {}).get(part)
        nested = list(_types_in(field.annotation)) if field is not None else []
        if len(nested) != 1:
            continue
        current = nested[0]
    return list(current.model_fields)


def _types_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in getattr(annotation, "__args__", ()) for found in _types_in(argument)]


def _description(model: type[BaseModel], path: list[str]) -> str:
    field = model.model_fields.get(path[0]) if path else None
    return (field.description or "") if field is not None else ""


def _raise_all(problems: list[InputError]) -> None:
    if problems:
        raise CheckFailed(problems)
