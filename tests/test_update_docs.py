"""The pages on evidence, fleets and scores: every snippet in them works."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import model
from model.cli.main import main
from model.posterior_evidence import parse_observation, place
from model.registry import Registry

DOCS = Path(model.__file__).parents[1] / "docs"
PAGES = ("update.md", "fleets.md", "route_scores.md")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_python_snippets_run(page: str) -> None:
    found = blocks(page, "python")
    assert found
    for block in found:
        exec(compile(block, page, "exec"), {})


@pytest.mark.parametrize("page", PAGES)
def test_commands_run(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for block in blocks(page, "") for line in block.splitlines() if line.startswith("costclaim ")]
    assert lines
    for line in lines:
        main(shlex.split(line)[1:])
        assert capsys.readouterr().out


def test_the_observation_of_the_page_fits_the_ledger(registry: Registry, zheng) -> None:
    (block,) = blocks("update.md", "toml")
    assert place(parse_observation("my-count.toml", block), zheng.system).reason == ""
