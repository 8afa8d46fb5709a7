"""The track record: published figures of the runs' table, closed forms of fit and scores, unseen files, errors by row and column."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from model.backtest import score as scored
from model.backtest.document import backtest_document
from model.backtest.predict import Forecast, baseline, fit, flop_per_token, full_use_hours, utilisation
from model.backtest.runs import own_runs, read_runs
from model.backtest.score import ESTIMATE, LEVELS, ONE_MFU, PLAIN, Backtest, backtest, binomial_band, interval, place_of
from model.errors import CheckFailed, InputError
from model.registry import Registry
from model.schema.run import BacktestRun, DisclosedRun
from model.setting import build

pytest.importorskip("scoringrules")


@pytest.fixture(scope="module")
def runs(registry: Registry) -> tuple[BacktestRun, ...]:
    return own_runs(registry)


@pytest.fixture(scope="module")
def record(registry: Registry) -> Backtest:
    return backtest(registry=registry)


def calibration(runs: tuple[BacktestRun, ...], *, without: str = "") -> list[BacktestRun]:
    return [run for run in runs if run.use == "calib" and run.family != without]


def made(**changed: object) -> DisclosedRun:
    plain = {"id": "made", "params_active_b": 7.0, "tokens_t": 1.0, "peak_bf16_dense_tflops": 312.0, "gpu_hours_disclosed": 1e5}
    return DisclosedRun.model_validate({**plain, "hw_gen": "A100", **changed})


# The table of runs: figures printed with the evidence, 57 calibration rows of 24 families, DeepSeek-V3 in the BF16 count.
def test_the_runs_are_those_of_the_evidence(runs: tuple[BacktestRun, ...]) -> None:
    fitted = calibration(runs)
    logs = np.log([utilisation(run) for run in fitted])
    assert (len(runs), len(fitted), len({run.family for run in fitted})) == (60, 57, 24)
    assert np.median([utilisation(run) for run in fitted]) == pytest.approx(0.318, abs=5e-4)
    assert (math.exp(logs.mean()), logs.std(ddof=1)) == pytest.approx((0.301, 0.406), abs=6e-4)
    by_id = {run.id: run for run in runs}
    assert flop_per_token(by_id["deepseek-v3"]) == pytest.approx(252.7e9, rel=1e-4)
    assert utilisation(by_id["deepseek-v3"]) == pytest.approx(0.3942, abs=5e-5)
    assert utilisation(by_id["lucie-7b"]) == pytest.approx(0.0688, abs=5e-5)
    assert flop_per_token(by_id["falcon-mamba-7b"]) == 6 * 7.27e9


def test_a_peak_is_that_of_the_chip_on_file(runs: tuple[BacktestRun, ...], registry: Registry) -> None:
    checked = 0
    for run in runs:
        chip = registry.chips.get(run.hardware.split("-")[0].split("+")[0])
        if chip:
            checked += 1
            assert run.peak_bf16_dense_tflops * 1e12 == chip.peak_dense_flop_per_s.get("bf16", chip.peak_dense_flop_per_s.get("fp16"))
    assert checked == len(runs) - 1  # Ascend 910 is no chip of the table


def test_one_utilisation_without_the_family_gives_v3_its_published_range(registry: Registry) -> None:
    _, forecasts = place_of("deepseek-v3", registry)
    forecast = forecasts[ONE_MFU]
    millions = [float(forecast.quantile(q)[0]) / 1e6 for q in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)]
    assert millions == pytest.approx([1.78, 2.06, 2.65, 3.51, 4.63, 5.96, 6.92], abs=6e-3)


def test_the_class_of_the_checks_is_that_baseline(runs: tuple[BacktestRun, ...], registry: Registry) -> None:
    logs = np.log([utilisation(run) for run in calibration(runs, without="deepseek")])
    law = build(registry.parameters["mfu.reference_class"].distribution, {})
    ends = [math.exp(logs.mean() + z * logs.std(ddof=1)) for z in special.ndtri([0.05, 0.95])]
    assert law.ppf(np.array([0.05, 0.95])) == pytest.approx(ends, rel=0.01)


def test_the_pooled_coverage_is_the_published_one(record: Backtest) -> None:
    fitted = [place for place, run in enumerate(record.runs) if run.use == "calib"]
    assert record.score(ONE_MFU, fitted).coverage == pytest.approx({"50": 0.56, "80": 0.86, "90": 0.91}, abs=5e-3)


def test_the_estimate_is_calibrated_and_beats_both_baselines(record: Backtest) -> None:
    found = record.score()
    for name, level in LEVELS.items():
        low, high = binomial_band(found.n, level)
        assert low <= found.coverage[name] <= high
    for method in (ONE_MFU, PLAIN):
        assert found.crps < record.score(method).crps
        assert found.interval_score["80"] < record.score(method).interval_score["80"]
    assert sum(record.histogram()) == found.n == 60


@pytest.mark.parametrize("grouping", ["developer", "hw_gen"])
def test_leaving_out_a_whole_lab_or_generation_of_chips_keeps_the_intervals(grouping: str, runs: tuple[BacktestRun, ...]) -> None:
    fitted, held = calibration(runs), {"50": 0, "80": 0}
    for group in {getattr(run, grouping) for run in fitted}:
        out = [run for run in fitted if getattr(run, grouping) == group]
        forecast = fit([run for run in fitted if run not in out], 0.2).forecast(out)
        hours = np.array([run.gpu_hours_disclosed for run in out])
        for name in held:
            low, high = interval(forecast, LEVELS[name])
            held[name] += int(np.sum((low <= hours) & (hours <= high)))
    assert 0.70 <= held["80"] / len(fitted) <= 0.92
    assert 0.40 <= held["50"] / len(fitted) <= 0.68


def test_other_spreads_between_chips_change_the_score_by_less_than_one_percent(runs: tuple[BacktestRun, ...], registry: Registry) -> None:
    def crps(spread: float) -> float:
        fitted = calibration(runs)
        rules = {**registry.rules, scored.CHIP_SPREAD: spread}
        return Backtest(scored.Table(tuple(fitted)), scored.forecasts(fitted, runs, rules)).score().crps

    assert [crps(spread) / crps(0.2) for spread in (0.1, 0.3)] == pytest.approx([1, 1], abs=0.01)


# Closed forms.
def test_hours_at_full_use_are_flop_over_peak() -> None:
    run = made(n_layers=32, attn_width=4096, seq_len=4096)
    assert full_use_hours(run) == pytest.approx(6e12 * (7e9 + 32 * 4096 * 4096) / (312e12 * 3600))
    assert full_use_hours(run, attention=False) == pytest.approx(6e12 * 7e9 / (312e12 * 3600))


def test_one_generation_of_chips_is_a_mean_with_a_t() -> None:
    """With n runs of one generation the offset is not told from the mean: prediction is mean, s sqrt(1 + 1/n), n - 1."""
    runs = [made(id=str(h), gpu_hours_disclosed=h) for h in (1e5, 1.5e5, 2e5, 4e5)]
    y = np.log([utilisation(run) for run in runs])
    forecast = fit(runs, 0.2).forecast([made()])
    assert forecast.location[0] == pytest.approx(math.log(full_use_hours(made())) - y.mean(), abs=1e-6)
    assert forecast.scale[0] == pytest.approx(y.std(ddof=1) * math.sqrt(1 + 1 / 4), rel=1e-6)
    assert forecast.freedom[0] == pytest.approx(3, abs=1e-6)


def test_few_runs_of_a_chip_are_pulled_towards_the_rest_and_an_unknown_chip_is_wider() -> None:
    common = [made(id=str(i), gpu_hours_disclosed=1e5 * math.exp(0.3 * z)) for i, z in enumerate((-1.5, -1, -0.5, 0, 0.5, 1, 1.5))]
    rare = made(id="rare", hw_gen="V100", gpu_hours_disclosed=4e5)
    fitted = fit([*common, rare], 0.2)
    known, seldom, unknown = fitted.forecast([made(), made(hw_gen="V100"), made(hw_gen="new")]).location
    assert known < unknown < seldom < math.log(4e5)
    scales = fitted.forecast([made(), made(hw_gen="new")]).scale
    assert scales[1] ** 2 - scales[0] ** 2 > 0.5 * 0.2**2


@given(st.floats(0.01, 0.99), st.floats(0.1, 2.0), st.sampled_from([4.0, 30.0, math.inf]))
def test_percentile_inverts_quantile(share: float, scale: float, freedom: float) -> None:
    forecast = Forecast(np.array([12.0]), np.array([scale]), np.array([freedom]))
    assert float(forecast.percentile(forecast.quantile(share))[0]) == pytest.approx(share, abs=1e-9)


@given(st.floats(1.1, 10.0))
def test_predicted_hours_grow_with_tokens(factor: float) -> None:
    runs = [made(id=str(h), gpu_hours_disclosed=h) for h in (1e5, 1.5e5, 2e5)]
    less, more = fit(runs, 0.2).forecast([made(), made(tokens_t=factor)]).quantile(0.5)
    assert more / less == pytest.approx(factor)


@pytest.mark.parametrize("freedom", [5.0, math.inf])
def test_crps_is_the_integral_of_the_squared_distance_of_distributions(freedom: float) -> None:
    law = stats.t(freedom, 11.0, 0.4) if math.isfinite(freedom) else stats.norm(11.0, 0.4)
    y = 11.5
    below = integrate.quad(lambda x: law.cdf(x) ** 2, -40, y)[0]
    above = integrate.quad(lambda x: (1 - law.cdf(x)) ** 2, y, 60)[0]
    found = scored._score(Forecast(np.array([11.0]), np.array([0.4]), np.array([freedom])), np.array([math.exp(y)]))
    assert found.crps == pytest.approx(below + above, rel=1e-5)
    low, high = law.ppf([0.1, 0.9])
    assert found.interval_score["80"] == pytest.approx(high - low + (0 if low <= y <= high else 10 * max(y - high, low - y)))
    assert found.median_ratio == pytest.approx(math.exp(0.5))


def test_the_rule_of_thumb_counts_no_attention() -> None:
    runs = [made(id=str(h), gpu_hours_disclosed=h) for h in (1e5, 2e5)]
    run = made(n_layers=32, attn_width=4096, seq_len=4096)
    assert baseline(runs, [run], 0.4).quantile(0.5)[0] == pytest.approx(6 * 7e9 * 1e12 / (312e12 * 0.4 * 3600))


def test_the_band_holds_95_percent_of_a_calibrated_record() -> None:
    low, high = binomial_band(60, 0.8)
    inside = stats.binom.cdf(round(60 * high), 60, 0.8) - stats.binom.cdf(round(60 * low) - 1, 60, 0.8)
    assert inside >= 0.95
    assert stats.binom.cdf(round(60 * high) - 1, 60, 0.8) < 0.975


# Files.
def written(path: Path, runs: list[dict[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(runs[0]))
        writer.writeheader()
        writer.writerows(runs)
    return path


def rows_of(runs: tuple[BacktestRun, ...], **changed: object) -> list[dict[str, object]]:
    return [run.model_dump(exclude={"evidence", "note"}) | changed for run in runs]


def test_a_file_of_the_same_runs_gives_the_same_record(
    runs: tuple[BacktestRun, ...], record: Backtest, registry: Registry, tmp_path: Path
) -> None:
    found = backtest(written(tmp_path / "runs.csv", rows_of(runs, extra="x")), registry=registry)
    assert found.score() == record.score()
    assert found.table.extra == ("extra",)
    assert found.table.missing == ()


def test_unseen_runs_are_predicted_from_all_of_the_projects_own(runs: tuple[BacktestRun, ...], registry: Registry, tmp_path: Path) -> None:
    new = {"params_active_b": 8, "tokens_t": 15, "gpu_hours_disclosed": 1_300_000, "hardware": "H100-80GB"}
    found = backtest(written(tmp_path / "new.csv", [new]), registry=registry)
    expected = fit(calibration(runs), registry.rules[scored.CHIP_SPREAD]).forecast(found.runs)
    assert found.forecasts[ESTIMATE].location == pytest.approx(expected.location)
    assert (found.runs[0].hw_gen, found.runs[0].peak_bf16_dense_tflops) == ("Hopper", 989.4)
    assert {"n_layers", "use", "hw_gen"} <= set(found.table.missing)
    assert not found.is_own


@pytest.mark.parametrize("hardware", ["H100 PCIe", "NVIDIA H100-PCIE-80GB", "V100-PCIe", "H100 NVL"])
def test_a_slower_form_of_a_chip_has_no_peak_of_its_namesake(hardware: str, runs: tuple[BacktestRun, ...], tmp_path: Path) -> None:
    """NVIDIA's data sheets: 756 TFLOP/s dense BF16 for an H100 PCIe, 989 for the SXM; 112 and 125 for FP16 of a V100."""
    known = {"params_active_b": 8, "tokens_t": 15, "gpu_hours_disclosed": 1_300_000, "hardware": "H100-SXM"}
    table = read_runs(written(tmp_path / "new.csv", [known, {**known, "hardware": hardware}]), runs)
    assert [run.peak_bf16_dense_tflops for run in table.runs] == [989.4]
    assert list(table.unscored.values()) == ["no peak_bf16_dense_tflops"]


def test_rows_that_cannot_be_scored_are_named_and_suspect_ones_count(runs: tuple[BacktestRun, ...], tmp_path: Path) -> None:
    rows = rows_of(runs[:4])
    rows[0]["use"], rows[1]["gpu_hours_disclosed"], rows[2]["use"] = "exclude", "", "stress"
    table = read_runs(written(tmp_path / "runs.csv", rows), runs)
    assert [run.use for run in table.runs] == ["stress", "calib"]
    assert list(table.unscored.values()) == ["exclude", "no gpu_hours_disclosed"]
    assert list(table.unscored)[1] == f"row 3: {runs[1].id}"


@pytest.mark.parametrize(
    ("column", "cell"), [("tokens_t", "a lot"), ("params_active_b", "-7"), ("gpu_hours_disclosed", "nan"), ("use", "maybe")]
)
def test_a_wrong_cell_is_told_by_row_and_column(column: str, cell: str, runs: tuple[BacktestRun, ...], tmp_path: Path) -> None:
    rows = rows_of(runs[:3])
    rows[1][column] = cell
    with pytest.raises(CheckFailed, match=rf"row 3, column {column}: found '{cell}'"):
        read_runs(written(tmp_path / "runs.csv", rows), runs)


@pytest.mark.parametrize("size", ["1e300", "1e-300"])
def test_a_run_of_no_finite_size_is_told_by_row(size: str, runs: tuple[BacktestRun, ...], tmp_path: Path) -> None:
    rows = rows_of(runs[:2])
    rows[1] |= {"params_active_b": size, "tokens_t": size}
    with pytest.raises(CheckFailed, match=r"row 3: would take (inf|0) hours"):
        read_runs(written(tmp_path / "runs.csv", rows), runs)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", 'no column "params_active_b"'),
        (b"params_active,tokens_t,gpu_hours_disclosed\n", 'Did you mean "params_active"'),
        (b"params_active_b,tokens_t,gpu_hours_disclosed\n", "no row that can be scored"),
        (b"params_active_b,tokens_t,gpu_hours_disclosed\n7,1,1e5\n", "no row that can be scored"),
        (b"params_active_b,tokens_t,gpu_hours_disclosed\n7,1,1e5,3\n", "row 2: has 4 cells"),
        (b"tokens_t,tokens_t\n", "stands twice"),
        (b'params_active_b,"tokens_t\n', "is not CSV"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_a_broken_file_is_refused_with_what_is_accepted(content: bytes, said: str, runs: tuple[BacktestRun, ...], tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_runs(tmp_path / "runs.csv", runs)


def test_a_file_that_is_too_large_or_missing_is_refused(
    runs: tuple[BacktestRun, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_runs(tmp_path / "none.csv", runs)
    monkeypatch.setattr("model.backtest.runs.LARGEST_FILE", 3)
    with pytest.raises(InputError, match="more than 3 bytes"):
        read_runs(written(tmp_path / "runs.csv", rows_of(runs[:1])), runs)


def test_the_document_holds_what_scripts_rely_on(record: Backtest, registry: Registry) -> None:
    found = backtest_document(record, registry)
    assert found["n"] == len(found["runs"]) == 60
    assert set(found["coverage"]) == {"50", "80", "90"}
    assert set(found["baselines"]) == {ONE_MFU, PLAIN}
    assert {kind: sum(part["n"] for part in parts.values()) for kind, parts in found["by"].items()} == dict.fromkeys(found["by"], 60)
    assert found["by"]["use"]["stress"]["n"] == 3
    assert found["without_unread"]["n"] == 60 - found["by"]["source"]["not read"]["n"]
    v3 = next(run for run in found["runs"] if run["id"] == "deepseek-v3")
    assert found["deepseek_v3"][ESTIMATE]["percentile"] == v3["percentile"]
    assert v3["p10"] < v3["gpu_hours_disclosed"] < v3["p50"]
