"""The page of retellings: its rows are those of the command line, in both languages."""

from __future__ import annotations

import re
from functools import partial

import pytest

from model.claims.contradictions import contradictions
from model.claims.drift import drifts
from model.claims.quotations import quoted
from model.registry import Registry
from model.views.drift import GROUPS, drift_cells, origin_of, tree_rows, what
from model.wording import ENGLISH, FRENCH, LANGUAGES
from tests.app_pages import sent
from tests.app_pages import shown as shown_page

shown = partial(shown_page, "drift")


def read(app) -> str:
    """All that is sent, characters that were escaped for the journey put back."""
    return re.sub(r"\\\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), sent(app)).replace("\\'", "'")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_every_shift_contradiction_and_quotation(language: str, registry: Registry) -> None:
    app = shown(language=language)
    assert not app.exception
    page_text = read(app)
    for item in drifts(registry):
        assert all(cell in page_text for cell in drift_cells(item, LANGUAGES[language]))
    for pair in contradictions(registry):
        assert pair.text(LANGUAGES[language]) in page_text
    for claim, quotation in quoted(registry):
        assert claim.translation in page_text
        assert quotation.sha256[:8] in page_text


def test_the_head_counts_what_moved(registry: Registry) -> None:
    moved, found = [item for item in drifts(registry) if item.moved], drifts(registry)
    head = f"{len(moved)} of {len(found)} wordings moved away from their source; {len(contradictions(registry))} contradictions"
    assert head in sent(shown())


def test_each_row_of_the_tree_hangs_on_its_origin(registry: Registry) -> None:
    found = drifts(registry)
    rows = tree_rows(found, registry, ENGLISH)
    assert [row["order"] for row in rows] == list(range(len(rows)))
    hanging = [row for row in rows if row["depth"] == 1]
    assert len(hanging) == len(found)
    for row, item in zip(hanging, found, strict=True):
        origin = rows[row["parent"]]
        assert (origin["depth"], origin["group"]) == (0, GROUPS[0])
        assert origin["label"] == origin_of(item, registry, ENGLISH)
        assert row["group"] == GROUPS[2 if item.moved else 1]
        assert all(axis in row["text"] for axis in item.moved)


def test_a_claim_is_named_by_what_it_states(registry: Registry) -> None:
    assert what(registry.claim("seed001-6m-r1"), registry, ENGLISH) == "$6M · DeepSeek-R1"
    assert what(registry.claim("seed003-two-months"), registry, ENGLISH) == "« deux mois »"
    assert what(registry.claim("seed002-zheng-objection"), registry, ENGLISH) == "left out: earlier research and testing"
    assert what(registry.claim("seed002-zheng-objection"), registry, FRENCH).startswith("omis\u00a0: la recherche")
