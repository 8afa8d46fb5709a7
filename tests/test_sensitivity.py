"""What drives a cost and a verdict, and what one more fact would be worth."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import kendalltau

from model import sensitivity, voi
from model.check.files import check
from model.cli.main import costclaim, main
from model.engine import Run, run
from model.errors import InputError, RefusedError, UnknownNameError
from model.explain.information import Information, voi_of
from model.explain.scope_cost import ScopeCost
from model.explain.sensitivity import Sensitivity, sensitivity_of
from model.registry import Registry, load_registry
from model.views.why import sensitivity_document, share_text, voi_document, voi_sentence
from model.wording import ENGLISH, FRENCH

CLAIM = 5.576e6


@pytest.fixture(scope="module")
def learnt(zheng: Run) -> Information:
    return voi_of(zheng, "project", usd=CLAIM)


def items(found: Information) -> dict[str, float]:
    return {item.id: item.width_removed_usd for item in found.items}


@pytest.mark.parametrize(("scenario", "scope"), [("zheng", "programme_with_staff"), ("dependent", "project"), ("owner", "lab_window")])
def test_the_cost_as_a_function_has_the_law_of_the_engine(scenario: str, scope: str, registry: Registry) -> None:
    found = run(scenario, registry=registry, scopes=[scope])
    model = ScopeCost(found, scope)
    generator = np.random.Generator(np.random.Philox(1))
    draws = generator.standard_normal((len(model.names), 200_000))
    costs = model.cost(model.inputs.values(model.inputs.redrawn([], draws, draws, range(len(draws)))))
    assert np.quantile(costs, [0.05, 0.5, 0.95]) == pytest.approx(found.scope(scope).quantile([0.05, 0.5, 0.95]), rel=0.015)


def test_a_tornado_bar_is_the_median_with_the_input_fixed(zheng: Run, registry: Registry) -> None:
    bars = {bar.id: bar for bar in sensitivity_of(zheng, "project", method="tornado").bars}
    for name in ("price.rental", "goodput", "ablations.undisclosed"):
        ends = zheng.setting.distributions[name].ppf(np.array([0.1, 0.9]))
        medians = [float(run("zheng", registry=registry, changes=[f"{name}={x:.12g}"]).scope("project").quantile(0.5)) for x in ends]
        assert (bars[name].at_p10_usd, bars[name].at_p90_usd) == pytest.approx(medians, rel=1e-4)
    assert bars["goodput"].at_p10_usd > bars["goodput"].at_p90_usd
    assert bars["goodput"].low_usd < bars["goodput"].high_usd
    alone = [zheng.scope("project").route(route.id).quantile(0.5) for route in zheng.scope("project").routes]
    assert (bars["route"].low_usd, bars["route"].high_usd) == (min(alone), max(alone))
    assert bars["v3_run.pretraining"].low_usd == bars["v3_run.pretraining"].high_usd
    assert bars.keys() >= {"price.rental", "route"}


def test_a_tornado_bar_of_the_subjects_own_hours_is_as_wide_as_they_are(registry: Registry) -> None:
    """The run as executed costs hours times price: its median moves with the hours, at a price of any kind."""
    found = sensitivity("zheng", scope="run_as_executed", claim="dbrx", method="tornado", registry=registry)
    hours = found.run.system.distribution("stated_hours")
    assert hours is not None
    low, high = hours.ppf(np.array([0.1, 0.9]))
    (bar,) = [bar for bar in found.bars if bar.id == "stated_hours"]
    assert high > low
    assert bar.at_p90_usd / bar.at_p10_usd == pytest.approx(high / low, rel=1e-4)


def test_shares_of_a_product_are_those_of_its_logs(registry: Registry) -> None:
    """By components alone with one of them uncertain beside the price, ln cost = ln p + ln(1 + w + a): variances add."""
    changes = ["price.rental=1.5..3", "ablations=1..4", "goodput=1", "data_work=0", "derisk=0", "post_training_dev=0", "evaluation=0"]
    found = sensitivity("lambert", scope="project", method="sobol", registry=registry, changes=changes)
    scores = np.linspace(-6, 6, 20001)
    density = np.exp(-0.5 * scores**2)
    logs = np.log1p(np.exp(np.log(2.0) + np.log(2.0) / 1.6448536 * scores))
    other = np.average(logs**2, weights=density) - np.average(logs, weights=density) ** 2
    price = (np.log(2.0) / 2 / 1.6448536) ** 2
    shares = {index.id: index.first.value for index in found.indices if index.first}
    assert shares["price.rental"] == pytest.approx(price / (price + other), abs=0.01)
    assert shares["ablations"] == pytest.approx(other / (price + other), abs=0.01)


def test_effects_sum_to_one_by_parameter_and_by_group(zheng: Run) -> None:
    for by in ("parameter", "group"):
        found = sensitivity_of(zheng, "programme", method="shapley", by=by)
        assert sum(index.effect.value for index in found.indices if index.effect) == pytest.approx(1.0)


def test_a_group_holds_what_the_subject_brings_itself(registry: Registry) -> None:
    """The hours of DBRX are all that is uncertain in its run beside the price: their effect is their group's."""
    effects = {}
    for by in ("parameter", "group"):
        found = sensitivity("zheng", scope="run_as_executed", claim="dbrx", method="shapley", by=by, registry=registry)
        effects[by] = {index.id: index.effect.value for index in found.indices if index.effect}
    assert effects["parameter"]["stated_hours"] > 0.05
    assert effects["group"]["run"] == pytest.approx(effects["parameter"]["stated_hours"], abs=0.01)
    assert effects["group"]["price"] == pytest.approx(effects["parameter"]["price.rental"], abs=0.01)


def test_an_index_whose_interval_holds_zero_is_about_zero_and_never_negative(zheng: Run) -> None:
    document = sensitivity_document(sensitivity_of(zheng, "project", method="sobol"))
    route = next(row for row in document["indices"] if row["id"] == "route")
    assert share_text(route, "first", ENGLISH) == "about 0"
    assert share_text(route, "first", FRENCH) == "environ 0"
    assert "about" not in share_text(route, "total", ENGLISH)
    assert min(row["first"] for row in document["indices"]) >= 0.0


def test_the_verdict_has_drivers_of_its_own(zheng: Run) -> None:
    found = sensitivity_of(zheng, "final_run", method="shapley", of="verdict", usd=CLAIM)
    assert found.indices[0].id == "price.rental"
    assert found.indices[0].effect
    assert found.indices[0].effect.value == pytest.approx(1.0)


def test_a_verdict_that_hardly_ever_changes_is_not_explained(zheng: Run) -> None:
    with pytest.raises(RefusedError, match="near to always the same"):
        sensitivity_of(zheng, "programme_with_staff", method="sobol", of="verdict", usd=CLAIM)
    with pytest.raises(RefusedError, match="amount"):
        sensitivity_of(zheng, "project", method="sobol", of="verdict")


@pytest.mark.parametrize("relation", ["at_most", "at_least"])
def test_of_a_bound_the_verdict_is_whether_it_holds(relation: str, zheng: Run, registry: Registry) -> None:
    """A final run costs F p at a fixed F, so a bound at its P30 is decided by the price alone and wrong for the lesser part."""
    bound = float(zheng.scope("final_run").quantile(0.3))
    plain = registry.claim("deepseek-v3-5.576m")
    claim = plain.model_copy(update={"amount": plain.amount.model_copy(update={"relation": relation, "value": bound})})
    found = voi("zheng", scope="final_run", claim=claim, registry=registry)
    assert found.wrong_verdict == pytest.approx(0.3, abs=1e-3)
    price = next(item for item in found.items if item.id == "price.rental")
    assert price.wrong_verdict_removed == pytest.approx(0.3, abs=1e-3)
    wide = voi("zheng", scope="project", claim=claim, registry=registry)
    at_most = zheng.scope("project").probability_at_most(bound)
    assert wide.wrong_verdict == pytest.approx(min(at_most, 1 - at_most), abs=5e-4)


def test_what_decides_a_bound_on_two_log_normals_has_a_closed_form(zheng: Run, registry: Registry) -> None:
    """Of a sum of normals at its median: two copies that share one term have correlation r, its share of variance, so both lie below
    with probability 1/4 + arcsin(r)/2 pi (Sheppard 1899), and the first-order index is (arcsin(r)/2 pi)/(1/4)."""
    changes = ["price.basis=rental", "price.rental=1.5..2.5", "overhead.stated=2..4", "goodput=0.999"]
    found = run("epoch", registry=registry, changes=changes, scopes=["project"])
    median = float(found.scope("project").quantile(0.5))
    spreads = np.log([2.5 / 1.5, 4.0 / 2.0])
    for relation in ("at_most", "at_least"):
        decided = sensitivity_of(found, "project", method="sobol", of="verdict", usd=median, relation=relation)
        first = {index.id: index.first.value for index in decided.indices if index.first}
        shares = spreads**2 / np.sum(spreads**2)
        assert [first["price.rental"], first["overhead.stated"]] == pytest.approx(2.0 * np.arcsin(shares) / np.pi, abs=0.01)
    with pytest.raises(RefusedError, match="the bound holds"):
        sensitivity_of(zheng, "programme_with_staff", method="sobol", of="verdict", usd=1e6, relation="at_most")


def nested_width(zheng: Run, registry: Registry, name: str, count: int = 48) -> float:
    """What is removed from the width, by a run of the engine at each of many equally likely values: no regression."""
    values = zheng.setting.distributions[name].ppf((np.arange(count) + 0.5) / count)
    ends = [
        run("zheng", registry=registry, changes=[f"{name}={x:.12g}"], scopes=["project"]).scope("project").quantile([0.05, 0.95])
        for x in values
    ]
    low, high = zheng.scope("project").quantile([0.05, 0.95])
    return float(high - low - np.exp(np.mean([np.log(end[1] - end[0]) for end in ends])))


@pytest.mark.parametrize("name", ["price.rental", "ablations.undisclosed", "window.share"])
def test_regression_agrees_with_nested_runs(name: str, learnt: Information, zheng: Run, registry: Registry) -> None:
    assert items(learnt)[name] == pytest.approx(nested_width(zheng, registry, name), abs=0.002 * learnt.width_usd)


def test_knowing_all_hours_of_research_leaves_the_price(learnt: Information, zheng: Run) -> None:
    """Then cost = F R p with R known: the width is F R (P95 - P5 of p), up to what rework does beside, with its geometric mean over R."""
    logs = [np.log(zheng.draws("research_ratio", route.id)).mean() for route in zheng.scope("project").routes]
    low, high = zheng.system.distribution("price_rental").ppf(np.array([0.05, 0.95]))
    left = 2.788e6 * np.exp(np.mean(logs)) * (high - low)
    assert items(learnt)["research+route"] == pytest.approx(learnt.width_usd - left, rel=0.02)


def test_knowing_the_only_uncertain_input_leaves_nothing(zheng: Run) -> None:
    found = voi_of(zheng, "final_run", usd=CLAIM)
    assert items(found)["price.rental"] == pytest.approx(found.width_usd, rel=1e-3)
    price = next(item for item in found.items if item.id == "price.rental")
    assert price.wrong_verdict_removed == pytest.approx(found.wrong_verdict, abs=1e-3)


def test_the_risk_of_a_wrong_verdict_is_that_of_the_likeliest_one(learnt: Information, zheng: Run) -> None:
    at_most = [zheng.scope("project").probability_at_most(CLAIM * factor) for factor in (1 / 1.2, 1.2)]
    likeliest = max(at_most[0], at_most[1] - at_most[0], 1 - at_most[1])
    assert learnt.wrong_verdict == pytest.approx(1 - likeliest, abs=5e-4)


def test_a_constant_is_worth_exactly_nothing(registry: Registry) -> None:
    found = voi("zheng", scope="project", registry=registry, changes=["price.rental=2", "goodput=0.95"])
    assert [items(found)[name] for name in ("price.rental", "goodput", "window.gpus")] == [0.0, 0.0, 0.0]
    certain = voi("as_reported", scope="final_run", registry=registry)
    assert {(item.width_removed_usd, item.wrong_verdict_removed) for item in certain.items} == {(0.0, 0.0)}
    assert certain.best is None
    assert "Nothing" in voi_sentence(certain, ENGLISH)


@pytest.mark.parametrize("scope", ["project", "programme_with_staff"])
def test_the_ranking_is_stable_over_seeds(scope: str, registry: Registry) -> None:
    found = [items(voi("zheng", scope=scope, registry=registry, seed=seed)) for seed in range(1, 6)]
    taus = [kendalltau([a[name] for name in a], [b[name] for name in a]).statistic for a, b in combinations(found, 2)]
    assert min(taus) > 0.8


def test_the_sentence_names_what_to_ask_and_why(learnt: Information) -> None:
    said = voi_sentence(learnt, ENGLISH)
    assert said.startswith("Ask the makers of DeepSeek-V3 to publish all GPU-hours that went into research")
    assert ENGLISH.money(learnt.width_usd, 3) in said
    assert voi_sentence(learnt, FRENCH).startswith("À demander aux auteurs de DeepSeek-V3")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("voi", "zheng", "--scope", "project", "--only", "reworks"), 'Did you mean "rework"?'),
        (("voi", "zheng", "--scope", "project", "--only", "staff.pay"), "price.rental"),
        (("sensitivity", "zheng", "--scope", "project", "--only", "staff", "--by", "group", "--method", "sobol"), "research"),
        (("sensitivity", "zheng", "--scope", "project", "--method", "sobl"), 'Did you mean "sobol"?'),
        (("sensitivity", "zheng", "--scope", "project", "--by", "group"), "sobol or shapley"),
        (("sensitivity", "zheng", "--scope", "projects"), 'Did you mean "project"?'),
        (("voi", "zheng", "--scope", "project", "--claim", "zheng-5.6"), 'Did you mean "zheng-5.6m"?'),
    ],
)
def test_bad_input_is_answered_with_the_names_that_would_do(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(list(words))
    err = capsys.readouterr().err
    assert (end.value.code, said in err, "Traceback" in err) == (2, True, False)


def test_errors_carry_where_they_are(zheng: Run) -> None:
    with pytest.raises(UnknownNameError, match="--of"):
        sensitivity_of(zheng, "project", method="sobol", of="costs")
    with pytest.raises(InputError, match="derisk does not enter final_run here"):
        sensitivity_of(zheng, "final_run", method="tornado", only=["derisk"])


def test_the_commands_print_the_figures_of_python(capsys: pytest.CaptureFixture[str], learnt: Information, zheng: Run) -> None:
    main(["voi", "zheng", "--scope", "project", "--json"])
    assert json.loads(capsys.readouterr().out) == voi_document(learnt)
    found: Sensitivity = sensitivity_of(zheng, "project", method="tornado", usd=CLAIM)
    main(["sensitivity", "zheng", "--scope", "project", "--json"])
    assert json.loads(capsys.readouterr().out) == sensitivity_document(found)


@pytest.mark.parametrize("words", ["sensitivity zheng --scope project", "voi zheng --scope project", "gap zheng-5.6m --scope project"])
@pytest.mark.parametrize("form", ["--csv", "--lang=fr", "--lang=en"])
def test_every_form_is_printed(words: str, form: str) -> None:
    result = CliRunner().invoke(costclaim, [*words.split(), form])
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) >= 5


def test_indices_are_printed_with_what_is_fixed(registry: Registry) -> None:
    result = CliRunner().invoke(costclaim, ["sensitivity", "lambert", "--scope", "project", "--method", "shapley"])
    assert "Fixed here, so without effect: v3_run.pretraining" in result.output
    assert "Rent of one H800-hour" in result.output


def test_every_input_stands_in_one_group(tmp_path, registry: Registry) -> None:
    import shutil

    folder = shutil.copytree(registry.root, tmp_path / "assumptions")
    path = folder / "groups.toml"
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace('"goodput", ', "")
        .replace('["staff.*"]', '["staff.*", "derisk"]')
        .replace(', "stated_hours"', ""),
        encoding="utf-8",
    )
    said = [str(problem) for problem in check(load_registry(folder)).problems]
    assert [text for text in said if "goodput" in text and "no group" in text]
    assert [text for text in said if "stated_hours" in text and "no group" in text]
    assert [text for text in said if "derisk" in text and "2 groups: research, staff" in text]
