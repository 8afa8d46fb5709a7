"""ClaimReview: valid against the shipped schema, the scope in its text, three ratings and no number, nothing that a page would run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.auditor.audit import Verdict, audit
from model.claims.claim_review import claim_review, dumped, schema
from model.cli.main import main
from model.registry import Registry
from model.wording import ENGLISH, LANGUAGES

jsonschema = pytest.importorskip("jsonschema")


@pytest.fixture(scope="module")
def verdict(registry: Registry) -> Verdict:
    return audit("zheng-5.6m", registry=registry, points=256)


def invalid(document: dict[str, Any]) -> bool:
    return bool(list(jsonschema.Draft202012Validator(schema()).iter_errors(document)))


def test_the_schema_is_one_and_refuses_what_is_no_review(verdict: Verdict) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    good = claim_review(verdict)
    assert not invalid(good)
    rated = [rating | {"ratingValue": 4} for rating in good["reviewRating"]]
    assert invalid(good | {"reviewRating": rated})
    assert invalid(good | {"reviewRating": good["reviewRating"][:1]})
    assert invalid(good | {"claimReviewed": "no scope in it"})
    assert invalid({key: value for key, value in good.items() if key != "itemReviewed"})


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_claim_gives_a_valid_review(language: Any, registry: Registry) -> None:
    for claim in registry.names("claims"):
        found = claim_review(audit(claim, registry=registry, points=64), language)
        assert not invalid(found), claim
        assert found["inLanguage"] == language.code
        assert found["itemReviewed"]["text"] == registry.claim(claim).text


def test_the_axes_stay_apart_and_the_scope_stands_in_the_text(verdict: Verdict) -> None:
    found = claim_review(verdict)
    assert [rating["reviewAspect"] for rating in found["reviewRating"]] == ["literal", "scope", "implication"]
    labels = [verdict.literal.label, verdict.scope_axis.label, verdict.implication.label]
    assert [rating["alternateName"] for rating in found["reviewRating"]] == [label.replace("_", " ") for label in labels]
    assert "ratingValue" not in dumped(found)
    assert found["claimReviewed"].endswith("[the number prices: Final run; the words suggest: Final run]")
    assert found["reviewBody"] == verdict.sentence


def test_an_axis_without_a_label_says_so(registry: Registry) -> None:
    found = replace(audit("zheng-5.6m", registry=registry, points=64), implications={})
    assert claim_review(found)["reviewRating"][2]["alternateName"] == "not compared"


def test_text_cannot_leave_the_script_that_holds_it(verdict: Verdict) -> None:
    text = "</script><b>&\u2028"
    document = claim_review(replace(verdict, claim=verdict.claim.model_copy(update={"text": text})), ENGLISH)
    written = dumped(document)
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written)["itemReviewed"]["text"] == text


def test_the_command_writes_what_python_gives(tmp_path: Path, capsys: pytest.CaptureFixture[str], registry: Registry) -> None:
    file = tmp_path / "review.json"
    words = ["export", "zheng-5.6m", "--claimreview", "--points", "256", "--lang", "fr", "-o"]
    main([*words, str(file)])
    main([*words, "-"])
    expected = dumped(claim_review(audit("zheng-5.6m", registry=registry, points=256), LANGUAGES["fr"]))
    assert file.read_text(encoding="utf-8") == capsys.readouterr().out == expected


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["zheng-5.6m", "-o", "-"], "no format is named"),
        (["zheng-5.7m", "--claimreview", "-o", "-"], 'Did you mean "zheng-5.6m"'),
        (["zheng-5.6m", "--claimreview"], "Missing option '-o'"),
        (["zheng-5.6m", "--claimreview", "-o", "none/there.json"], "none/there.json"),
    ],
)
def test_wrong_words_end_with_status_2(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["export", *words])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
