"""Bad input on the command line: exit status 2 and a message that says where, what was found, and what would do; no traceback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import model
from model.cli.main import main
from model.registry import LARGEST_FILE, default_root

V3 = "deepseek-v3-5.576m"
AUDIT = ("audit", V3)
Refused = Callable[..., str]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Refused:
    """Run a command that must be refused with status 2 and print nothing but its message."""

    def called(*arguments: str, status: int = 2) -> str:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        captured = capsys.readouterr()
        assert end.value.code == status
        assert captured.out == ""
        assert "Traceback" not in captured.err
        return captured.err

    return called


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the assumptions to plant faults in."""
    return Path(shutil.copytree(default_root(), tmp_path / "assumptions"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audit", "deepseek-v3-5.57m"), ("claim", '"deepseek-v3-5.57m"', f'Did you mean "{V3}"?')),
        ((*AUDIT, "--scenario", "zhang"), ("scenario", '"zhang"', 'Did you mean "zheng"?')),
        (("run", "owners"), ("scenario", '"owners"', 'Did you mean "owner"?')),
        ((*AUDIT, "--implied", "projet"), ("--implied", '"projet"', 'Did you mean "project"?')),
        (("percentile", "zheng", "--scope", "final-run", "--usd", "5e6"), ("--scope", '"final-run"', 'Did you mean "final_run"?')),
        (("adit", V3), ("command", '"adit"', 'Did you mean "audit"?')),
        ((*AUDIT, "--set", "price.rentel=2"), ("--set", '"price.rentel"', 'Did you mean "price.rental"?')),
        ((*AUDIT, "--set", "price.basis=rentals"), ("--set: price.basis", '"rentals"', 'Did you mean "rental"?')),
        (("run", "zheng", "--subject", "deepseek-v4"), ("subject", '"deepseek-v4"', "Did you mean")),
        (("claims", "show", "zheng-5.6"), ("claim", '"zheng-5.6"', 'Did you mean "zheng-5.6m"?')),
        (("assumptions", "show", "goodputs"), ("parameter", '"goodputs"', 'Did you mean "goodput"?')),
        (("sources", "show", "deepseek-v3-reports"), ("source", 'Did you mean "deepseek-v3-report"?')),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_known_one(
    refused: Refused, arguments: tuple[str, ...], said: tuple[str, ...]
) -> None:
    message = refused(*arguments)
    assert [text for text in said if text not in message] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("price.rental=3 kWh", ("--set: price.rental", "kWh", "USD/gpu_hour")),
        ("price.rental=3 CNY/gpu_hour", ("--set: price.rental", "CNY", "USD")),
        ("v3_run.pretraining=2 H800_hour + 3 A100_hour", ("--set: v3_run.pretraining", "H800-hours", "A100-hours", "gpu_hour")),
        ("v3_run.pretraining=3 A100_hour", ("--set: v3_run.pretraining", "A100-hours", "H800")),
        ("price.rental", ("--set", '"price.rental"', "ID=VALUE")),
        ("price.rental=", ("--set", "ID=VALUE")),
        ("=2", ("--set", "ID=VALUE")),
        ("price.rental=two", ("--set: price.rental", '"two"', "2..4")),
        ("price.rental=-2", ("--set: price.rental", "-2", "above 0")),
        ("price.rental=3..2", ("--set: price.rental", "rising order")),
        ("price.rental=prt(1, 2, 3)", ("--set: price.rental", '"prt"', 'Did you mean "pert"?')),
        ("goodput=1.2", ("--set: goodput", "1.2", "between 0 excluded and 1")),
        ("goodput=0.8..0.9", ("--set: goodput", "shape", "beta(40, 2.6)")),
        ("route.bottom_up=-1", ("--set: route.bottom_up", '"-1"', "Write 0, or a number from")),
        ("case.none=1", ("--set", '"case.none"')),
    ],
)
def test_a_wrong_change_says_what_would_do(refused: Refused, change: str, said: tuple[str, ...]) -> None:
    message = refused(*AUDIT, "--set", change)
    assert [text for text in said if text not in message] == []


@pytest.mark.parametrize("usd", ["0", "-5e6", "nan", "inf", "much"])
def test_a_budget_must_be_an_amount(refused: Refused, usd: str) -> None:
    message = refused("percentile", "zheng", "--scope", "project", "--usd", usd)
    assert "above 0" in message or "not a valid float" in message


@pytest.mark.parametrize("points", ["0", "-4", "3", str(2**31), "1e4"])
def test_points_out_of_range_are_refused(refused: Refused, points: str) -> None:
    message = refused(*AUDIT, "--points", points)
    assert "--points" in message
    assert "Between 4 and 2^30" in message or "not a valid integer" in message


def test_a_negative_seed_is_refused(refused: Refused) -> None:
    assert "--seed: -1 is out of range" in refused(*AUDIT, "--seed", "-1")


def test_an_absent_scope_has_no_percentile(refused: Refused) -> None:
    message = refused("percentile", "zheng", "--scope", "project", "--usd", "1e6", "--subject", "deepseek-r1-stage", status=3)
    assert "base_excluded" in message


def test_compare_takes_two_scenarios_or_more(refused: Refused) -> None:
    assert "Name two or more" in refused("compare", "zheng")


def test_what_would_have_to_be_true_is_asked_in_the_scopes_own_words(refused: Refused) -> None:
    solve = ("solve", V3, "--scope", "final_run", "--for")
    assert "These do: price.rental, v3_run.context_extension" in refused(*solve, "staff.ratio")
    assert "1.2 is not a probability" in refused(*solve, "price.rental", "--probability", "1.2")
    assert "give one" in refused(*solve, "price.rental", "--probability", "0.2", "--percentile", "0.2")
    assert 'Did you mean "project"?' in refused("believe", V3, "--scope", "projects")
    assert "never set against each other" in refused("believe", V3, "--scope", "fleet_capex", status=3)
    assert "stands on both axes" in refused("break-even", V3, "--scope", "project", "--x", "goodput", "--y", "goodput")


def test_scenarios_on_other_points_are_not_compared(refused: Refused, tmp_path: Path) -> None:
    other = scenario_file(tmp_path, "seed = 9\n")
    assert "--seed and --points" in refused("compare", "zheng", str(other))


def test_show_wants_a_name(refused: Refused) -> None:
    assert "costclaim claims show ID" in refused("claims", "show")


def test_no_arguments_are_answered_with_help(refused: Refused) -> None:
    assert "Usage" in refused()
    assert "Missing argument" in refused("audit")


def scenario_file(folder: Path, more: str) -> Path:
    """A scenario on top of the default one."""
    file = folder / "mine.toml"
    file.write_text(f'id = "mine"\nlabel = "Mine"\ndescription = "A test."\nbase = "zheng"\n{more}', encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("sead = 1\n", ("mine.toml", "sead", 'Did you mean "seed"?')),
        ('[[overrides]]\nid = "goodput"\nvalue = "0.9"\nresaon = "typo"\n', ("mine.toml", "resaon", 'Did you mean "reason"?')),
        ('[[overrides]]\nid = "goodput"\nvalue = 0.9\nreason = "no text"\n', ("mine.toml: overrides.0.value", "0.9", "string")),
        ('[[overrides]]\nid = "goodptu"\nvalue = "0.9"\nreason = "typo"\n', ("scenario mine", "goodptu", 'Did you mean "goodput"?')),
        ('correlations = ["component"]\n', ("scenario mine: correlations", '"component"', 'Did you mean "components"?')),
        ("points = 2\n", ("mine.toml: points", "greater than or equal to 4")),
        ("points = \n", ("mine.toml", "not valid TOML", "line 5")),
    ],
)
def test_a_fault_in_a_scenario_file_is_named_with_its_key(refused: Refused, tmp_path: Path, more: str, said: tuple[str, ...]) -> None:
    message = refused("run", str(scenario_file(tmp_path, more)))
    assert [text for text in said if text not in message] == []


def test_a_scenario_file_that_is_not_there_or_not_text_is_refused(refused: Refused, tmp_path: Path) -> None:
    assert "no such file" in refused("run", str(tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes('label = "Coût"'.encode("latin-1"))
    assert "is not UTF-8" in refused("run", str(tmp_path / "latin.toml"))


def test_check_finds_a_claim_without_its_declared_scope(refused: Refused, copy: Path) -> None:
    claim = copy / "claims" / f"{V3}.toml"
    text = claim.read_text(encoding="utf-8")
    start, end = text.index("[declared_scope]"), text.index("[implied_scope]")
    claim.write_text(text[:start] + text[end:], encoding="utf-8")
    message = refused("check", str(copy))
    assert f"claims/{V3}.toml: declared_scope: is missing. Add it" in message
    assert '"undeclared"' in message


def test_check_finds_correlations_that_contradict_each_other(refused: Refused, copy: Path) -> None:
    file = copy / "correlations.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in (
        ('first = "data_work", second = "derisk", rank = 0.3 ', 'first = "data_work", second = "derisk", rank = 0.95 '),
        ('first = "data_work", second = "evaluation", rank = 0.3 ', 'first = "data_work", second = "evaluation", rank = 0.95 '),
        ('first = "derisk", second = "evaluation", rank = 0.3 ', 'first = "derisk", second = "evaluation", rank = -0.95 '),
    ):
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    message = refused("check", str(copy))
    assert "correlations.toml" in message
    assert "positive definite" in message


def test_check_wants_a_folder_of_assumptions(refused: Refused, tmp_path: Path) -> None:
    assert "is not a folder" in refused("check", str(tmp_path / "none"))
    assert "holds no scenarios" in refused("check", str(tmp_path))


@pytest.mark.parametrize("arguments", [(*AUDIT, "--set", "price.rental=3 kWh"), ("audit", "nothing-like-it"), (*AUDIT, "--points", "x")])
def test_a_real_process_ends_with_status_two_and_no_traceback(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-W", "error", "-m", "model.cli.main", *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(model.__file__).parents[1])
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*AUDIT, "--json", "--csv"), ("--json and --csv", "give one")),
        ((*AUDIT, "--set", "goodput=0.9", "--set", "goodput=0.8"), ("--set: goodput", "changed twice")),
        (("export", V3, "--json", "--csv", "-o", "-"), ("several formats", "--claimreview")),
        (("claims", "list", V3), ("claims show", V3)),
        (("claims", "drift", V3), ("claims show", V3)),
        (("sources", "list", "x"), ("sources show x",)),
        (("programme", "zheng", "--budget", "nan"), ("--budget", "nan", "above 0")),
        (("programme", "zheng", "--budget", "inf"), ("--budget", "inf", "at most 1e+18")),
        (("programme", "zheng", "--days", "nan"), ("--days", "nan")),
        (("solve", V3, "--scope", "project", "--for", "data_work", "--probability", "1.2"), ("--probability: 1.2", "Between 0 and 1")),
        (("solve", V3, "--scope", "project", "--for", "data_work", "--percentile", "0"), ("--percentile: 0", "Between 0 and 1")),
        (("sweep", "example", "--out", "nowhere", "--scheduler", "http://x:1"), ("--scheduler", '"http://x:1"', "HOST:PORT")),
    ],
)
def test_what_contradicts_itself_or_is_no_number_is_refused(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    message = refused(*arguments)
    assert [text for text in said if text not in message] == []


READERS = (
    ("run",),
    ("update", "zheng", "--evidence"),
    ("sweep", "--out", "nowhere"),
    ("reconcile",),
)


@pytest.mark.parametrize("reader", [*READERS, ("check-table",), ("backtest", "--data")], ids=" ".join)
def test_a_file_that_never_ends_is_refused(refused: Refused, tmp_path: Path, reader: tuple[str, ...]) -> None:
    endless = tmp_path / "endless.toml"
    endless.symlink_to("/dev/zero")
    message = refused(*reader, str(endless))
    assert "endless.toml" in message
    assert "no such file" in message or "it is no file" in message


@pytest.mark.parametrize("reader", READERS, ids=" ".join)
def test_a_file_that_is_too_large_too_deep_or_no_text_is_refused(refused: Refused, tmp_path: Path, reader: tuple[str, ...]) -> None:
    large, deep, latin = tmp_path / "large.toml", tmp_path / "deep.toml", tmp_path / "latin.toml"
    with large.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    deep.write_text(f"a = {'[' * 20_000}{']' * 20_000}", encoding="utf-8")
    latin.write_bytes(b"# caf\xe9")
    for path, said in ((large, "1,000,001 bytes."), (deep, "not valid TOML"), (latin, "is not UTF-8")):
        assert said in refused(*reader, str(path))


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    file = scenario_file(tmp_path, '[[overrides]]\nid = "goodput"\nvalue = "0.9"\nreason = "r"\n')
    plain = model.run(file, scopes=["final_run"]).setting
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert model.run(file, scopes=["final_run"]).setting == plain


def test_a_number_of_more_digits_than_it_can_hold_is_refused(refused: Refused, copy: Path) -> None:
    file = copy / "claims" / "zheng-5.6m.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("digits = 2", "digits = 2000000000"), encoding="utf-8")
    message = refused("check", str(copy))
    assert "claims/zheng-5.6m.toml: amount.digits" in message
    assert "15" in message
