"""The track record in a reader's language: rows of its tables and charts, and the card of a run."""

from __future__ import annotations

from collections.abc import Mapping

from model.auditor.audit import Verdict
from model.backtest.document import place_document
from model.backtest.predict import utilisation
from model.backtest.score import ESTIMATE, LEVELS, ONE_MFU, PLAIN, Backtest, binomial_band
from model.cards import Card, mark_of, place_of
from model.document import Document
from model.registry import Registry
from model.schema.run import BacktestRun
from model.views.verdict import Row
from model.wording import Language

METHODS: Mapping[str, str] = {ESTIMATE: "the estimate", ONE_MFU: "one utilisation for all", PLAIN: "6 × parameters × tokens at 40 %"}
KINDS_OF_RUN: Mapping[str, str] = {
    "use": "use",
    "chip": "chip",
    "size": "active parameters",
    "architecture": "architecture",
    "precision": "precision",
    "basis": "basis of the disclosure",
    "source": "source",
}
NAMES: Mapping[str, str] = {
    "calib": "independent disclosure",
    "stress": "suspect, never fitted",
    "below_2b": "below 2 billion",
    "2b_to_10b": "2 to 10 billion",
    "10b_to_40b": "10 to 40 billion",
    "from_40b": "40 billion and more",
    "dense": "dense",
    "moe": "mixture of experts",
    "ssm": "state-space model",
    "A": "GPU-hours stated",
    "B": "GPUs times time stated",
    "R": "stated rate times tokens",
    "D": "inferred",
    "read": "read",
    "restated": "restated",
    "not read": "not read",
    "not_stated": "not stated",
}


COVERAGE_HEADS = ("Interval", *METHODS.values(), "If right, 95 %")
METHOD_HEADS = ("Method", "CRPS", "Interval score, 80 %", "Mean |ln error|", "Within a factor of 2")
SLICE_HEADS = ("By", "Kind", "Runs", "Inside 80 %", "Disclosed / predicted, median", "Within a factor of 2", "CRPS")
RUN_HEADS = ("Run", "Date", "Chip", "Disclosed", "Predicted, median", "P10", "P90", "Share below")


def headline(found: Backtest, language: Language) -> str:
    """The record in one sentence."""
    score, n = found.score(), len(found.runs)
    low, high = binomial_band(n, 0.8)
    share = score.coverage["80"]
    values = {"held": round(share * n), "n": n, "share": share, "low": low, "high": high, "near": score.within_factor_2}
    template = (
        "{held} of {n} runs lie inside their 80 % interval: {share:percent3}, where a calibrated one holds {low:percent3} to "
        "{high:percent3}. The median is within a factor of 2 for {near:percent3} of them."
    )
    return language.fill(template, values)


def coverage_rows(found: Backtest, language: Language) -> list[Row]:
    """Share of runs inside the interval of each level, by method, and the shares that chance allows where the level is right."""
    scores, rows = [found.score(name) for name in METHODS], []
    for key, level in LEVELS.items():
        band = " – ".join(language.percent(end, 3) for end in binomial_band(len(found.runs), level))
        shares = (language.percent(score.coverage[key], 3) for score in scores)
        rows.append(dict(zip(COVERAGE_HEADS, (language.percent(level), *shares, band), strict=True)))
    return rows


def method_rows(found: Backtest, language: Language) -> list[Row]:
    """Scores of each method in ln GPU-hours; less is better but for the last."""
    rows = []
    for name, label in METHODS.items():
        score = found.score(name)
        figures = [language.number(value, 3) for value in (score.crps, score.interval_score["80"], score.mean_abs_ln_error)]
        near = language.percent(score.within_factor_2, 3)
        rows.append(dict(zip(METHOD_HEADS, (language.text(label), *figures, near), strict=True)))
    return rows


def slice_rows(found: Backtest, language: Language) -> list[Row]:
    """The estimate's score by kind of run."""
    rows = []
    for kind, scores in found.slices().items():
        for name, score in scores.items():
            words = (language.text(KINDS_OF_RUN[kind]), language.text(NAMES[name]) if name in NAMES else name, str(score.n))
            shares = [language.percent(share, 3) for share in (score.coverage["80"], score.within_factor_2)]
            figures = (shares[0], language.number(score.median_ratio, 3), shares[1], language.number(score.crps, 3))
            rows.append(dict(zip(SLICE_HEADS, (*words, *figures), strict=True)))
    return rows


def place_text(place: Document | None, language: Language) -> str:
    """Where a run lies in predictions that did not see its family; nothing where it is not on file."""
    if place is None:
        return ""
    plain = place[ONE_MFU]
    template = (
        "{model} disclosed {hours:count} GPU-hours of pre-training. Predicted from other families: {p50:count} (80 %: {p10:count} to "
        "{p90:count}); {percentile:percent2} of the prediction lies below the disclosure. With one utilisation for all: "
        "{all50:count} ({all10:count} to {all90:count}) and {below:percent2}."
    )
    values = {"model": place["model"], "hours": place["gpu_hours_disclosed"], **place[ESTIMATE], "below": plain["percentile"]}
    return language.fill(template, values | {f"all{name}": plain[f"p{name}"] for name in ("10", "50", "90")})


def subject_place(verdict: Verdict, language: Language) -> str:
    """The same for the model that a claim's figure is about; nothing where its run is not on file."""
    return place_text(place_document(verdict.claim.source_subject or verdict.claim.subject, verdict.run.registry), language)


def pit_rows(document: Document, language: Language) -> list[Row]:
    """Runs by tenth of the prediction in which the disclosure lies."""
    low, high = document["pit"]["band"]
    counts = document["pit"]["counts"]
    labels = [f"{10 * i}–{language.percent(0.1 * (i + 1))}" for i in range(len(counts))]
    return [{"label": label, "count": count, "low": low, "high": high} for label, count in zip(labels, counts, strict=True)]


def predicted_rows(document: Document) -> list[Row]:
    """Disclosed hours against the prediction and its central 80 %."""
    rows = sorted(document["runs"], key=lambda run: (run["hw_gen"], run["gpu_hours_disclosed"]))
    return [
        {"label": r["model"], "hours": r["gpu_hours_disclosed"], "low": r["p10"], "mid": r["p50"], "high": r["p90"], "group": r["hw_gen"]}
        for r in rows
    ]


def run_card(verdict: Verdict, identifier: str, language: Language) -> Card:
    """The card of a run with disclosed hours."""
    registry, text = verdict.run.registry, language.text
    run = registry.entry("backtest_run", identifier)
    assert isinstance(run, BacktestRun)
    lines = (
        (text("Disclosed GPU-hours"), language.number(run.gpu_hours_disclosed, 7)),
        (text("basis of the disclosure"), text(NAMES[run.hours_basis])),
        (text("use"), text(NAMES[run.use])),
        (text("Date"), run.release_date),
        (text("Parameters"), language.fill("{n:count} active", {"n": 1e9 * run.params_active_b})),
        (text("Tokens"), language.count(1e12 * run.tokens_t)),
        (text("chip"), f"{run.hardware}, {language.count(1e12 * run.peak_bf16_dense_tflops)} FLOP/s, {run.precision}"),
        (text("implied utilisation (MFU)"), language.percent(utilisation(run), 3)),
        *([(text("Note"), text(run.note))] if run.note else []),
    )
    return Card(f"{run.model} ({run.developer})", lines, run.evidence, (), (), place_of(registry, "backtest_run", identifier), mark_of(run))


def run_cells(document: Document, registry: Registry, language: Language) -> list[tuple[str, str, str, list[str]]]:
    """Of each run, newest first: id, mark, name, and the other cells of its line."""
    found = []
    for line in document["runs"]:
        run = registry.entry("backtest_run", line["id"])
        assert isinstance(run, BacktestRun)
        mark = "†" * bool(mark_of(run)) + "*" * (run.use == "stress")
        hours = [language.count(line[key], 3) for key in ("gpu_hours_disclosed", "p50", "p10", "p90")]
        found.append((run.id, mark, run.model, [run.release_date, run.hardware, *hours, language.percent(line["percentile"], 2)]))
    return sorted(found, key=lambda cells: cells[3][0], reverse=True)
