"""The documentation: pages read off the code are up to date, every snippet works, the site builds without a warning."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from model.auditor.audit import audit
from model.cli.main import main
from model.registry import default_root, load_registry

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
MOST_LINES = 20
ELSEWHERE = ("update.md", "fleets.md", "route_scores.md")  # run by test_update_docs.py
# Words of a command that needs what a reader brings along: articles, a table, a cluster.
BROUGHT = ("FOLDER", "runs.csv", "tcp://10.0.0.5:8786")
REFUSED = ["ratio", "deepseek-v3-5.576m", "llama-2-70b"]  # the page shows a question that has no honest answer
PAGES = [path.name for path in sorted(DOCS.glob("*.md")) if path.name not in ELSEWHERE]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[list[str]]:
    """Lines of a page, fenced or indented, that begin with the program's name; remarks after two spaces taken off."""
    if page == "cli.md":
        return []
    lines = re.findall(r"^(?: {4})?costclaim ([a-z].*)$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    words = [shlex.split(re.split(r"\s{2,}#", line)[0]) for line in lines]
    return [command for command in words if not set(command) & set(BROUGHT)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader follows a page: the data at hand, nothing of the checkout written to."""
    (tmp_path / "assumptions").symlink_to(default_root())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_pages_that_are_read_off_the_code_are_up_to_date() -> None:
    script = [sys.executable, str(DOCS / "reference.py"), "--check"]
    found = subprocess.run(script, check=False, capture_output=True, text=True, cwd=ROOT)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")])
def test_python_snippets_run(page: str, folder: Path) -> None:
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), {})


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)])
def test_commands_run(page: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if page == "tutorial.md":
        (folder / "mine.toml").write_text(blocks(page, "toml")[0], encoding="utf-8")
    for command in commands(page):
        if command == REFUSED:
            with pytest.raises(SystemExit, match="3"):
                main(command)
            continue
        # Where tests run in several processes, these cannot start more of their own.
        main([*command, "--workers", "1"] if command[0] == "sweep" else command)
        written = [folder / word for word in command if (folder / word).is_file()]
        assert capsys.readouterr().out or written, command


def test_what_a_reader_adds_is_valid_and_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "assumptions"
    shutil.copytree(default_root(), root)
    claim, source, parameter, case = blocks("add.md", "toml")
    assert max(len(block.splitlines()) for block in (claim, source, parameter, case)) < MOST_LINES
    (root / "claims" / "blog-6m-v3.toml").write_text(claim, encoding="utf-8")
    for file, entry in (("sources/critics.toml", source), ("parameters/overhead.toml", parameter), ("cases.toml", case)):
        with (root / file).open("a", encoding="utf-8") as opened:
            opened.write(f"\n{entry}")
    main(["check", str(root)])
    assert "rror" not in capsys.readouterr().out
    before, after = load_registry(), load_registry(root)
    verdict = audit("blog-6m-v3", registry=after, points=256)
    assert verdict.literal.label == "supported"
    old = audit("deepseek-v3-5.576m", registry=before, points=256).scope("project").route("reference_class")
    assert verdict.scope("project").route("reference_class").quantile(0.5) != old.quantile(0.5)


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("furo")
    words = ["--fail-on-warning", "--keep-going", "--quiet", "-b", "html", str(DOCS), str(tmp_path / "site")]
    built = subprocess.run([sys.executable, "-m", "sphinx", *words], check=False, capture_output=True, text=True, cwd=ROOT)
    assert built.returncode == 0, built.stderr
    assert "verdict" in (tmp_path / "site" / "api.html").read_text(encoding="utf-8")
