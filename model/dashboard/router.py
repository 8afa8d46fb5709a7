"""The first page: the verdict on a claim and its scopes."""

from __future__ import annotations

import streamlit as st

from model.auditor import Verdict, audit
from model.document import audit_document
from model.registry import load_registry
from model.wording import money

FIRST_CLAIM = "deepseek-v3-5.576m"


@st.cache_resource(max_entries=32, show_spinner=False)
def _verdict(claim: str, scenario: str) -> Verdict:
    return audit(claim, scenario=scenario)


def _row(scope: dict[str, object]) -> dict[str, object]:
    figures = {name: scope[key] for name, key in (("P5", "p05"), ("P50", "p50"), ("P95", "p95"))}
    shown = {name: money(value, 3) if isinstance(value, float) else "absent" for name, value in figures.items()}
    label = str(scope["implication"] or scope["reason"] or "").replace("_", " ")
    return {"Scope": scope["label"], **shown, "The amount is": label}


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_title="costclaim", layout="wide")
    registry = load_registry()
    claims = [FIRST_CLAIM, *(name for name in registry.names("claims") if name != FIRST_CLAIM)]
    claim = st.sidebar.selectbox("Claim", claims)
    scenario = st.sidebar.selectbox("Scenario", sorted(registry.names("scenarios"), key=lambda name: name != "zheng"))
    document = audit_document(_verdict(claim, scenario))
    st.title("costclaim")
    st.subheader(document["verdict"]["sentence"])
    st.markdown(f"> {document['claim']['text']}\n>\n> {document['claim']['claimant']}, {document['claim']['date']}")
    st.dataframe([_row(scope) for scope in document["scopes"]], hide_index=True, width="stretch")
    st.caption("Cost in USD of 2024, central 90 % between P5 and P95; absent scopes say why.")
    with st.expander("Consistency checks"):
        st.dataframe([{"Check": c["id"].replace("_", " "), "Result": c["status"], "Finding": c["message"]} for c in document["checks"]])
