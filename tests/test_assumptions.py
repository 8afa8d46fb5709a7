"""Every entry of every file: dated, sourced, graded, reasoned; priors and claims are those that the domain fixes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from pydantic import BaseModel

from model.copula import rank_correlation
from model.reference_class import fit
from model.registry import FOLDERS, KINDS, Registry
from model.routes import SCOPE_NODES
from model.schema.base import Entry, Evidence
from model.schema.distribution import Fixed
from model.setting import build, resolve
from model.units import is_money

# Priors as the domain fixes them: family, then its numbers in the order of the domain's notation.
PRIORS: dict[str, tuple[object, ...]] = {
    # Section 3: hours as disclosed (DS-001 to DS-003, DS-040 to DS-043).
    "v3_run.pretraining": ("fixed", 2_664_000.0),
    "v3_run.context_extension": ("fixed", 119_000.0),
    "v3_run.post_training": ("fixed", 5_000.0),
    "r1_run.zero": ("fixed", 101_000.0),
    "r1_run.sft_data": ("fixed", 5_000.0),
    "r1_run.final": ("fixed", 41_000.0),
    # Section 4: the claimant's price; the owner's hour after Cottier et al. 2024, with PR-D005 for the late 2024 run.
    "price.claimed": ("fixed", 2.0),
    "epoch.purchase_price": ("fixed", 44_490.0),
    "epoch.years_depreciated": ("fixed", 1.71),
    "epoch.decay": ("fixed", 0.14),
    "epoch.interconnect_share": ("fixed", 0.19),
    # Section 5, components: g ~ Beta(40, 2.6); the rest as multiples of the final run.
    "goodput": ("beta", 40.0, 2.6),
    "ablations.disclosed": ("log_normal", 0.24, None, 0.33),
    "ablations.undisclosed": ("log_normal", 1.5, None, 6.0),
    "data_work": ("pert", 0.03, 0.10, 0.35),
    "derisk": ("triangular", 0.0, 0.0, 0.7),
    "post_training_dev": ("pert", 0.02, 0.07, 0.25),
    "evaluation": ("pert", 0.02, 0.05, 0.12),
    "predecessors.hours": ("log_normal", 3.0e6, None, 4.4e6),
    "predecessors.share": ("triangular", 0.0, 0.5, 1.0),
    "idle": ("pert", 0.04, 0.15, 0.5),
    "staff.ratio": ("log_normal", 0.2, None, 0.6),
    # Section 5, staff by headcount.
    "staff.people": ("log_normal", 139.0, None, 199.0),
    "staff.pay": ("log_normal", 78_000.0, None, 215_000.0),
    "staff.overhead": ("fixed", 1.3),
    "staff.years": ("fixed", 1.4),
    # Section 5, routes.
    "overhead.reference_class": ("log_t", "project"),
    "overhead.lab_reference_class": ("log_t", "lab_year"),
    "overhead.stated": ("log_normal", 1.2, None, 4.0),
    "window.gpus": ("fixed", 2048.0),
    "window.days": ("fixed", 233.0),
    "window.use": ("triangular", 0.75, 0.90, 0.96),
    "window.share": ("triangular", 0.5, 0.7, 0.9),
    "lab.days": ("fixed", 365.0),
    "fleet.h800": ("log_normal", 2048.0, None, 10_000.0),
    "fleet.a100": ("fixed", 10_000.0),
    "fleet.a100_equivalent": ("uniform", 0.3, 0.4),
    "fleet.a100_share": ("uniform", 0.1, 0.8),
    "fleet.use": ("triangular", 0.75, 0.90, 0.96),
    "fleet.share": ("triangular", 0.5, 0.7, 0.9),
    # Final runs of the window: DS-070 and DS-074 as points, DS-072 as its range, the Lite coder by the same relative range.
    "lab_finals.v2": ("fixed", 1_399_680.0),
    "lab_finals.coder_v2": ("fixed", 1_036_800.0),
    "lab_finals.v2_lite": ("log_normal", 80_000.0, None, 160_000.0),
    "lab_finals.coder_v2_lite": ("log_normal", 83_000.0, None, 167_000.0),
}
# The owner's hour, P5 / P50 / P95 as printed with the priors (rounded to the digits shown).
OWNER: dict[str, tuple[str, str, str]] = {
    "ownership.server_price": ("25.1e3", "34.0e3", "46.0e3"),
    "ownership.nonserver_share": ("0.11", "0.18", "0.26"),
    "ownership.life": ("3.5", "4.5", "5.5"),
    "ownership.cost_of_capital": ("0.045", "0.078", "0.120"),
    "ownership.residual_share": ("0.04", "0.11", "0.21"),
    "ownership.kw_provisioned": ("1.20", "1.31", "1.41"),
    "ownership.load_factor": ("0.66", "0.80", "0.94"),
    "ownership.pue": ("1.16", "1.29", "1.43"),
    "ownership.electricity_price": ("0.056", "0.080", "0.115"),
    "ownership.facility_price": ("53", "95", "170"),
    "ownership.maintenance_share": ("0.009", "0.019", "0.033"),
    "ownership.ops": ("0.018", "0.050", "0.140"),
    "ownership.occupancy": ("0.79", "0.89", "0.95"),
    # The whole rental mixture: the domain's final run (3.780 / 5.361 / 8.094 M) over its 2.788 M hours.
    "price.rental": ("1.356", "1.923", "2.903"),
}
# The sentences that are audited, letter by letter.
SENTENCES = {
    "seed001-6m-r1": (
        "Avec seulement 6 millions de dollars investis, R1 opère avec des puces moins sophistiquées et nécessite beaucoup moins de "
        "puissance de calcul que ses homologues américains."
    ),
    "seed003-5.5m-r1": (
        "En seulement deux mois et pour un coût modeste de 5,5 millions de dollars, DeepSeek a réussi l’exploit d’entraîner un "
        "modèle IA aux performances équivalentes aux ténors du secteur, qui eux dépensent des milliards dans du matériel dernier cri."
    ),
    "zheng-5.6m": (
        "De plus, DeepSeek a révélé que son modèle de langage fondamental, DeepSeek R1-V3, lancé quelques semaines plus tôt, n'avait "
        "coûté que 5,6 millions de dollars à former."
    ),
}
OBJECTION = (
    "Selon le professeur Zheng Xiaoqing de l'Université Fudan (Chine), le chiffre de 5,6 millions USD annoncé par DeepSeek pour la "
    "formation du modèle DeepSeek R1-V3 ne prend pas en compte les coûts de recherche et de test antérieurs."
)
# Priced, declared and implied scope, and the amount in USD.
CLAIMS = {
    "deepseek-v3-5.576m": ("final_run", "final_run", "final_run", 5_576_000.0),
    "zheng-5.6m": ("final_run", "undeclared", "final_run", 5_600_000.0),
    "seed001-6m-r1": ("final_run", "undeclared", "programme_with_staff", 6_000_000.0),
    "seed003-5.5m-r1": ("final_run", "undeclared", "final_run", 5_500_000.0),
    "deepseek-r1-294k": ("final_run", "final_run", "final_run", 294_000.0),
}


def entries(registry: Registry) -> Iterator[tuple[str, Entry]]:
    """Every entry of every file, with a name for messages."""
    for kind in (*KINDS, *FOLDERS):
        for name, item in registry.located(kind).items():
            yield f"{item.file}: {kind} {name}", item.entry


def parts(entry: BaseModel) -> Iterator[BaseModel]:
    """An entry and everything inside it."""
    yield entry
    for _, value in entry:
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                yield from parts(item)


def test_every_parameter_says_what_it_is_since_when_and_why(registry: Registry) -> None:
    wrong = []
    for name, p in registry.parameters.items():
        reasons = {
            "no evidence": not p.evidence,
            "no supporting evidence": all(e.stance != "supports" for e in p.evidence),
            "date before the field": p.as_of < dt.date(2019, 1, 1),
            "money without a year": is_money(p.unit) and p.price_year is None,
            "a year without money": p.price_year is not None and not is_money(p.unit),
            "hours without a chip": "gpu_hour" in p.unit and p.chip is None,
            "a rationale of a few words": len(p.rationale) < 20,
        }
        wrong += [f"{name}: {reason}" for reason, found in reasons.items() if found]
    assert wrong == []


def test_every_piece_of_evidence_has_a_figure_and_a_place_in_its_source(registry: Registry) -> None:
    wrong = []
    for where, entry in entries(registry):
        for item in parts(entry):
            if isinstance(item, Evidence):
                missing = [key for key in ("source", "locator", "figure") if len(getattr(item, key).strip()) < 3]
                row = item.row and not re.fullmatch(r"(?:(DS|OV|PR)-[A-Z]?\d{2,3})(?:(?:, | to )(DS|OV|PR)-[A-Z]?\d{2,3})*", item.row)
                wrong += [f"{where}: {key}" for key in missing] + ([f"{where}: row {item.row}"] if row else [])
    assert wrong == []


def test_what_rests_on_grade_c_or_was_not_read_says_so_in_its_rationale(registry: Registry) -> None:
    weak = {n: p for n, p in registry.parameters.items() if not isinstance(p.distribution, Fixed)}
    weak = {n: p for n, p in weak.items() if any(e.stance == "supports" and (e.grade == "C" or e.read == "not read") for e in p.evidence)}
    silent = [n for n, p in weak.items() if not re.search(r"grade C|judgement|not read|not seen", p.rationale)]
    assert silent == []


def test_no_single_value_rests_on_weak_evidence_alone(registry: Registry) -> None:
    points = {n: p for n, p in registry.parameters.items() if isinstance(p.distribution, Fixed) and p.basis != "placeholder"}
    good = {n for n, p in points.items() if any(e.stance == "supports" and e.grade in "AB" and e.read != "not read" for e in p.evidence)}
    assert set(points) - good == set()


def test_every_source_names_its_author_date_and_how_it_was_read(registry: Registry) -> None:
    wrong = [name for name, s in registry.sources.items() if not s.author.strip() or not re.search(r"\d{4}", s.date)]
    assert wrong == []
    assert [name for name, s in registry.sources.items() if s.url and not re.fullmatch(r"https?://\S+", s.url.strip())] == []


def test_one_publication_stands_once_among_the_sources(registry: Registry) -> None:
    papers = [s.url.strip() for s in registry.sources.values() if "arxiv.org" in s.url]
    assert len(papers) == len(set(papers))


def test_every_case_is_a_ratio_inside_its_own_readings(registry: Registry) -> None:
    wrong = [c.id for c in registry.cases.values() if not (c.low or c.ratio) <= c.ratio <= (c.high or c.ratio)]
    assert wrong == []
    assert [c.id for c in registry.cases.values() if c.weight == 0.0 and not c.note] == [], "a case left out of the fit says why"


@pytest.mark.parametrize(
    ("case_class", "m", "s", "n_eff"), [("project", 0.3228, 0.8531, 10.12), ("lab_year", 1.665, 0.622, 3.77)], ids=["project", "lab_year"]
)
def test_the_cases_give_the_fit_that_the_domain_states(case_class: str, m: float, s: float, n_eff: float, registry: Registry) -> None:
    cases = [c for c in registry.cases.values() if c.case_class == case_class]
    found = fit([c.ratio for c in cases], [c.weight for c in cases])
    assert (found.m, found.s, found.n_eff) == pytest.approx((m, s, n_eff), abs=5e-3 if n_eff < 5 else 6e-3)


@pytest.mark.parametrize("name", PRIORS)
def test_a_prior_is_that_of_the_domain(name: str, registry: Registry) -> None:
    written = registry.parameters[name].distribution.model_dump()
    family, *numbers = PRIORS[name]
    assert written.pop("family") == family
    assert list(written.values()) == numbers


@pytest.mark.parametrize("name", OWNER)
def test_a_price_prior_has_the_printed_quantiles(name: str, registry: Registry) -> None:
    quantiles = build(registry.parameters[name].distribution, {}).ppf(np.array([0.05, 0.5, 0.95]))
    for value, printed in zip(quantiles, OWNER[name], strict=True):
        digits, _, power = printed.partition("e")
        last = 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))
        assert abs(value - float(printed)) <= 0.5 * last + 1e-9, f"{value} is not {printed}"


def test_the_rental_market_is_the_mixture_of_three_parts(registry: Registry) -> None:
    found = registry.parameters["price.rental"].distribution.model_dump()
    rows = [(part["weight"], part["distribution"]["p50"], part["distribution"]["p95"]) for part in found["parts"]]
    assert rows == [(0.45, 1.65, 2.15), (0.35, 2.00, 2.35), (0.20, 2.60, 3.40)]


def test_the_final_runs_of_the_window_are_5_456_million_hours(registry: Registry) -> None:
    setting = resolve("zheng", registry)
    medians = [float(setting.distributions[name].ppf(np.array(0.5))) for name in registry.subject("deepseek-v3").lab_finals]
    assert sum(medians) == pytest.approx(5.456e6, rel=1e-3)
    assert sum(medians[-3:]) == 2_788_000.0


def test_every_uncertain_quantity_of_the_default_has_a_column_among_the_first_64(registry: Registry) -> None:
    columns = sorted(p.column for p in registry.parameters.values() if p.column is not None)
    assert len(columns) == len(set(columns))
    assert columns[0] >= 0
    assert columns[-1] < 64


def test_correlated_components_reach_the_rank_correlation_that_the_scenario_states(registry: Registry) -> None:
    from model.engine import run

    dependent = run("dependent", registry=registry, points=16_384)
    for other in ("data_work", "derisk", "post_training_dev", "evaluation"):
        assert rank_correlation(dependent.draws("ablations"), dependent.draws(other)) == pytest.approx(0.3, abs=0.01)


def test_the_scopes_are_those_of_the_domain_in_its_order(registry: Registry) -> None:
    assert tuple(registry.scopes) == tuple(SCOPE_NODES)
    assert [s.id for s in registry.scopes.values() if s.nested] == list(SCOPE_NODES)[:5]
    assert [s.id for s in registry.scopes.values() if not s.flow] == ["fleet_capex"]


def test_a_wider_nested_scope_leaves_out_no_more_components(registry: Registry) -> None:
    nested = [set(s.omits_components) for s in registry.scopes.values() if s.nested]
    assert all(narrow > wide for narrow, wide in pairwise(nested))
    assert all(s.excludes for s in registry.scopes.values())


@pytest.mark.parametrize("name", SENTENCES)
def test_a_quoted_claim_is_the_sentence_as_it_was_written(name: str, registry: Registry) -> None:
    claim = registry.claim(name)
    assert claim.text == SENTENCES[name]
    assert claim.language == "fr"
    assert claim.translation
    assert claim.amount is not None
    assert claim.amount.as_written in claim.text


def test_the_objection_is_quoted_as_it_was_written_and_names_no_amount_of_its_own(registry: Registry) -> None:
    objection = registry.claim("zheng-5.6m").objection
    assert objection is not None
    assert objection.text == OBJECTION
    assert objection.asked_scope == "project"
    assert set(objection.components) == {"ablations", "derisk", "evaluation"}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_states_its_three_scopes_and_its_amount(name: str, registry: Registry) -> None:
    claim = registry.claim(name)
    assert claim.amount is not None
    found = (claim.priced_scope.scope, claim.declared_scope.scope, claim.implied_scope.scope, claim.amount.value)
    assert found == CLAIMS[name]
    assert all(len(reading.because) > 20 for reading in (claim.priced_scope, claim.declared_scope, claim.implied_scope))


@pytest.mark.parametrize("name", SENTENCES)
def test_the_words_behind_an_implied_scope_stand_in_the_claim_and_in_the_lexicon(name: str, registry: Registry) -> None:
    claim = registry.claim(name)
    quoted = re.findall(r"«\s*(.+?)\s*»", claim.implied_scope.because)
    assert quoted
    for fragment in (piece.strip() for quote in quoted for piece in quote.split("...")):
        assert fragment.split()[0] in claim.text
    words = registry.entry("phrase", claim.implied_scope.scope).words
    assert any(word in claim.text for word in words)


def test_the_report_adds_up_to_its_own_total(registry: Registry) -> None:
    facts = {fact.id: fact.value for fact in registry.claim("deepseek-v3-5.576m").facts}
    stages = sum(facts[f"gpu_hours.{stage}"] for stage in ("pretraining", "context_extension", "post_training"))
    assert stages == facts["gpu_hours"]
    assert facts["gpu_hours"] * facts["price"] == 5_576_000.0
    assert facts["rate"] * facts["tokens.pretraining"] / 1e12 == pytest.approx(facts["gpu_hours.pretraining"], rel=1e-12)


def test_every_price_observation_is_dated_converted_and_inside_its_range(registry: Registry) -> None:
    wrong = []
    for name, o in registry.price_observations.items():
        low, high = o.low or 0.0, o.high or float("inf")
        inside = o.unit != "USD/gpu_hour" or low <= o.usd_per_gpu_hour <= high
        if not (inside and low <= high and o.price_year == o.date.year and o.date.year > 2019):
            wrong.append(name)
    assert wrong == []


def test_no_file_names_a_path_of_a_machine(registry: Registry) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in registry.root.rglob("*.toml")}
    assert [name for name, text in texts.items() if re.search(r"(?<![\w.])/(?:home|root|tmp|work)/", text)] == []
