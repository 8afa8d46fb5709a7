"""The frame around every page: navigation, claim, scenario and language, banner, link."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import chain
from types import ModuleType
from typing import Any

import streamlit as st

from model.auditor.stated import stated_figure
from model.dashboard.share import HOME, link_back, share
from model.dashboard.state import FIRST_CLAIM, View, audited, choose, current_view
from model.errors import CostclaimError
from model.refusals import said
from model.registry import Registry
from model.schema.claim import Claim
from model.setting import DEFAULT_SCENARIO
from model.tabular import plain_lines
from model.wording import LANGUAGES, Language

LOADED_LATER = ("pandas", "pyarrow.compute", "scipy.interpolate")  # what tables and slow laws import on their first use
# The pages in their order, by section of the navigation; each is a module in ``pages/`` with TITLE, ICON and draw(view).
SECTIONS = ("The answer", "What goes into it", "What it rests on", "What others say")
ORDER = (
    ("verdict", "explore", "why", "believe", "scenarios"),
    ("hours", "price", "overhead", "programme"),
    ("evidence", "update", "track_record", "method"),
    ("claims", "drift", "check_table"),
)
PAGES = tuple(chain.from_iterable(ORDER))
ANY_CLAIM = ("verdict", "evidence", "claims", "drift", "check_table", "track_record")  # the others draw DeepSeek's own ledger
SHARED_INSIDE = ("explore",)  # draws its share box itself, within what a slider draws again


def main() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="costclaim", page_icon="⚖️", layout="wide")
    view = _computable(current_view())
    modules = _modules()
    first = _first(modules)

    def page_of(name: str, **more: Any) -> Any:
        module = modules[name]
        return st.Page(partial(_draw, name, module.draw, view), title=view.text(module.TITLE), icon=module.ICON, **more)

    # The first page stands at the root, and is found by its own name as well.
    named = {name: page_of(name, **({"url_path": "home", "default": True} if name == first else {"url_path": name})) for name in modules}
    page = st.navigation([*named.values(), page_of(first, url_path=first, visibility="hidden")], position="hidden")
    if not view.embedded:
        _contents(view, named)
        _sidebar(view)
    _banner(view)
    if (asked := st.session_state.pop("open_page", "")) in named:
        st.switch_page(named[asked])
    page.run()


def _computable(view: View) -> View:
    """The view, or the plain scenario where some other scope of a changed one has no value; the message says why."""
    try:
        audited(view.choices.claim, view.choices.scenario, view.choices.written)
    except CostclaimError as error:
        st.session_state.refused = plain_lines(said(error, view.language))
        st.session_state.choices = replace(view.choices, changes=())
        return current_view()
    return view


@st.cache_resource(show_spinner=False)
def _modules() -> Mapping[str, ModuleType]:
    """The pages, imported once. What is loaded by then stays, so it is no longer searched for garbage after every run."""
    found = {name: import_module(f"model.dashboard.pages.{name}") for name in PAGES}
    for name in LOADED_LATER:
        import_module(name)
    audited(FIRST_CLAIM, DEFAULT_SCENARIO, ())  # what all visitors share is there
    gc.collect()
    gc.freeze()
    return found


def _first(modules: Container[str]) -> str:
    asked = st.query_params.get("view", HOME)
    return asked if asked in modules else HOME


def _draw(name: str, draw: Callable[[View], None], view: View) -> None:
    with st.container():  # a card that opens in it leaves what stands below in its place
        if name in ANY_CLAIM or view.run.subject.run:
            draw(view)
        else:
            template = "This page explains the cost of DeepSeek's models by its parts. Of {subject} no such parts are known."
            st.title(view.text(_modules()[name].TITLE))
            st.info(view.text(template, subject=view.text(view.run.subject.noun)))
    if view.embedded:
        link_back(view, name)
    elif name not in SHARED_INSIDE:
        share(view, name)


def claim_name(view_language: Language, claim: Claim, subject: str) -> str:
    """A claim as a picker shows it: the amount, what it is about, who says so."""
    return f"{stated_figure(claim, view_language)} · {subject} · {view_language.text(claim.claimant)}"


def _contents(view: View, named: Mapping[str, Any]) -> None:
    """Links to the pages by section; a list whose heads are no items of it, as Streamlit's own has, is a barrier to screen readers."""
    heads = [view.text(section) for section in SECTIONS]
    with st.sidebar.container(gap="xxsmall"):
        for head, names in zip(heads, ORDER, strict=True):
            st.caption(head)
            for name in names:
                st.page_link(named[name])


def _sidebar(view: View) -> None:
    registry = view.registry
    claims = sorted(registry.names("claims"), key=lambda name: name != "deepseek-v3-5.576m")
    scenarios = sorted(registry.names("scenarios"), key=lambda name: name != "zheng")
    names, labels = _names(registry, view.language.code)
    with st.sidebar:
        _picker(view.text("Claim"), claims, names, "claim", view.choices.claim)
        _picker(view.text("Scenario"), scenarios, labels, "scenario", view.choices.scenario)
        codes = list(LANGUAGES)
        st.segmented_control(
            view.text("Language"),
            codes,
            format_func=lambda code: LANGUAGES[code].name,
            default=view.language.code,
            key="pick_lang",
            on_change=_switch_language,
        )


@st.cache_resource(show_spinner=False)
def _names(_registry: Registry, code: str) -> tuple[dict[str, str], dict[str, str]]:
    """Claims and scenarios as the pickers show them."""
    language, claims = LANGUAGES[code], map(_registry.claim, _registry.names("claims"))
    names = {claim.id: claim_name(language, claim, _registry.subject(claim.subject).noun) for claim in claims}
    twice = {name for name, count in Counter(names.values()).items() if count > 1}
    names = {claim: f"{name} · {claim}" if name in twice else name for claim, name in names.items()}
    return names, {name: language.text(_registry.scenario(name).label) for name in _registry.names("scenarios")}


def _picker(label: str, options: list[str], names: dict[str, str], field: str, chosen: str) -> None:
    key = f"pick_{field}"
    st.session_state[key] = chosen
    st.selectbox(label, options, format_func=names.__getitem__, key=key, on_change=lambda: choose(**{field: st.session_state[key]}))


def _switch_language() -> None:
    code = st.session_state.pick_lang
    if code:
        st.session_state.lang = code
        st.query_params["lang"] = code


def _banner(view: View) -> None:
    if "banner" in st.session_state:
        template, values = st.session_state.banner
        told = {name: said(value, view.language) if isinstance(value, CostclaimError) else value for name, value in values.items()}
        st.warning(plain_lines(view.text(template, **told)))
    if refused := st.session_state.pop("refused", None):
        st.error(refused)
