"""Evidence updates: closed forms, plain weighting, what is left alone, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from model.cli.main import main
from model.distributions import Z95
from model.engine import Run, run
from model.errors import CheckFailed, InputError, RefusedError, UnknownNameError
from model.numerical_error import drawn_quantiles
from model.posterior import Posterior, condition, update
from model.posterior_evidence import load_observation, log_likelihood, parse_observation, place
from model.registry import Registry
from model.schema.observation import AtLeast, AtMost, Counted, Interval, NormalError, Observation
from model.views.update import update_document

HEAD = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
FINAL_HOURS = 2.788e6
FIXED = ("price.basis=claimed",)
ON_FILE = (
    *("epoch-share-one-project", "epoch-share", "fire-flyer-capex", "lambert-experiments"),
    *("minimax-share", "press-50000-hoppers", "v3-ablations"),
)


def seen(quantity: str, unit: str, observed: str, *, name: str = "seen", more: str = "", read: str = "read") -> Observation:
    """An observation as a user writes it."""
    return parse_observation(
        f"{name}.toml",
        f"""id = "{name}"
label = "{name}"
quantity = "{quantity}"
unit = "{unit}"
observed = {{ {observed} }}
as_of = 2025-01-01
rationale = "a test"
{more}
[evidence]
source = "a-notebook"
locator = "page 1"
figure = "as above"
grade = "B"
read = "{read}"
""",
    )


def informed(registry: Registry, observation: Observation, *changes: str, points: int = 4096) -> Posterior:
    return condition(run(registry=registry, changes=changes, points=points), [observation])


def within_three_errors(posterior: Posterior, scope: str, expected: dict[float, float]) -> None:
    estimate = posterior.scopes[scope]
    for probability, value in expected.items():
        error = estimate.cost_at(probability).error
        assert error < 0.02 * value
        assert abs(float(estimate.quantile(probability)) - value) < 3 * error + 1e-4 * value


def test_a_normal_price_seen_with_a_normal_error_becomes_the_conjugate_normal(registry: Registry) -> None:
    posterior = informed(
        registry, seen("price", "USD/gpu_hour", 'family = "normal", value = 2.15, sd = 0.1'), *FIXED, "price.claimed=normal(1.8, 2.2)"
    )
    prior_sd = 0.2 / Z95
    precision = prior_sd**-2 + 0.1**-2
    mean, sd = (2.0 * prior_sd**-2 + 2.15 * 0.1**-2) / precision, precision**-0.5
    within_three_errors(posterior, "final_run", {p: FINAL_HOURS * (mean + sd * special.ndtri(p)) for p in HEAD.values()})


def test_a_beta_share_seen_by_counting_becomes_the_conjugate_beta(registry: Registry) -> None:
    """Beta(40, 2.6) after 90 of 100 is Beta(130, 12.6); at a fixed price the run as executed costs F p / g."""
    posterior = informed(registry, seen("goodput", "fraction", 'family = "count", successes = 90, trials = 100'), *FIXED)
    expected = {p: FINAL_HOURS * 2.0 / special.betaincinv(130.0, 12.6, 1.0 - p) for p in HEAD.values()}
    within_three_errors(posterior, "run_as_executed", expected)


def test_a_log_normal_ratio_seen_with_a_log_normal_error_is_conjugate_in_logarithms(registry: Registry) -> None:
    alone = [f"route.{route}=0" for route in ("bottom_up", "reference_class", "cluster_window")]
    observation = seen("overhead.stated", "ratio", 'family = "log_normal", p50 = 3.0, p95 = 4.0')
    posterior = informed(registry, observation, *FIXED, *alone, "route.stated=1", "goodput=0.99", "overhead.stated=2..4", points=16384)
    mean, sd = np.log(8.0) / 2, np.log(2.0) / 2 / Z95
    error = np.log(4.0 / 3.0) / Z95
    precision = sd**-2 + error**-2
    middle, spread = (mean * sd**-2 + np.log(3.0) * error**-2) / precision, precision**-0.5
    expected = {p: FINAL_HOURS * 2.0 * float(np.exp(middle + spread * special.ndtri(p))) for p in HEAD.values()}
    within_three_errors(posterior, "project", expected)


def plain_weights(prior: Run, likelihood) -> dict[str, np.ndarray]:
    """Route weight times likelihood of the route's own R, point by point."""
    return {r.id: r.weight * likelihood(prior.draws("research_ratio", r.id)) for r in prior.scopes["project"].routes}


def test_weights_are_route_times_likelihood_and_the_sample_size_is_kishs(registry: Registry, zheng: Run) -> None:
    posterior = condition(zheng, [load_observation("lambert-experiments", registry)])
    sd, middle = np.log(5.0 / 3.0) / 2 / Z95, np.log(15.0) / 2
    weights = plain_weights(zheng, lambda ratio: np.exp(-0.5 * ((np.log(ratio) - middle) / sd) ** 2))
    every = np.concatenate([w.ravel() for w in weights.values()])
    assert posterior.effective_sample_size == pytest.approx(every.sum() ** 2 / np.sum(every**2), rel=1e-9)
    for route, (_, after) in posterior.route_weights("project").items():
        assert after == pytest.approx(weights[route].sum() / every.sum(), rel=1e-9)


@pytest.mark.parametrize("scenario", ["zheng", "as_reported", "owner", "dependent"])
def test_the_posterior_is_that_of_plain_weighting(scenario: str, registry: Registry) -> None:
    """On every price basis, with correlated inputs, and where sums and floors are integrated."""
    prior = run(scenario, registry=registry)
    observation = seen("research_ratio", "ratio", 'family = "normal", value = 3.0, sd = 0.4')
    posterior = condition(prior, [observation])
    weights = plain_weights(prior, lambda ratio: np.exp(-0.5 * ((ratio - 3.0) / 0.4) ** 2))
    for scope in ("project", "programme_with_staff"):
        costs = np.concatenate([prior.draws(scope, route) for route in weights], axis=1)
        plain = drawn_quantiles(costs, HEAD, np.concatenate([*weights.values()], axis=1))
        found = posterior.scopes[scope].quantile(list(HEAD.values()))
        assert found == pytest.approx(list(plain.values()), rel=0.02)


def test_without_evidence_the_prior_is_restored_bit_for_bit(registry: Registry, zheng: Run) -> None:
    before = {scope: zheng.scopes[scope].quantile(list(HEAD.values())).tolist() for scope in zheng.scopes}
    update("zheng", ["lambert-experiments", "v3-ablations"], registry=registry)
    after = update("zheng", [], registry=registry)
    assert {s: e.quantile(list(HEAD.values())).tolist() for s, e in after.scopes.items()} == before
    assert after.effective_sample_size == pytest.approx(3 * zheng.points)


def test_a_bound_that_binds_nowhere_changes_no_figure(zheng: Run) -> None:
    posterior = condition(zheng, [seen("research_ratio", "ratio", 'family = "at_least", value = 1.0, softness = 0.0')])
    for scope, estimate in posterior.scopes.items():
        assert estimate.quantile([0.05, 0.5, 0.95]) == pytest.approx(zheng.scopes[scope].quantile([0.05, 0.5, 0.95]), rel=1e-12)


def test_scopes_that_share_nothing_with_the_evidence_are_left_alone(registry: Registry, zheng: Run) -> None:
    posterior = condition(zheng, [load_observation("minimax-share", registry)])
    assert [s for s in zheng.scopes if posterior.scopes[s] is not zheng.scopes[s]] == ["lab_window"]
    posterior = condition(zheng, [load_observation("lambert-experiments", registry)])
    assert posterior.scopes["final_run"] is zheng.scopes["final_run"]
    assert posterior.scopes["fleet_capex"] is zheng.scopes["fleet_capex"]
    moved, before = (e.scopes["lab_window"].quantile([0.05, 0.5, 0.95]) for e in (posterior, zheng))
    assert moved == pytest.approx(before, rel=2e-3)  # only goodput is shared, through a floor that hardly binds


def test_a_dearer_hour_seen_makes_every_scope_dearer(registry: Registry, zheng: Run) -> None:
    posterior = condition(zheng, [seen("price", "USD/gpu_hour", 'family = "at_least", value = 2.0, softness = 0.0')])
    for scope in ("final_run", "run_as_executed", "project", "programme", "programme_with_staff", "lab_window"):
        assert posterior.scopes[scope].quantile(0.5) > zheng.scopes[scope].quantile(0.5)
    assert posterior.scopes["final_run"].quantile(0.001) == pytest.approx(2.0 * FINAL_HOURS, rel=5e-3)


@pytest.mark.parametrize(
    ("name", "scope", "stands"),
    [
        ("epoch-share", "lab_window", ("reference_class", "overhead.lab_reference_class")),
        ("minimax-share", "lab_window", ("reference_class", "case.minimax-2025")),
        ("v3-ablations", "project", ("bottom_up", "ablations.disclosed")),
    ],
)
def test_a_source_that_stands_in_a_route_does_not_judge_it(
    name: str, scope: str, stands: tuple[str, str], registry: Registry, zheng: Run
) -> None:
    posterior = condition(zheng, [load_observation(name, registry)])
    (found,) = posterior.evidence
    route, _ = stands
    assert dict(found.stands) == dict([stands])
    before, after = posterior.route_weights(scope)[route]
    assert after == pytest.approx(before, rel=1e-9)
    laws = [{r.id: r.law for r in e.scopes[scope].routes}[route] for e in (zheng, posterior)]
    assert laws[0] is laws[1]


def test_a_route_that_is_not_judged_keeps_its_share_beside_other_evidence(registry: Registry, zheng: Run) -> None:
    """The bound expects the same of it as of the others in the light of the rest: so the rest alone moves it."""
    rest = seen("research_ratio", "ratio", 'family = "at_most", value = 2.5, softness = 0.3')
    bound = load_observation("v3-ablations", registry)
    alone, both, turned = (condition(zheng, items).route_weights("project") for items in ([rest], [rest, bound], [bound, rest]))
    assert both["bottom_up"][1] == pytest.approx(alone["bottom_up"][1], rel=1e-9)
    assert [after for _, after in turned.values()] == pytest.approx([after for _, after in both.values()], rel=1e-12)


def test_a_case_taken_out_of_the_fit_can_judge_it(registry: Registry) -> None:
    system = run(registry=registry, changes=["case.minimax-2025=0"], scopes=["lab_window"]).system
    assert dict(place(load_observation("minimax-share", registry), system).stands) == {}


def test_a_scenario_that_rests_on_the_source_is_not_judged_by_it(registry: Registry) -> None:
    posterior = update("lambert", ["lambert-experiments"], registry=registry)
    assert [(item.reason, dict(item.stands)) for item in posterior.evidence] == [("source_in_every_route", {"bottom_up": "ablations"})]
    assert posterior.scopes == posterior.prior.scopes


def test_evidence_about_another_fleet_waits_until_that_one_is_chosen(registry: Registry) -> None:
    waiting = update("zheng", ["fire-flyer-capex"], registry=registry)
    assert [item.reason for item in waiting.evidence] == ["another_option"]
    chosen = update("zheng", ["fire-flyer-capex"], registry=registry, changes=["fleet.claim=fire_flyer"])
    before, after = (e.scopes["fleet_capex"].quantile([0.05, 0.95]) for e in (chosen.prior, chosen))
    assert after[1] / after[0] < before[1] / before[0]


def test_a_quantity_with_nothing_uncertain_or_absent_says_so(registry: Registry, zheng: Run) -> None:
    assert place(seen("base_hours", "gpu_hour", 'family = "at_least", value = 1e6, softness = 0.0'), zheng.system).reason == "fixed"
    stage = run(registry=registry, subject="deepseek-r1-stage")
    assert place(load_observation("epoch-share", registry), stage.system).reason == "quantity_absent"


def test_units_are_converted(zheng: Run) -> None:
    one, other = (
        condition(zheng, [seen("project", unit, f'family = "at_most", value = {value}, softness = 0.0')])
        for unit, value in (("USD", 15e6), ("million USD", 15.0))
    )
    assert one.scopes["project"].quantile([0.05, 0.95]) == pytest.approx(other.scopes["project"].quantile([0.05, 0.95]), rel=1e-9)


def test_energy_is_seen_in_units_of_energy(zheng: Run) -> None:
    placed = place(seen("energy_gwh", "MWh", 'family = "normal", value = 3000.0, sd = 300.0'), zheng.system)
    assert placed.value(zheng.ledger, None) == pytest.approx(1e3 * zheng.draws("energy_gwh"))
    tonnes = place(seen("co2e_tonnes", "kgCO2e", 'family = "normal", value = 2e6, sd = 2e5'), zheng.system)
    assert tonnes.value(zheng.ledger, None) == pytest.approx(1e3 * zheng.draws("co2e_tonnes"))


@pytest.mark.parametrize(
    ("observation", "told"),
    [
        (("energy_gwh", "ratio"), 'unit "ratio" measures'),
        (("research_rato", "ratio"), 'no quantity "research_rato". Did you mean "research_ratio"?'),
        (("project", "kWh"), 'unit "kWh" measures'),
        (("project / project_hours", "ratio"), "divides USD by gpu_hour"),
        (("project_hours / lab_hours", "ratio"), "routes of two scopes at once"),
    ],
)
def test_a_quantity_or_unit_that_does_not_exist_is_refused(observation: tuple[str, str], told: str, zheng: Run) -> None:
    with pytest.raises(InputError, match=told.replace("?", r"\?")) as found:
        condition(zheng, [seen(*observation, 'family = "at_least", value = 1.0, softness = 0.0')])
    assert found.value.exit_status == 2


def test_evidence_about_one_model_says_nothing_of_another(registry: Registry) -> None:
    for name in ("v3-ablations", "lambert-experiments"):
        (item,) = update("zheng", [name], registry=registry, subject="deepseek-v2", points=256).evidence
        assert item.reason == "another_subject"
        (item,) = update("zheng", [name], registry=registry, points=4096).evidence
        assert item.reason == ""


def test_other_wrong_input_is_refused_with_the_way_out(registry: Registry, zheng: Run, tmp_path: Path) -> None:
    bound = 'family = "at_least", value = 1.0, softness = 0.0'
    with pytest.raises(UnknownNameError, match=r"fleet\.claim"):
        condition(zheng, [seen("project", "USD", bound, more='holds_for = ["fleet.clam=wang"]')])
    with pytest.raises(UnknownNameError, match=r"deepseek-v3"):
        condition(zheng, [seen("project", "USD", bound, more='subjects = ["deepseek-v33"]')])
    with pytest.raises(InputError, match="stands twice"):
        condition(zheng, [seen("project", "USD", bound)] * 2)
    with pytest.raises(InputError, match="more than evidence can be weighed on"):
        update("zheng", registry=registry, points=1 << 19)
    with pytest.raises(UnknownNameError, match="epoch-share"):
        load_observation("epoch-shar", registry)
    with pytest.raises(InputError, match="no such file"):
        load_observation(tmp_path / "none.toml", registry)
    (tmp_path / "latin.toml").write_bytes(b"\xe9")
    with pytest.raises(InputError, match="UTF-8"):
        load_observation(tmp_path / "latin.toml", registry)
    with pytest.raises(CheckFailed, match="softness: is missing"):
        seen("project", "USD", 'family = "at_least", value = 1.0')
    with pytest.raises(CheckFailed, match="high = 1"):
        seen("project", "USD", 'family = "interval", low = 2.0, high = 1.0, softness = 0.0')
    with pytest.raises(CheckFailed, match="trials = 1"):
        seen("goodput", "fraction", 'family = "count", successes = 2, trials = 1')


def test_a_source_that_was_not_read_is_no_point() -> None:
    with pytest.raises(CheckFailed, match="bounds a quantity at most"):
        seen("project", "USD", 'family = "normal", value = 1e7, sd = 1e6', read="not read")
    assert seen("project", "USD", 'family = "at_most", value = 1e7, softness = 0.0', read="not read").evidence.read == "not read"


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        (["value = 0.5, softness = 0.0"], "no point agrees with seen-0"),
        (["value = 2.0, softness = 0.0", None], "all of seen-0, seen-1 at once"),
        (["value = 1.11, softness = 0.0"], "effective points, and the ground rule effective_sample_floor asks for 200"),
    ],
)
def test_evidence_that_contradicts_is_refused(bounds: list[str | None], told: str, zheng: Run) -> None:
    most = 'family = "at_most", {}'
    items = [most.format(bound) if bound else 'family = "at_least", value = 3.0, softness = 0.0' for bound in bounds]
    with pytest.raises(RefusedError, match=told) as found:
        condition(zheng, [seen("research_ratio", "ratio", item, name=f"seen-{i}") for i, item in enumerate(items)])
    assert found.value.exit_status == 3
    assert "Widen the error model" in str(found.value)


@given(y=st.floats(-5, 5), value=st.floats(-2, 2), softness=st.floats(0.01, 2))
def test_likelihoods_are_at_most_one_and_bounds_meet_in_the_middle(y: float, value: float, softness: float) -> None:
    at = np.array([y, value])
    least = log_likelihood(AtLeast(family="at_least", value=value, softness=softness), at)
    most = log_likelihood(AtMost(family="at_most", value=value, softness=softness), at)
    assert np.exp(least) + np.exp(most) == pytest.approx(1.0)
    between = log_likelihood(Interval(family="interval", low=value, high=value + 1, softness=softness), at)
    normal = log_likelihood(NormalError(family="normal", value=value, sd=softness), at)
    assert np.all(np.stack([least, most, between, normal]) <= 0.0)
    assert normal[1] == 0.0


def test_counts_are_likeliest_at_their_share() -> None:
    shares = np.array([0.0, 0.2, 0.25, 0.3, 1.0])
    found = log_likelihood(Counted(family="count", successes=1, trials=4), shares)
    assert found[2] == 0.0
    assert found.argmax() == 2
    assert np.isneginf(found[[0, 4]]).all()


def test_every_observation_on_file_is_used_or_says_why(registry: Registry) -> None:
    assert registry.names("evidence") == ON_FILE
    for name in ON_FILE:
        found = update_document(update("zheng", [name], registry=registry))["evidence"][0]
        assert found["applied"] or found["not_applied"]


def test_the_command_answers_with_prior_and_posterior(capsys: pytest.CaptureFixture[str], registry: Registry) -> None:
    main(["update", "zheng", "--evidence", "lambert-experiments", "--evidence", "v3-ablations", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer == json.loads(json.dumps(update_document(update("zheng", ["lambert-experiments", "v3-ablations"], registry=registry))))
    project = next(scope for scope in answer["scopes"] if scope["id"] == "project")
    assert project["posterior"]["p50"] > project["prior"]["p50"]
    assert answer["effective_sample_size"] > answer["effective_sample_floor"] == 200


def test_the_command_prints_tables_and_names_what_is_on_file(capsys: pytest.CaptureFixture[str]) -> None:
    main(["update", "zheng"])
    assert "epoch-share" in capsys.readouterr().out
    main(["update", "zheng", "--evidence", "v3-ablations", "--csv"])
    assert capsys.readouterr().out.startswith("id,prior_p05,prior_p50")
    main(["update", "zheng", "--evidence", "v3-ablations"])
    assert "its source already stands in ablations.disclosed" in capsys.readouterr().out


def test_the_command_refuses_with_its_exit_status(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for quantity, status in (("reserch_ratio", 2), ("research_ratio", 3)):
        file = tmp_path / "seen.toml"
        text = Path("assumptions/evidence/v3-ablations.toml").read_text(encoding="utf-8")
        file.write_text(text.replace('"research_ratio"', f'"{quantity}"').replace("1.285", "1e9"), encoding="utf-8")
        with pytest.raises(SystemExit) as left:
            main(["update", "zheng", "--evidence", str(file)])
        assert left.value.code == status
        assert "Traceback" not in capsys.readouterr().err
