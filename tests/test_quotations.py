"""Quotations: short, French, translated, and found in their article character for character."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from model.check.claims import MOST_SENTENCES, SENTENCE_END, quotations
from model.claims.quotations import look_up, quoted
from model.cli.main import costclaim
from model.errors import CheckFailed, InputError
from model.registry import Registry
from tests.article_claims import SEEDS, SIX, Edited, changed


@pytest.mark.parametrize("name", SEEDS)
def test_a_quotation_is_short_french_and_translated(name: str, registry: Registry) -> None:
    claim = registry.claim(name)
    assert claim.language == "fr"
    assert 1 <= len(SENTENCE_END.findall(claim.text)) <= MOST_SENTENCES
    assert claim.translation
    assert claim.translation != claim.text


def test_what_is_stored_of_the_quotations_holds(registry: Registry) -> None:
    assert list(quotations(registry)) == []


def test_a_stored_quotation_that_cannot_be_right_is_told(registry: Registry) -> None:
    claim = registry.claim(SIX)
    assert claim.quotation is not None
    faults = {
        "spans 171 characters": changed(claim, quotation=claim.quotation.model_copy(update={"end": claim.quotation.end - 1})),
        "quotes 4 sentences": changed(claim, text="Un. " * 3 + claim.text),
        "translation: is missing": changed(claim, translation=""),
        "another_sentence": changed(claim, same_sentence_as="another_sentence"),
        "is not that of": changed(claim, quotation=claim.quotation.model_copy(update={"sha256": "0" * 64})),
        "as seed-article-": changed(claim, source=claim.source.model_copy(update={"id": "seed-article-003"})),
    }
    for words, wrong in faults.items():
        problems = [str(problem) for problem in quotations(_Located(registry, wrong))]
        assert any(words in problem for problem in problems), (words, problems)


class _Located(Edited):
    def located(self, kind: str):
        from model.registry import Located

        if kind != "claims":
            return super().located(kind)
        return {name: Located(self.claim(name), f"claims/{name}.toml") for name in self.names("claims")}


def article(folder: Path, *sentences: str) -> str:
    """An article that holds these sentences; its SHA-256."""
    text = "Avant. " + " ".join(sentences)
    (folder / "article.txt").write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def placed(registry: Registry, digest: str, start: int, text: str = "Il a coûté 5 M$, dit-on.") -> Registry:
    claim = registry.claim(SIX)
    assert claim.quotation is not None
    where = claim.quotation.model_copy(update={"article": "article.txt", "sha256": digest, "start": start, "end": start + len(text)})
    others = (changed(other, quotation=None) for other, _ in quoted(registry))
    return Edited(registry, *others, changed(claim, text=text, quotation=where))


def test_a_quotation_is_found_character_for_character(registry: Registry, tmp_path: Path) -> None:
    digest = article(tmp_path, "Il a coûté 5 M$, dit-on.", "Après.")
    (place,) = look_up(placed(registry, digest, 7), tmp_path)
    assert (place.found, place.problem) == ("found", None)


@pytest.mark.parametrize(
    ("start", "text", "told"),
    [
        (8, "Il a coûté 5 M$, dit-on.", ("elsewhere", "The words stand at 7 to 31")),
        (7, "Il a couté 5 M$, dit-on.", ("not in it", "stand nowhere")),
    ],
)
def test_words_that_stand_elsewhere_are_told(registry: Registry, tmp_path: Path, start: int, text: str, told: tuple[str, str]) -> None:
    digest = article(tmp_path, "Il a coûté 5 M$, dit-on.")
    (place,) = look_up(placed(registry, digest, start, text), tmp_path)
    assert place.found == told[0]
    assert told[1] in str(place.problem)


def test_an_article_that_is_missing_or_altered_is_told(registry: Registry, tmp_path: Path) -> None:
    altered = placed(registry, "0" * 64, 7)
    (place,) = look_up(altered, tmp_path)
    assert place.found == "no article"
    article(tmp_path, "Il a coûté 5 M$, dit-on.")
    (place,) = look_up(altered, tmp_path)
    assert place.found == "another text"
    with pytest.raises(InputError, match="is not a folder"):
        look_up(altered, tmp_path / "nowhere")


def test_every_quotation_that_is_not_found_is_a_problem(registry: Registry, tmp_path: Path) -> None:
    result = CliRunner().invoke(costclaim, ["claims", "check", "--articles", str(tmp_path)])
    assert isinstance(result.exception, CheckFailed)
    assert len(result.exception.problems) == len(list(quoted(registry)))
    assert "no article" in result.output


def test_articles_go_with_check_alone() -> None:
    result = CliRunner().invoke(costclaim, ["claims", "list", "--articles", "x"])
    assert result.exit_code == 2
    assert "claims check" in result.output
