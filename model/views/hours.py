"""GPU-hours as a claim states them against what physics asks for: rows for the page and for reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.auditor.audit import Verdict
from model.auditor.checks import shape_of
from model.auditor.stated import Evidence
from model.cost import compute
from model.cost.compute import Convention
from model.distributions import Array, Distribution
from model.views.verdict import FACTS, Row, quantile_row
from model.wording import Language

CONVENTIONS: Mapping[Convention, str] = {"causal": "causal", "non_causal": "full square", "6N": "6N"}
SHAPE: Mapping[str, str] = {
    "layers": "layers",
    "dense_layers": "dense layers",
    "hidden": "hidden size",
    "vocabulary": "vocabulary",
    "dense_width": "width of a dense layer",
    "sequence": "sequence length, tokens",
    "heads": "attention heads",
    "kv_heads": "key-value heads",
    "head_dim": "size of a head",
    "q_rank": "query rank",
    "kv_rank": "key-value rank",
    "nope": "query-key size without position",
    "rope": "query-key size with position",
    "v": "value size",
    "routed": "routed experts",
    "active": "active experts",
    "shared": "shared experts",
    "width": "width of an expert",
    "mtp_depth": "extra predicted tokens",
}
HOURS = "gpu_hours.pretraining"
CENTRAL = np.array([0.05, 0.5, 0.95])
CURVE = 160


def evidence_of(verdict: Verdict) -> Evidence:
    """What the checks of a verdict worked on."""
    restated = verdict.run.registry.claim(verdict.claim.restates) if verdict.claim.restates else None
    return Evidence(verdict.claim, verdict.facts, verdict.run, restated)


@dataclass(frozen=True)
class Stage:
    """Hours of one stage: the fact that states them, GPU-hours, and days on the stated GPUs."""

    fact: str
    label: str
    gpu_hours: float
    days: float | None


def stages(e: Evidence) -> tuple[Stage, ...]:
    """Stated stages, in the claim's order, then their stated total."""
    gpus = e.facts.get("gpus")
    hours = dict(e.parts())
    if gpus:
        hours |= {name: gpus * elapsed for name, elapsed in e.facts.items() if name.startswith("hours.")}
    if "gpu_hours" in e.facts:
        hours["gpu_hours"] = e.facts["gpu_hours"]
    return tuple(
        Stage(name, FACTS.get(name, name), value, float(compute.wall_clock_days(value, gpus=gpus)) if gpus else None)
        for name, value in hours.items()
    )


def missing(e: Evidence) -> tuple[str, ...]:
    """What a claim would have to give for its hours to be set against physics."""
    wanted = {
        "the shape of the model (layers, widths, experts)": e.architecture is not None,
        "the dense BF16 peak of the chip": e.peak_flop_per_s is not None,
        "the tokens of pre-training": e.has("tokens.pretraining"),
        "the GPU-hours of pre-training": e.has(HOURS),
    }
    return tuple(text for text, there in wanted.items() if not there)


@dataclass(frozen=True)
class Physics:
    """A run whose shape, tokens, peak and hours are all known."""

    architecture: str
    shape: compute.Shape
    tokens: float
    peak_flop_per_s: float
    gpu_hours: float
    published: Mapping[Convention, float]

    def flop_per_token(self, convention: Convention) -> float:
        """FLOP of one token by a convention."""
        return compute.flop_per_token(self.shape, convention)

    def hours(self, flop: Convention, mfu: Convention) -> float:
        """GPU-hours at the published utilisation; ``InputError`` where the two conventions differ."""
        return float(
            compute.gpu_hours(
                self.tokens,
                flop_per_token=self.flop_per_token(flop),
                flop_convention=flop,
                peak_flop_per_s=self.peak_flop_per_s,
                mfu=self.published[mfu],
                mfu_convention=mfu,
            )
        )

    def implied_mfu(self, convention: Convention) -> float:
        """Utilisation that the reported hours imply."""
        flop = self.flop_per_token(convention)
        return float(compute.implied_mfu(self.gpu_hours, tokens=self.tokens, flop_per_token=flop, peak_flop_per_s=self.peak_flop_per_s))

    def hours_at(self, mfu: Array) -> Array:
        """GPU-hours at other utilisations, attention counted causally."""
        flop = self.tokens * self.flop_per_token("causal")
        return flop / (self.peak_flop_per_s * mfu * compute.SECONDS_PER_HOUR)


def physics(e: Evidence) -> Physics | None:
    """The claim's run as physics sees it; None where something is missing."""
    if e.architecture is None or e.peak_flop_per_s is None or missing(e):
        return None
    published: dict[Convention, float] = {c: e.facts[f"mfu.{c}"] for c in CONVENTIONS if f"mfu.{c}" in e.facts}
    return Physics(e.architecture.id, shape_of(e.architecture), e.facts["tokens.pretraining"], e.peak_flop_per_s, e.facts[HOURS], published)


def hours_rows(run: Physics, reference: Distribution, language: Language) -> list[Row]:
    """Reported hours, those at the published utilisation by each convention, and those that the class of other runs needs."""

    def row(label: str, group: str, hours: Sequence[float], order: int) -> Row:
        millions = [value / 1e6 for value in hours]
        return quantile_row(
            language.text(label), millions, order=order, group=language.text(group), text=language.fill("{h:count}", {"h": hours[1]})
        )

    counted = {c: run.hours(c, c) for c in run.published}
    rows = [row("Reported", "stated", [run.gpu_hours] * 3, 0)]
    rows += [row(f"Published MFU, {CONVENTIONS[c]}", "physics", [hours] * 3, i) for i, (c, hours) in enumerate(counted.items(), start=1)]
    among = [float(h) for h in run.hours_at(reference.ppf(CENTRAL))[::-1]]
    return [*rows, row("MFU of comparable runs, 90 %", "physics", among, len(rows))]


def density_rows(distribution: Distribution, marker: float, label: str) -> list[Row]:
    """A distribution's density between P0.2 and P99.8, with a marker."""
    low, high = distribution.ppf(np.array([0.002, 0.998]))
    x = np.linspace(min(low, marker), max(high, marker), CURVE)
    density = np.gradient(distribution.cdf(x), x)
    return [{"x": float(at), "density": float(d), "marker": marker, "label": label} for at, d in zip(x, density, strict=True)]


def convention_rows(run: Physics, language: Language) -> list[tuple[Convention, list[str]]]:
    """Of each convention: name, FLOP per token, published MFU, hours at it, MFU that the reported hours imply."""
    rows = []
    for convention, label in CONVENTIONS.items():
        mfu = run.published.get(convention)
        published = ["–", "–"] if mfu is None else [language.percent(mfu), language.count(run.hours(convention, convention))]
        counted, implied = language.count(run.flop_per_token(convention)), language.percent(run.implied_mfu(convention), 3)
        rows.append((convention, [language.text(label), counted, *published, implied]))
    return rows


def parameter_rows(e: Evidence, language: Language) -> list[tuple[str, str, str]]:
    """Label, figure and card of the stated parameters, their ratio, and the weights at work as the shape has them."""
    rows = [(FACTS[f], language.count(e.facts[f]), f"fact:{f}") for f in ("parameters.active", "parameters.total") if f in e.facts]
    if len(rows) == 2:
        share = e.facts["parameters.active"] / e.facts["parameters.total"]
        rows.append(("active share", language.percent(share, 3), "fact:parameters.active"))
    if e.architecture:
        counted = language.count(compute.weight_macs(shape_of(e.architecture)))
        rows.append(("weights that multiply a token, counted from the shape", counted, f"architecture:{e.architecture.id}"))
    return [(language.text(label), figure, card) for label, figure, card in rows]


def shape_rows(e: Evidence) -> list[tuple[str, int]]:
    """Label and figure of each published size of the architecture."""
    if e.architecture is None:
        return []
    sizes = e.architecture.model_dump() | e.architecture.attention | (e.architecture.experts or {})
    return [(label, sizes[name]) for name, label in SHAPE.items() if sizes.get(name)]
