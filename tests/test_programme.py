"""The simulated programme: exact accounts, closed forms, replications, the route that holds them, its command and bad input."""

from __future__ import annotations

import copy
import json
import math
import re
import sys
from dataclasses import replace
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from model.cli.main import costclaim, main
from model.engine import run
from model.errors import CheckFailed, InputError, MissingExtraError, RefusedError, UnknownNameError
from model.programme import replications
from model.programme.plan import Plan, plan
from model.programme.replications import Replay, Replications, replay, replicate
from model.programme.simulation import COMPONENTS, Inputs, Job, Simulation, lost_time
from model.registry import Registry
from model.views.programme import calendar, spread_of

FINAL_RUN = 2_788_000.0
QUIET = ("ideas_per_day", "data_jobs_per_day", "derisk_runs", "post_training_hours", "evaluation_hours", "failure_rate", "spikes")
NOTHING_ELSE = tuple(f"programme.{name}=0" for name in QUIET)
WINDOW = 233.0
STANDARD_ERRORS = 3.0


@pytest.fixture(scope="module")
def v3(registry: Registry) -> Plan:
    return plan(registry=registry)


@pytest.fixture(scope="module")
def one(v3: Plan) -> Replay:
    return replay(v3)


@pytest.fixture(scope="module")
def some(v3: Plan) -> Replications:
    return replicate(v3, 64)


def simulated(inputs: Inputs, seed: int = 1) -> Simulation:
    return Simulation(inputs, np.random.default_rng(seed)).run()


def middle(v3: Plan, **changed: Any) -> Inputs:
    return replace(v3.middle(), **changed)


# Accounts.


def test_without_ideas_and_failures_it_is_the_final_run_exactly(registry: Registry) -> None:
    found = replay(plan(registry=registry, changes=NOTHING_ELSE))
    assert {name: hours for name, hours in found.ledger.items() if hours} == {"final_run": FINAL_RUN, "idle": found.capacity - FINAL_RUN}
    assert (found.ratio, found.goodput) == (1.0, 1.0)
    assert found.finished_day == pytest.approx(found.inputs.research_days + FINAL_RUN / 2048 / 24, abs=1e-3)


@given(
    days=st.floats(20, 300),
    final_gpus=st.integers(1, 5000),
    other_gpus=st.integers(1, 3000),
    research=st.floats(0.01, 1.0),
    ideas_per_day=st.floats(0, 3),
    failure_rate=st.floats(0, 0.02),
    spikes=st.floats(0, 20),
    seed=st.integers(0, 2**30),
)
def test_the_ledger_balances_to_the_last_bit(v3: Plan, research: float, days: float, seed: int, **changed: Any) -> None:
    inputs = middle(v3, days=days, research_days=research * days, **changed)
    found = simulated(inputs, seed)
    ledger = found.ledger()
    assert sum(ledger.values()) == inputs.gpus * inputs.window
    assert min(ledger.values()) >= 0.0
    assert ledger["idle"] == inputs.gpus * inputs.window - math.fsum(v for name, v in ledger.items() if name != "idle")


def test_occupancy_is_what_was_used_over_what_there_was(one: Replay) -> None:
    shares = one.occupancy(50)
    assert shares.min() >= 0.0
    assert shares.max() <= 1.0 + 1e-12
    assert shares.mean() == pytest.approx(one.used / one.capacity)


def test_no_more_gpus_are_held_than_there_are(one: Replay) -> None:
    changes = [(job.start, job.gpus) for job in one.jobs] + [(job.end, -job.gpus) for job in one.jobs]
    held = np.cumsum([gpus for _, gpus in sorted(changes)])  # at one moment, what ends stands before what begins
    assert held.max() <= one.inputs.gpus


def test_rework_and_final_run_are_the_run_as_executed(one: Replay) -> None:
    assert one.ledger["rework"] / FINAL_RUN == pytest.approx(1.0 / one.goodput - 1.0)
    assert one.ratio > 1.0 / one.goodput


def test_nothing_new_starts_while_the_cluster_is_reserved(one: Replay) -> None:
    freeze = one.inputs.research_days * 24.0
    first = min(job.start for job in one.jobs if job.component == "final_run")
    assert [job for job in one.jobs if freeze < job.start < first and job.component not in ("final_run", "evaluation")] == []
    waited = [job for job in one.jobs if job.asked < freeze < job.start and job.component == "data_work"]
    assert waited == []


def test_an_idea_climbs_rung_by_rung(v3: Plan) -> None:
    jobs = [job for seed in range(8) for job in replay(v3, seed=seed).jobs if job.component == "ablations"]
    tried = [sum(job.label == rung for job in jobs) for rung in ("small", "medium", "near_scale")]
    assert all(0 < larger < 0.6 * smaller for smaller, larger in pairwise(tried))


@pytest.mark.parametrize(
    ("change", "component"),
    [
        ("programme.ideas_per_day=3", "ablations"),
        ("programme.data_jobs_per_day=6", "data_work"),
        ("programme.post_training_hours=4e4", "post_training"),
        ("programme.evaluation_hours=2e3", "evaluation"),
        ("programme.failure_rate=0.004", "rework"),
        ("programme.spikes=20", "rework"),
        ("programme.derisk_runs=4", "derisk"),
    ],
)
def test_more_of_something_takes_more_hours_in_all(registry: Registry, some: Replications, change: str, component: str) -> None:
    more = replicate(plan(registry=registry, changes=[change]), 12)
    assert more.ledgers[component].mean() > some.ledgers[component][:12].mean()
    assert more.used.mean() > some.used[:12].mean()


def test_a_final_run_that_is_not_done_in_the_window_has_no_ratio(registry: Registry) -> None:
    made = plan(registry=registry, changes=["window.days=183", "programme.failure_rate=0.01"])
    found = replay(made)
    assert (found.finished_day, found.ratio) == (None, None)
    assert 0.0 < found.ledger["final_run"] < FINAL_RUN
    assert sum(found.ledger.values()) == found.capacity
    many = replicate(made, 3)
    assert (many.finished, many.table(), many.probability()) == (0.0, (), 0.0)
    assert spread_of(many.ratio) is None


# Closed forms.


@pytest.mark.parametrize(("rate", "interval", "downtime"), [(0.05, 0.5, 0.4), (0.5, 2.0, 0.5), (0.3, 4.0, 0.0), (1.0, 0.25, 1.0)])
def test_lost_time_agrees_with_its_closed_form(rate: float, interval: float, downtime: float) -> None:
    """A segment of length t between checkpoints takes (exp(rate t) - 1)(1/rate + downtime) on average.

    Let E be that time. With probability exp(-rate t) no stop falls into the segment and it takes t; else it takes the time to the stop,
    the downtime, and E again: E = E[min(X, t)] + (1 - exp(-rate t))(downtime + E), with E[min(X, t)] = (1 - exp(-rate t))/rate.
    """
    segments, rng = 40, np.random.default_rng(7)
    work = segments * interval
    expected = segments * (math.expm1(rate * interval)) * (1.0 / rate + downtime) - work
    lost = [lost_time(work, rng, stop_rate=rate, interval=interval, downtime=downtime) for _ in range(2000)]
    assert abs(np.mean(lost) - expected) < STANDARD_ERRORS * np.std(lost) / math.sqrt(len(lost))


def test_without_stops_nothing_is_lost_and_without_interval_only_the_downtime() -> None:
    rng = np.random.default_rng(3)
    assert lost_time(100.0, rng, stop_rate=0.0, interval=1.0, downtime=5.0) == 0.0
    lost = np.array([lost_time(100.0, rng, stop_rate=0.1, interval=0.0, downtime=0.5) for _ in range(2000)])
    assert np.all(lost % 0.5 == 0.0)  # a whole number of stops
    assert abs(lost.mean() - 5.0) < STANDARD_ERRORS * lost.std() / math.sqrt(len(lost))


def test_every_loss_spike_repeats_the_work_that_it_rolls_back() -> None:
    """N spikes at rate s over all work done, W + N b of it: E[N] = s W / (1 - s b), each costing b + d."""
    rng, work, rate, back, down = np.random.default_rng(5), 200.0, 0.05, 4.0, 0.5
    options = {"stop_rate": 0.0, "interval": 1.0, "downtime": down, "spike_rate": rate, "rollback": back}
    lost = [lost_time(work, rng, **options) for _ in range(3000)]
    expected = rate * work / (1.0 - rate * back) * (back + down)
    assert abs(np.mean(lost) - expected) < STANDARD_ERRORS * np.std(lost) / math.sqrt(len(lost))


def test_a_run_that_never_ends_is_cut() -> None:
    assert lost_time(1e4, np.random.default_rng(1), stop_rate=5.0, interval=10.0, downtime=1.0, most=500.0) > 500.0


@pytest.mark.parametrize(("servers", "load"), [(2, 0.7), (4, 0.8)])
def test_waiting_in_the_queue_agrees_with_erlang_c(v3: Plan, servers: int, load: float) -> None:
    """M/M/c: jobs of one GPU that arrive and last at random wait C / (c mu - lambda), C Erlang's probability of waiting."""
    service, days = 6.0, 400.0
    offered = servers * load
    per_hour = offered / service
    below = sum(offered**k / math.factorial(k) for k in range(servers))
    full = offered**servers / math.factorial(servers) / (1.0 - load)
    expected = full / (below + full) / (servers / service - per_hour)
    nothing = dict.fromkeys(QUIET, 0.0) | {"evaluation_share": 0.0}
    inputs = middle(v3, **nothing)
    size = {"final_gpus": 1, "other_gpus": servers - 1, "small_gpus": 1, "stages": (("pretraining", 1.0),), "kept_checkpoints": 1}
    queue = {"days": days + 1.0, "research_days": days, "data_jobs_per_day": per_hour * 24.0, "data_job_hours": service}
    inputs = replace(inputs, **size, **queue)
    settled = range(int(0.1 * days * 24), int(0.9 * days * 24))
    means = [np.mean([job.start - job.asked for job in jobs_of(inputs, seed) if int(job.asked) in settled]) for seed in range(16)]
    assert abs(np.mean(means) - expected) < STANDARD_ERRORS * np.std(means, ddof=1) / math.sqrt(len(means))


def jobs_of(inputs: Inputs, seed: int) -> list[Job]:
    return [job for job in simulated(inputs, seed).jobs if job.component == "data_work"]


def test_mean_goodput_at_this_size_lies_in_the_published_band(registry: Registry) -> None:
    """Failure rates between the two sources and half an hour to an hour lost each: 0.87 to 0.985 (overhead collection, section b)."""
    down = ("programme.detection_time=uniform(0.25, 0.5)", "programme.restart_time=uniform(0.25, 0.5)")
    quiet = tuple(change for change in NOTHING_ELSE if "failure" not in change)
    found = replicate(plan(registry=registry, changes=(*quiet, *down, "programme.checkpoint_interval=0.0833")), 60)
    assert 0.87 <= found.goodput.mean() <= 0.985


# Replications.


def test_results_do_not_depend_on_the_number_of_workers(v3: Plan, some: Replications, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replications, "ALONE", 4)
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # what tests of pages leave there is no script to start again
    done: list[int] = []
    spread = replicate(v3, 24, workers=2, advance=done.append)
    assert sum(done) == 24
    for name in ("used", "ratio", "goodput", "finished_day"):
        assert getattr(spread, name).tolist() == getattr(some, name)[:24].tolist()


def test_a_replay_is_the_first_replication_of_its_seed(one: Replay, some: Replications) -> None:
    assert (one.ratio, one.goodput, one.finished_day) == (some.ratio[0], some.goodput[0], some.finished_day[0])
    assert len(set(some.ratio.tolist())) == some.number


def test_mean_error_is_the_spread_over_the_root_of_the_number(some: Replications) -> None:
    found = spread_of(some.ratio)
    assert found["standard_error"] == pytest.approx(np.std(some.ratio, ddof=1) / 8.0)
    assert found["p05"] < found["p50"] < found["p95"]


def test_a_budget_is_met_where_price_times_hours_is_below_it(registry: Registry) -> None:
    fixed = (*NOTHING_ELSE, "price.rental=2", "programme.research_days=120", "programme.other_gpus=256")
    found = replicate(plan(registry=registry, changes=fixed), 4)
    assert found.probability(5.57e6) == 0.0
    assert found.probability(5.576e6) == 1.0
    assert found.probability(5.576e6).error == pytest.approx(math.sqrt(5.0 / 36.0 / 4.0))  # one dissenter in six
    assert found.probability(6e6, 170.0) == 0.0
    assert found.probability(6e6, 180.0) == 1.0


@given(budget=st.floats(1e6, 5e7), more=st.floats(1.0, 2.0), days=st.floats(1, WINDOW))
def test_the_probability_rises_with_budget_and_date(some: Replications, budget: float, more: float, days: float) -> None:
    chance = some.probability(budget, days)
    assert 0.0 <= chance <= some.probability(budget * more, days) <= 1.0
    assert chance <= some.probability(budget, days * more)
    assert chance.error > 0.0


# The route to R.


def test_the_stored_ratios_are_those_that_are_simulated(registry: Registry, some: Replications) -> None:
    entry = registry.parameters["overhead.simulated"]
    told = [float(x) for x in re.findall(r"\d+\.\d{4}", entry.evidence[0].figure)]
    assert told == pytest.approx(some.ratio[:3].tolist(), abs=6e-5), "simulate anew: costclaim programme zheng --replications 1000 --json"
    stored = np.array(entry.distribution.values)
    apart = np.abs(np.searchsorted(stored, np.sort(some.ratio)) / len(stored) - (np.arange(some.number) + 0.5) / some.number)
    assert apart.max() < 1.63 / math.sqrt(some.number)  # Kolmogorov's bound at 1 %


def test_the_simulated_route_alone_gives_the_stored_ratios(registry: Registry) -> None:
    alone = [f"route.{name}={int(name == 'simulated')}" for name in ("bottom_up", "reference_class", "cluster_window", "simulated")]
    found = run("as_reported", registry=registry, changes=alone, scopes=["project", "run_as_executed"])
    stored = registry.parameters["overhead.simulated"].distribution.values
    middle_of_shares = found.scope("project").quantile([0.245, 0.495, 0.745]) / (2.0 * FINAL_RUN)
    assert middle_of_shares == pytest.approx([stored[24], stored[49], stored[74]], rel=2e-3)
    assert np.all(found.draws("research_ratio", "simulated") >= found.draws("elapsed_ratio"))


def test_the_simulated_route_is_off_by_default(zheng: Any) -> None:
    assert "simulated" not in [route.id for route in zheng.scope("project").routes]


# The command.


def called(*words: str) -> Any:
    return CliRunner().invoke(costclaim, ["programme", *words])


def test_a_replay_as_json_has_the_promised_keys(one: Replay) -> None:
    answer = json.loads(called("zheng", "--json").stdout)
    assert answer["ledger"] == one.ledger
    assert list(answer["ledger"]) == list(COMPONENTS)
    assert sum(answer["ledger"].values()) == answer["capacity_gpu_hours"] == one.capacity
    assert (answer["R"], answer["goodput"], answer["finished_day"]) == (one.ratio, one.goodput, one.finished_day)
    assert [span for span in answer["calendar"] if span["job"] == "medium"] != []
    assert sum(map(len, calendar(one).values())) == len(answer["calendar"])


def test_cox_has_a_probability_with_its_error(registry: Registry) -> None:
    words = ("cox", "--budget", "5e6", "--days", "30", "--replications", "40")
    answer = json.loads(called(*words, "--json").stdout)
    found = replicate(plan("cox", registry=registry), 40)
    chance = found.probability(5e6, 30.0)
    assert (answer["probability"], answer["standard_error"]) == (chance, chance.error)
    assert 0.0 < answer["probability"] < 0.15
    assert answer["R"] == answer["spread"]["R"]["p50"]
    told = called(*words).stdout
    assert "the probability of finishing within the budget and the date" in told
    assert called(*words, "--csv").stdout.splitlines()[0] == "component,gpu_hours"


def test_a_replay_that_does_not_finish_says_so() -> None:
    told = called("zheng", "--set", "window.days=183", "--set", "programme.failure_rate=0.01").stdout
    assert "did not finish within the window" in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["zheng", "--set", "programme.failure_rate=-1"], "at or above 0"),
        (["zheng", "--set", "window.days=40"], "shorter than the final run: it needs 56.72 days"),
        (["zheng", "--set", "programme.research_days=200"], "Raise window.days or window.gpus"),
        (["zheng", "--set", "v3_run.pretraining=0", "--set", "v3_run.context_extension=0", "--set", "v3_run.post_training=0"], "no hours"),
        (["zheng", "--set", "programme.ideas_per_day=1e9"], "At most 1e+06"),
        (["zheng", "--set", "programme.idea_per_day=1"], "programme.ideas_per_day"),
        (["zheng", "--set", "programme.restart_time=2 day_hours"], "programme.restart_time"),
        (["zheng", "--budget", "1e7", "--days", "400"], 'window.days=400"'),
        (["zheng", "--replications", "0"], "Between 1 and 100,000"),
        (["zhen"], 'Did you mean "zheng"?'),
        (["zheng", "--budget", "0"], "--budget"),
    ],
)
def test_bad_input_leaves_with_status_2_and_names_the_way_out(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["programme", *words])
    assert left.value.code == 2
    assert message in capsys.readouterr().err


def test_a_draw_with_too_many_jobs_is_refused_like_a_median(registry: Registry) -> None:
    made = plan(registry=registry, changes=["programme.ideas_per_day=0.001..100000"])
    with pytest.raises(InputError, match=r"At most 1e\+06 are simulated"):
        _ = [made.drawn(np.random.default_rng(seed)) for seed in range(64)]


def test_an_error_in_a_worker_comes_back_as_it_was(registry: Registry) -> None:
    errors = [InputError("here", "found", "accepted"), UnknownNameError("here", "scope", "projekt", ["project"])]
    for error in (*errors, CheckFailed(errors), MissingExtraError("simpy", "programme"), RefusedError("no answer")):
        back = copy.copy(error)  # by the same means as a process hands it on
        assert (type(back), str(back), back.exit_status) == (type(error), str(error), error.exit_status)
        assert back.__dict__.keys() == error.__dict__.keys()


def test_a_time_may_be_written_in_another_unit(registry: Registry) -> None:
    made = plan(registry=registry, changes=["programme.restart_time=30 minute", "programme.failure_rate=0.7 1/gpu_day/1000"])
    assert made.middle().restart_time == pytest.approx(0.5)
    assert made.middle().failure_rate == pytest.approx(7e-4)


def test_one_replication_has_no_standard_error_and_says_none() -> None:
    printed = called("owner", "--replications", "1").stdout
    assert "goodput" in printed
    assert "standard error" not in printed


def test_too_many_replications_are_refused(v3: Plan) -> None:
    with pytest.raises(InputError, match="100,000"):
        replicate(v3, 10**6)
