"""The front of a report: claim, verdict on three axes, ladder of scopes, checks, gap, what is left out, how to cite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from model import __version__
from model.auditor.audit import Verdict
from model.auditor.sentence import sentence
from model.auditor.stated import Check
from model.charts import Row
from model.document import audit_document
from model.errors import InputError, RefusedError
from model.explain.gap import Gap, gap_of
from model.explain.sensitivity import sensitivity_of
from model.permalink import DATA_DIGITS, encode, link_to, shell_command
from model.report.content import Block, Listing, Paragraph, Picture, Said, Section, Table
from model.views.verdict import ABSENT, CHECKS, LABELS, ladder_rows, objection_text, reason_text
from model.views.why import PARTS, gap_sentence, sensitivity_document, varies
from model.wording import Language

SHOWN_REASONS = 2
SHOWN_DRIVERS = 4
QUOTED = 60  # words of a claim in front, so that the front stays a page
LADDER_HEADS = ("Scope", "P5", "P50", "P95", "P(cost ≤ claim)", "The amount is")
DASHBOARD = "http://localhost:8501/"


@dataclass(frozen=True)
class Brief:
    """What a report is made from: a verdict, the reader's language, and the changes that were asked for."""

    verdict: Verdict
    language: Language
    changes: tuple[str, ...] = ()
    scenario: str = ""  # as it was asked for, where that is a file

    def text(self, template: str, **values: object) -> str:
        """A text in the reader's language, its places filled."""
        return self.language.fill(template, values) if values else self.language.text(template)

    def noted(self, template: str, *notes: str, **values: object) -> Said:
        """The same with its footnotes."""
        return Said(self.text(template, **values), notes)

    def scope_label(self, scope: str) -> str:
        """Name of a scope."""
        return self.text(self.verdict.run.registry.scopes[scope].label)

    @property
    def asked_scope(self) -> str:
        """The scope that the gap leads to: the objection's, that of the words, else the project."""
        claim = self.verdict.claim
        if claim.objection:
            return claim.objection.asked_scope
        return self.verdict.implied_scope if self.verdict.implied_scope not in (claim.priced, "undeclared") else "project"


def front(brief: Brief) -> tuple[Section, ...]:
    """Every section of the front that applies to the claim."""
    makers = (_verdict, _ladder, _checks, _gap, _drivers, _left_out, _cite)
    made = ((title, tuple(maker(brief))) for title, maker in zip(_titles(brief), makers, strict=True))
    return tuple(Section(title, blocks) for title, blocks in made if blocks)


def _titles(brief: Brief) -> tuple[str, ...]:
    heads = (
        "Verdict",
        "Cost by scope against the claim",
        "Consistency checks",
        "The gap, part by part",
        "What drives the cost",
        "What is left out",
        "How to cite",
    )
    return tuple(brief.text(head) for head in heads)


def _verdict(brief: Brief) -> Iterator[Block]:
    claim = brief.verdict.claim
    yield Paragraph(Said(shortened(claim.text), ("claim",)), "quote")
    if claim.translation and brief.language.code == "en":
        yield Paragraph(Said(shortened(claim.translation), ("claim",)), "quote")
    yield Paragraph(Said(f"{brief.text(claim.claimant)}, {claim.date.isoformat()}", ("claim",)))
    yield Paragraph(Said(sentence(brief.verdict, brief.language), _behind_the_sentence(brief.verdict)), "lead")
    yield Table(tuple(brief.text(head) for head in ("Axis", "Verdict", "Why")), tuple(_axes(brief)))
    objection, words = brief.verdict.objection, objection_text(brief.verdict, brief.language)
    if claim.objection and objection and words:
        asked = () if objection.size_usd is None else (f"scope:{claim.objection.asked_scope}",)
        yield Paragraph(Said(words, ("objection", *asked)))


def shortened(words: str) -> str:
    """A quotation as the front has it; the footnote has all of it."""
    kept = words.split()[:QUOTED]
    return words if len(kept) == len(words.split()) else f"{' '.join(kept)} …"


def _behind_the_sentence(verdict: Verdict) -> tuple[str, ...]:
    claim = verdict.claim
    if claim.amount is None:
        return ("claim", *(f"check:{check.id}" for check in verdict.checks))
    asked = claim.objection.asked_scope if claim.objection else "project"
    scopes = dict.fromkeys((claim.priced, verdict.implied_scope, asked))
    facts = ("gpu_hours", "price") if {"gpu_hours", "price"} <= verdict.facts.keys() else ()
    return ("claim", *(f"fact:{name}" for name in facts), *(f"scope:{name}" for name in scopes if name in verdict.run.scopes))


def _axes(brief: Brief) -> Iterator[tuple[Said, ...]]:
    verdict, found = brief.verdict, brief.verdict.implication
    axes = (
        ("Literal", verdict.literal.label, verdict.literal.reasons),
        ("Scope", verdict.scope_axis.label, verdict.scope_axis.reasons),
        ("Implication", found.label if found else None, found.reasons if found else ()),
    )
    for name, label, reasons in axes:
        words = " · ".join(reason_text(reason, verdict, brief.language) for reason in reasons[:SHOWN_REASONS])
        yield Said(brief.text(name)), Said(brief.text(LABELS[label])), Said(words, ("rules",))


def _ladder(brief: Brief) -> Iterator[Block]:
    if not brief.verdict.claim.about_cost:
        return
    rows = ladder_rows(brief.verdict, brief.language)
    if rows:
        yield Picture("ladder", rows, picture_words(rows))
    caption = "US dollars of {year}. Scopes are alternatives: they are never added up."
    heads = tuple(brief.text(head) for head in LADDER_HEADS)
    year = str(brief.verdict.run.subject.price_year)
    yield Table(heads, tuple(_scope_rows(brief)), brief.text(caption, year=year), (1, 2, 3, 4))


def picture_words(rows: Sequence[Row]) -> str:
    """The labelled figures of a chart."""
    return "; ".join(f"{row['label']}: {row['text']}" for row in rows)


def _scope_rows(brief: Brief) -> Iterator[tuple[Said, ...]]:
    language = brief.language
    for scope in audit_document(brief.verdict)["scopes"]:
        name, note = Said(brief.scope_label(scope["id"])), (f"scope:{scope['id']}",)
        if scope["reason"]:
            yield name, *(Said("–"),) * 4, Said(brief.text(ABSENT[scope["reason"]]), note)
            continue
        figures = (Said(language.money(scope[key], 3), note) for key in ("p05", "p50", "p95"))
        chance = scope["probability_at_most_claim"]
        share = Said("–") if chance is None else Said(language.chance(chance), note)
        yield name, *figures, share, Said(brief.text(LABELS[scope["implication"]]), ("rules",) if chance is not None else ())


def _checks(brief: Brief) -> Iterator[Block]:
    checks = brief.verdict.checks
    passed, rest = [c for c in checks if c.status == "pass"], [c for c in checks if c.status != "pass"]
    if not checks:
        yield Paragraph(brief.noted("The claim states nothing that could be checked.", "claim"))
    if passed:
        yield Paragraph(
            brief.noted("Passed: {passed} of {count}; the annex has every check.", "rules", passed=len(passed), count=len(checks))
        )
    if rest:
        yield check_table(brief, rest)


def check_table(brief: Brief, checks: list[Check]) -> Table:
    """Checks with their results and findings."""
    rows = (
        (Said(brief.text(CHECKS[c.id])), Said(brief.text(LABELS[c.status])), Said(c.message_in(brief.language), (f"check:{c.id}",)))
        for c in checks
    )
    return Table(tuple(brief.text(head) for head in ("Check", "Result", "Finding")), tuple(rows))


def gap_or_none(brief: Brief) -> Gap | None:
    """The gap, where it can be split."""
    if not brief.verdict.claim.about_cost or brief.asked_scope not in brief.verdict.run.scopes:
        return None
    try:
        return gap_of(brief.verdict, brief.asked_scope)
    except RefusedError:
        return None


def _gap(brief: Brief) -> Iterator[Block]:
    if not brief.verdict.claim.about_cost:
        return
    found, language = gap_or_none(brief), brief.language
    if found is None:
        template = "No parts: the claim states no dollars, prices more than a final run, or the scope is absent or a stock."
        yield Paragraph(brief.noted(template))
        return
    note = ("gap",)
    yield Paragraph(Said(gap_sentence(found, language), (*note, "claim", f"scope:{found.scope}")))
    rows = (
        (
            Said(brief.text(PARTS[part.id])),
            *(Said(written, note) for written in (language.shift(part.usd), language.money(part.p05, 3), language.money(part.p95, 3))),
            Said(f"× {language.number(part.factor, 3)}", note),
        )
        for part in sorted(found.parts, key=lambda part: -abs(part.usd))
    )
    heads = tuple(brief.text(head) for head in ("Part", "adds", "P5", "P95", "factor"))
    yield Table(heads, tuple(rows), figures=(1, 2, 3, 4))


def _drivers(brief: Brief) -> Iterator[Block]:
    run, scope, language = brief.verdict.run, brief.asked_scope, brief.language
    if not brief.verdict.claim.about_cost or not run.scopes[scope].routes:
        return
    document = sensitivity_document(sensitivity_of(run, scope, method="tornado"), language)
    bars = [bar for bar in document["bars"] if varies(bar)][:SHOWN_DRIVERS]
    if not bars:
        return
    rows = (
        (
            Said(bar["label"], (f"parameter:{bar['id']}",) if bar["id"] in run.registry.parameters else ("drivers",)),
            *(Said(language.money(bar[end], 3), ("drivers",)) for end in ("low_usd", "high_usd")),
        )
        for bar in bars
    )
    caption = brief.text("Median in the scope {scope}, with one input at its P10 and at its P90", scope=brief.scope_label(scope))
    yield Table(tuple(brief.text(head) for head in ("Input", "low", "high")), tuple(rows), caption, (1, 2))


def _left_out(brief: Brief) -> Iterator[Block]:
    verdict = brief.verdict
    if not verdict.claim.about_cost or verdict.claim.priced not in verdict.run.scopes:
        return
    scope = verdict.claim.priced
    yield Paragraph(brief.noted("What the number prices ({scope}) leaves out:", scope=brief.scope_label(scope)))
    documents = {document["id"]: document for document in audit_document(verdict, brief.language)["scopes"]}
    yield Listing(tuple(Said(line, (f"scope:{scope}",)) for line in documents[scope]["excludes"]))


def _cite(brief: Brief) -> Iterator[Block]:
    run, claim = brief.verdict.run, brief.verdict.claim
    values = {"version": __version__, "data": run.registry.sha256[:DATA_DIGITS], "scenario": run.setting.scenario}
    values |= {"points": f"{run.points}", "seed": f"{run.setting.seed}", "claim": claim.id}
    template = (
        "costclaim {version}, data {data}: claim {claim}, scenario {scenario}, {points} points, seed {seed}. "
        "The same versions, scenario, points and seed give the same figures:"
    )
    yield Paragraph(brief.noted(template, "run", **values))
    command = shell_command(claim.id, brief.scenario or run.setting.scenario, brief.changes)
    yield Paragraph(Said(f"{command} --points {run.points} --seed {run.setting.seed}"), "code")
    if address := _address(brief):
        yield Paragraph(brief.noted("In the dashboard (costclaim dashboard):"))
        yield Paragraph(Said(address), "code")


def _address(brief: Brief) -> str:
    """Address of the dashboard's page on this state; none where a link cannot carry it."""
    run, claim = brief.verdict.run, brief.verdict.claim
    if run.setting.scenario not in run.registry.names("scenarios") or claim.id not in run.registry.names("claims"):
        return ""
    scope = brief.asked_scope if brief.asked_scope in run.scopes else "final_run"
    changes = tuple((name, value) for name, _, value in (change.partition("=") for change in brief.changes))
    try:
        return f"{DASHBOARD}?s={encode(link_to(run, claim.id, run.setting.scenario, changes, scope))}&lang={brief.language.code}"
    except InputError:
        return ""
