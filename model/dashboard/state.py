"""What a visitor has chosen: kept in the session, restored from a link, checked before it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

import streamlit as st

from model.auditor.audit import Verdict, audit, run_for
from model.engine import Run
from model.errors import CostclaimError
from model.permalink import Link, decode, encode, link_to
from model.refusals import said
from model.registry import Registry, load_registry
from model.tabular import plain_lines
from model.wording import ENGLISH, LANGUAGES, Language

FIRST_CLAIM = "deepseek-v3-5.576m"
AUDITS_KEPT = 16  # each holds some 2 MiB
ONE_AT_A_TIME = Lock()  # side by side, audits only take the interpreter from each other


@dataclass(frozen=True)
class Choices:
    """Claim, scenario, changed assumptions (id -> written value) and the scope in view."""

    claim: str = FIRST_CLAIM
    scenario: str = "zheng"
    changes: tuple[tuple[str, str], ...] = ()
    scope: str = "project"

    @property
    def written(self) -> tuple[str, ...]:
        """The changes as on the command line."""
        return tuple(f"{name}={value}" for name, value in self.changes)


@dataclass(frozen=True)
class View:
    """All that a page draws from: the language, the assumptions, the choices, and what follows from them when it is asked for."""

    language: Language
    registry: Registry
    choices: Choices
    known: Verdict | None = None
    embedded: bool = False

    @cached_property
    def verdict(self) -> Verdict:
        """The audit of the claim, in every scope."""
        return self.known or audited(self.choices.claim, self.choices.scenario, self.choices.written)

    @cached_property
    def run(self) -> Run:
        """The scope in view alone: all that a moving slider has to wait for."""
        return self.known.run if self.known else computed(self.choices)

    def route_name(self, route: str) -> str:
        """A route's label, as the controls of its weight have it."""
        entry = self.registry.weights.get(f"route.{route}")
        return self.text(entry.label if entry else route.replace("_", " "))

    def text(self, template: str, **values: object) -> str:
        """A text in the visitor's language, its places filled."""
        return self.language.fill(template, values) if values else self.language.text(template)

    def scope_label(self, scope: str) -> str:
        """Name of a scope in the visitor's language."""
        return self.text(self.registry.scopes[scope].label)


@st.cache_resource(show_spinner=False)
def registry() -> Registry:
    """The assumptions, read once for all sessions."""
    return load_registry()


@st.cache_resource(max_entries=AUDITS_KEPT, show_spinner="…")
def audited(claim: str, scenario: str, changes: tuple[str, ...]) -> Verdict:
    """A verdict, shared by all sessions that ask for the same."""
    with ONE_AT_A_TIME:
        return audit(claim, scenario=scenario, changes=changes, registry=registry())


def computed(choices: Choices) -> Run:
    """The run of the scope in view, shared by all sessions."""
    return _computed(choices.claim, choices.scenario, choices.written, choices.scope)


@st.cache_resource(max_entries=2 * AUDITS_KEPT, show_spinner=False)
def _computed(claim: str, scenario: str, changes: tuple[str, ...], scope: str) -> Run:
    with ONE_AT_A_TIME:
        return run_for(registry().claim(claim), scenario, registry(), changes=changes, scopes=[scope])


def current_language() -> Language:
    """Chosen in the sidebar or the link, else the browser's; kept, since a change of page drops what the address holds."""
    asked = st.session_state.get("lang") or st.query_params.get("lang")
    if asked in LANGUAGES:
        st.session_state.lang = asked
    return LANGUAGES.get(asked or (st.context.locale or "en")[:2], ENGLISH)


def current_view() -> View:
    """The view of this rerun; on the first one, what the link asks for."""
    if "choices" not in st.session_state:
        st.session_state.choices = _from_link(st.query_params)
    choices: Choices = st.session_state.choices
    return View(current_language(), registry(), choices, embedded=bool(st.context.is_embedded))


def choose(**changed: Any) -> None:
    """Take a choice if it can be computed; else keep the last good one and remember why."""
    wanted = replace(st.session_state.choices, **changed)
    try:
        if computed(wanted).scope(wanted.scope).reason:
            wanted = replace(wanted, scope="final_run")  # another claim's subject may lack the scope in view
            computed(wanted)
    except CostclaimError as error:
        st.session_state.refused = plain_lines(said(error, current_language()))
        return
    st.session_state.pop("refused", None)
    st.session_state.choices = wanted


def change(name: str, value: str | None) -> None:
    """Change one assumption; None takes the change back."""
    changes = dict(st.session_state.choices.changes)
    changes.pop(name, None)
    if value is not None:
        changes[name] = value
    choose(changes=tuple(sorted(changes.items())))


def _from_link(parameters: Mapping[str, str]) -> Choices:
    """The state of a link; a link that cannot be kept to the letter says so in a banner."""
    known = registry()
    plain = Choices(claim=parameters.get("claim", FIRST_CLAIM))
    if plain.claim not in known.names("claims"):
        st.session_state.banner = ("There is no claim {claim}; the first one is shown.", {"claim": plain.claim})
        plain = Choices()
    if "s" not in parameters:
        return plain
    try:
        link = decode(parameters["s"])
        choices = Choices(link.claim, link.scenario, link.changes, link.scope)
        found = computed(choices)
        found.scope(choices.scope)
    except CostclaimError as error:
        st.session_state.banner = ("This link could not be restored. {reason}", {"reason": error.with_traceback(None)})
        return plain
    _say_what_changed(link, found)
    return choices


def _say_what_changed(link: Link, found: Run) -> None:
    """A banner with then and now, where another version made the link."""
    now = link_of(Choices(link.claim, link.scenario, link.changes, link.scope), found)
    if (link.engine, link.data) == (now.engine, now.data) or len(link.shown) != len(now.shown) or not now.shown:
        return
    template = "Made with version {then_version}; then {then:usd3} (90 %: {then_low:usd3} to {then_high:usd3}), now {now:usd3}."
    low, middle, high = link.shown
    values = {"then_version": f"{link.engine} / {link.data}", "then": middle, "then_low": low, "then_high": high, "now": now.shown[1]}
    st.session_state.banner = (template, values)


def link_of(choices: Choices, found: Run) -> Link:
    """The link to a state, with the figures of the scope in view."""
    return link_to(found, choices.claim, choices.scenario, choices.changes, choices.scope)


def link_text(view: View) -> str:
    """Query string of the state in view, language included."""
    return f"?s={encode(link_of(view.choices, view.run))}&lang={view.language.code}"
