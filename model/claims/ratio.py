"""Two costs set against each other: refused unless scope, price basis and year are shared, with what can be compared instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from model.comparison import paired
from model.engine import Run, run_setting
from model.errors import InputError, UnknownNameError
from model.numerical_error import mixed_quantiles
from model.other_models import RENTAL, market_price
from model.registry import Registry, load_registry
from model.routes import SCOPE_NODES
from model.schema.assumption import Subject
from model.schema.claim import UNDECLARED, Claim
from model.schema.scenario import Override
from model.setting import resolve

QUANTILES = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
COMPARED = tuple(SCOPE_NODES)[:5]  # nested flows of one model
FINAL_RUN = "final_run"


@dataclass(frozen=True)
class Side:
    """One side of a ratio: a claim with its amount, or a subject alone."""

    id: str
    subject: Subject
    claim: Claim | None

    @property
    def scope(self) -> str:
        """The scope that the amount prices."""
        return self.claim.priced if self.claim else UNDECLARED

    @property
    def basis(self) -> str:
        """What the amount's hours are priced at: the claimant's own price where it states one."""
        priced = self.claim is not None and any(fact.id == "price" for fact in self.claim.facts)
        return "claimed" if priced else UNDECLARED

    @property
    def usd(self) -> float | None:
        """The amount in US dollars."""
        return self.claim.dollars.value if self.claim and self.claim.dollars else None

    @property
    def year(self) -> int | None:
        """The year of its dollars."""
        return self.claim.dollars.price_year if self.claim and self.claim.dollars else None


@dataclass(frozen=True)
class LikeForLike:
    """Cost of the second over that of the first in one scope, both at rents of one date; or why there is none."""

    subject: str
    scope: str
    quantiles: Mapping[str, float] | None
    cost: Mapping[str, float] | None
    reason: str | None = None


@dataclass(frozen=True)
class Ratio:
    """The answer: the stated ratio where it means something, else what stands against it; and what can be compared."""

    first: Side
    second: Side | None
    stated: float | None
    refused: tuple[str, ...]
    day: date
    offers: tuple[LikeForLike, ...]
    rivals: tuple[LikeForLike, ...]

    def document(self) -> dict[str, object]:
        """The answer for scripts."""
        return {
            "first": self.first.id,
            "second": self.second.id if self.second else None,
            "ratio": self.stated,
            "refused": list(self.refused),
            "rents_of": self.day.isoformat(),
            "offers": [asdict(o) for o in self.offers],
            "rivals": [asdict(o) for o in self.rivals],
        }


def ratio(first: str, second: str | None = None, *, registry: Registry | None = None, scenario: str = "zheng") -> Ratio:
    """Set the cost of ``second`` over that of ``first``.

    Parameters
    ----------
    first, second : ids of claims or of subjects; the rivals of ``first`` alone without a second
    registry : assumptions; the project's own when none is given
    scenario : whose route weights and price basis are used

    Raises
    ------
    InputError
        No such claim or subject, or the first has no hours that could be priced.
    """
    registry = registry or load_registry()
    a, b = _side(first, registry), _side(second, registry) if second else None
    day = a.subject.released
    base = "hours_unknown" if day is None else _run_at(a.subject, day, registry, scenario, COMPARED)
    if day is None or isinstance(base, str):
        raise InputError(
            first, f"cannot be compared with ({base}).", "Name a model first whose hours and dated rents are known: deepseek-v3."
        )
    offers = () if b is None else tuple(_offers(base, b.subject, day, registry, scenario))
    refused = () if b is None else tuple(_differences(a, b))
    stated = b.usd / a.usd if b and a.usd and b.usd and not refused else None
    rivals = (_compared(base, _run_at(s, day, registry, scenario, (FINAL_RUN,)), s.id, FINAL_RUN) for s in _rivals(a.subject, registry))
    return Ratio(a, b, stated, refused, day, offers, tuple(rivals))


def _rivals(subject: Subject, registry: Registry) -> list[Subject]:
    """Every other model whose hours are known; a stage has stages alone as its rivals."""
    others = map(registry.subject, registry.names("subjects"))
    return [s for s in others if s.id != subject.id and (s.run or s.hours) and s.base_excluded == subject.base_excluded]


def _side(name: str, registry: Registry) -> Side:
    if name in registry.names("claims"):
        claim = registry.claim(name)
        return Side(name, registry.subject(claim.subject), claim)
    if name in registry.names("subjects"):
        return Side(name, registry.subject(name), None)
    raise UnknownNameError("ratio", "claim or subject", name, [*registry.names("claims"), *registry.names("subjects")])


def _differences(a: Side, b: Side) -> list[str]:
    """What the two amounts do not share, as reason codes."""
    if a.claim is None and b.claim is None:
        return []
    if a.usd is None or b.usd is None:
        return ["no_amount"]
    found = ["base_differs"] if a.subject.base_excluded != b.subject.base_excluded else []
    for name, one, other in (("scope", a.scope, b.scope), ("basis", a.basis, b.basis), ("year", a.year, b.year)):
        if UNDECLARED in (one, other):
            found.append(f"{name}_undeclared")
        elif one != other:
            found.append(f"{name}_differs")
    return found


def _run_at(subject: Subject, day: date, registry: Registry, scenario: str, scopes: Sequence[str]) -> Run | str:
    """The run of a subject at rents of its chip near a day, or why there is none."""
    if not (subject.run or subject.hours):
        return "hours_unknown"
    setting, rental = resolve(scenario, registry, changes=("price.basis=rental",)), registry.parameters[RENTAL]
    assumed = subject.chip == rental.chip and abs((rental.as_of - day).days) <= registry.rules["market_window"]
    market = setting.distributions[RENTAL] if assumed else market_price(registry, subject.chip, day)
    if market is None:
        return "no_price"
    kept = Override(id=RENTAL, value=subject.chip, reason=f"rents near {day}")  # else the subject's own date sets it
    priced = replace(setting, distributions={**setting.distributions, RENTAL: market}, overrides=(*setting.overrides, kept))
    return run_setting(priced, registry, subject.id, scopes)


def _offers(base: Run, subject: Subject, day: date, registry: Registry, scenario: str) -> list[LikeForLike]:
    alike = base.subject.base_excluded == subject.base_excluded  # a stage is never set against a whole model
    other = _run_at(subject, day, registry, scenario, COMPARED) if alike else "base_excluded"
    return [_compared(base, other, subject.id, scope) for scope in COMPARED]


def _compared(base: Run, other: Run | str, subject: str, scope: str) -> LikeForLike:
    """Quantiles of the ratio on the same draws: what both share, the state of the market above all, cancels."""
    if isinstance(other, str):
        return LikeForLike(subject, scope, None, None, other)
    for own in (base, other):
        if not own.scopes[scope].routes:
            return LikeForLike(subject, scope, None, None, own.scopes[scope].reason)
    drawn = paired([base.scopes[scope].routes, other.scopes[scope].routes])
    parts = [(weight, other.draws(scope, two) / base.draws(scope, one)) for weight, (one, two) in drawn]
    cost = {name: other.scopes[scope].cost_at(share) for name, share in QUANTILES.items()}
    return LikeForLike(subject, scope, mixed_quantiles(parts, QUANTILES), cost)
