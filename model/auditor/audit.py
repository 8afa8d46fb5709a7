"""Claim and estimate -> consistency checks, three axes that are never merged, and one sentence with numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.auditor.checks import COMPUTING, run_checks
from model.auditor.stated import Check, Evidence
from model.auditor.verdict import Implication, Label, implication
from model.engine import Run, run
from model.errors import UnknownNameError
from model.estimate import ScopeEstimate
from model.numerical_error import Estimated
from model.registry import Registry, load_registry
from model.routes import SCOPE_NODES
from model.schema.claim import UNDECLARED, Amount, Claim
from model.schema.scenario import Scenario
from model.setting import DEFAULT_SCENARIO


@dataclass(frozen=True)
class Axis:
    """One axis of the verdict: a label with its reason codes; no label where the axis does not apply."""

    label: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ObjectionVerdict:
    """Whether the priced scope leaves out what an objection names, and what the scope that it asks for adds to the amount."""

    label: Label
    size_usd: Estimated | None
    implication: Implication | None


@dataclass(frozen=True)
class Verdict:
    """The audit of one claim. ``implications`` holds a label for every scope where one can be given."""

    claim: Claim
    run: Run
    facts: Mapping[str, float]
    checks: tuple[Check, ...]
    literal: Axis
    scope_axis: Axis
    implications: Mapping[str, Implication]
    implied_scope: str
    objection: ObjectionVerdict | None

    def scope(self, identifier: str) -> ScopeEstimate:
        """Estimate of one scope for the claim's subject."""
        return self.run.scope(identifier)

    @property
    def implication(self) -> Implication | None:
        """The label in the scope that the words suggest; None without an amount or where the scope is absent."""
        return self.implications.get(self.implied_scope)

    @property
    def sentence(self) -> str:
        """The verdict in one plain sentence."""
        from model.auditor.sentence import sentence

        return sentence(self)


def audit(
    claim: str | Claim,
    *,
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    registry: Registry | None = None,
    implied: str | None = None,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Verdict:
    """Audit a claim.

    Parameters
    ----------
    claim : id of a claim of the registry, or a Claim
    scenario : id of a scenario, path of a TOML file, or Scenario
    registry : assumptions; the project's own when none is given
    implied : read the claim in this scope instead of the one that its words suggest
    changes : ``"ID=VALUE"`` overrides, applied last
    points, seed : of the sample

    Raises
    ------
    CostclaimError
        Anything wrong with names, values or files.
    """
    registry = registry or load_registry()
    stated = registry.claim(claim) if isinstance(claim, str) else claim
    if implied is not None and implied not in SCOPE_NODES:
        raise UnknownNameError("--implied", "scope", implied, SCOPE_NODES)
    computed = run_for(stated, scenario, registry, changes=changes, points=points, seed=seed)
    return judge(stated, computed, implied or stated.implied)


def run_for(
    claim: Claim,
    scenario: str | Path | Scenario,
    registry: Registry,
    *,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
    scopes: Sequence[str] | None = None,
) -> Run:
    """The run of a claim's subject, at the claim's own price where no market is known."""
    restated = registry.claim(claim.restates) if claim.restates else None
    return run(
        scenario,
        registry=registry,
        subject=claim.subject,
        changes=changes,
        points=points,
        seed=seed,
        scopes=scopes,
        stated_price=facts_of(claim, restated).get("price"),
    )


def judge(claim: Claim, computed: Run, implied: str) -> Verdict:
    """The verdict on a claim from the run of its subject."""
    restated = computed.registry.claim(claim.restates) if claim.restates else None
    facts = facts_of(claim, restated)
    checks = run_checks(Evidence(claim, facts, computed, restated))
    implications = _implications(claim, computed)
    return Verdict(
        claim,
        computed,
        facts,
        checks,
        _literal(claim, facts, checks),
        _scope_axis(claim, implied),
        implications,
        implied,
        _objection(claim, computed, implications),
    )


def facts_of(claim: Claim, restated: Claim | None) -> dict[str, float]:
    """Stated facts by id; a cost that is retold inherits those of the claim that it restates."""
    inherited = {fact.id: fact.value for fact in restated.facts} if restated and claim.kind == "cost" else {}
    return inherited | {fact.id: fact.value for fact in claim.facts}


def _literal(claim: Claim, facts: Mapping[str, float], checks: Sequence[Check]) -> Axis:
    if claim.hedged:
        return Axis("not_enough_info", ("hedged_forecast" if claim.kind == "forecast" else "hedged",))
    moved = ("wrong_subject",) if claim.source_subject and claim.source_subject != claim.subject else ()
    reasons = tuple(f"{check.id}_{check.status}" for check in checks)
    if any(check.status == "fail" for check in checks):
        return Axis("refuted", moved + tuple(r for r in reasons if r.endswith("_fail")))
    if any(check.id in COMPUTING and check.status == "pass" for check in checks):
        return Axis("supported", moved + reasons)
    return Axis("not_enough_info", (*moved, *reasons, *_missing(claim, facts)))


def _missing(claim: Claim, facts: Mapping[str, float]) -> tuple[str, ...]:
    """What would have to be known to test a claim of which too little is."""
    if claim.kind == "no_claim":
        return ("no_amount_claimed",)
    if claim.kind != "cost":
        return ("nothing_to_check",)
    if claim.amount and claim.dollars is None:
        return ("unit_is_per_token" if "token" in claim.amount.unit else "missing_exchange_rate",)
    if claim.priced in ("lab_window", "fleet_capex"):
        return ("missing_parts",)
    hours = "gpu_hours" in facts or ("gpus" in facts and ("days" in facts or "hours" in facts))
    return tuple(code for code, known in (("missing_gpu_hours", hours), ("missing_price", "price" in facts)) if not known)


def _scope_axis(claim: Claim, implied: str) -> Axis:
    if not claim.has_scopes:
        return Axis(None, ("no_scope_applies",))
    priced = claim.priced
    if UNDECLARED in (priced, implied):
        return Axis(UNDECLARED, tuple(f"{of}_{scope}" for of, scope in (("priced", priced), ("implied", implied)) if scope != UNDECLARED))
    return Axis("match" if priced == implied else "mismatch", (f"priced_{priced}", f"implied_{implied}"))


def amount_against(claim: Claim, scope: str, registry: Registry) -> Amount | None:
    """The dollars of a claim that are set against the cost in a scope: never a purchase (a stock) against a flow, nor the reverse."""
    priced = registry.scopes.get(claim.priced)
    about_flow = priced.flow if priced else True
    return claim.dollars if registry.scopes[scope].flow == about_flow else None


def _implications(claim: Claim, computed: Run) -> dict[str, Implication]:
    """A label for every scope that is present and that the amount is set against."""
    present = {name: estimate for name, estimate in computed.scopes.items() if estimate.routes}
    compared = {name: amount_against(claim, name, computed.registry) for name in present}
    return {name: implication(amount, present[name], computed.registry.rules) for name, amount in compared.items() if amount}


def _objection(claim: Claim, computed: Run, implications: Mapping[str, Implication]) -> ObjectionVerdict | None:
    if claim.objection is None:
        return None
    priced = claim.priced
    label: Label = "not_enough_info"
    if priced != UNDECLARED:
        left_out = set(computed.registry.scopes[priced].omits_components)
        label = "supported" if left_out.issuperset(claim.objection.components) else "refuted"
    asked = computed.scopes[claim.objection.asked_scope]
    size = None
    if asked.routes and claim.dollars is not None and claim.dollars.value is not None:
        size = asked.cost_at(0.5).less(claim.dollars.value)
    return ObjectionVerdict(label, size, implications.get(claim.objection.asked_scope))
