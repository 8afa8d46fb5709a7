"""Errors in French: whole sentences, names and figures kept, each template recognised as itself, what is not known left as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model.cli.main import main
from model.errors import CheckFailed, InputError, RefusedError, UnknownNameError
from model.refusals import PLACE, said, sentence
from model.wording import ENGLISH, FRENCH
from tests.error_texts import ARGUMENTS, PACKAGE, UNKNOWN, error_messages, modules, name_of

V3 = "deepseek-v3-5.576m"
AUDIT = ("audit", V3)
# What an error is handed that holds no text of ours: messages of libraries, a message that is put together in the reader's language, and
# the parts of an error that is made anew.
FOREIGN = {
    "f\"{(key + ': ' if key else '')}{message}.\"",
    "f\"{detail['msg'].removeprefix('Value error, ')}.\"",
    "f\"{error['msg']}.\"",
    "f'{error}.'",
    "f'{where}: {found} {accepted}'.rstrip()",
    "found",
    "output.language.fill('{first} against {second}: {because}.', {'first': first, 'second': second, 'because': because})",
    "self.accepted",
    "self.found",
    "str(error).strip().partition('\\n')[0]",
}
KWH = (
    "--set: price.rental : l'unité « kWh » a pour dimension kilowatt-heures, et non USD / H800-heures. "
    "Écrivez-la en USD/gpu_hour (H800), par exemple « price.rental=... USD/gpu_hour »."
)
BEYOND = (
    "--set: goodput : les valeurs vont de -0,7267 à 1,827 ; Part productive du temps qu'occupe l'entraînement (fraction) se situe "
    "entre 0 exclu et 1. Écrivez une famille qui s'arrête là : beta, pert, triangular ou uniform."
)
OWN_TEXT = {"CheckFailed", "MissingExtraError", "TimeLimitError", "ValueError", "_broken"}  # is read where it is made
OF_THE_PROGRAM = {"KeyError", "AttributeError", "TypeError", "AssertionError", "PydanticCustomError"}  # no reader sees their message
Spoken = Callable[..., str]


@pytest.fixture
def spoken(capsys: pytest.CaptureFixture[str]) -> Spoken:
    """What a command that must be refused says, spaces that do not break as plain ones."""

    def called(*arguments: str, status: int = 2) -> str:
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        assert end.value.code == status
        return re.sub("[\u00a0\u202f]", " ", capsys.readouterr().err)

    return called


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("audit", "deepseek-v3-5.57m"),
            f"assumptions : aucune affirmation ne s'appelle « deepseek-v3-5.57m ». Vouliez-vous dire « {V3} » ?",
        ),
        (("adit", V3), "costclaim : aucune commande ne s'appelle « adit ». Vouliez-vous dire « audit » ?"),
        (
            (*AUDIT, "--set", "price.rental=3 kWh"),
            KWH,
        ),
        (
            (*AUDIT, "--set", "goodput=normal(0.2, 0.9)"),
            BEYOND,
        ),
        (
            (*AUDIT, "--set", "price.rental=3..2"),
            "--set: price.rental : p05 = 3 est au-dessus de p95 = 2 ; écrivez-les en ordre croissant.",
        ),
        ((*AUDIT, "--points", "3"), "--points : 3 est hors limites. Entre 4 et 2^30."),
        (("compare", "zheng"), "compare : 1 scénario est nommé. Nommez-en deux ou plus, par exemple : compare zheng as_reported."),
    ],
)
def test_wrong_input_is_answered_in_french(spoken: Spoken, arguments: tuple[str, ...], message: str) -> None:
    assert spoken(*arguments, "--lang", "fr") == f"Erreur : {message}\n"
    assert spoken(*arguments, "--lang=fr") == f"Erreur : {message}\n"
    assert spoken(*arguments).startswith("Error: ")


def test_a_question_without_an_honest_answer_is_refused_in_french(spoken: Spoken) -> None:
    asked = ("believe", V3, "--scope", "fleet_capex", "--lang", "fr")
    message = "fleet_capex : l'affirmation porte sur un coût, le périmètre sur un achat ; on ne les compare jamais l'un à l'autre."
    assert spoken(*asked, status=3) == f"Erreur : {message}\n"


def test_several_problems_are_french_line_by_line(spoken: Spoken, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('id = "mine"\nlabel = "Mine"\nbase = "zheng"\npoint = 64\n', encoding="utf-8")
    assert spoken("run", str(file), "--lang", "fr").splitlines() == [
        "Erreur : mine.toml: description : manque. Ajoutez cette clé.",
        "mine.toml: point : n'est pas une clé connue. Vouliez-vous dire « points » ?",
        "2 problèmes trouvés.",
    ]


def test_wrong_usage_is_french_where_the_message_is_our_own(spoken: Spoken) -> None:
    usage, *rest = spoken("sources", "show", "--lang", "fr").splitlines()
    assert usage.startswith("Usage: ")
    assert rest[0].startswith("Aide : ")
    assert rest[0].endswith("sources -h")
    assert rest[1:] == ["Erreur : Nommez ce qu'il faut montrer : costclaim sources show ID."]
    assert spoken("audit", "--lang", "fr").endswith("Erreur : Missing argument 'CLAIM'.\n")
    assert "Error: Name what to show: costclaim sources show ID." in spoken("sources", "show")


def programme() -> None:
    import streamlit as st

    from model.dashboard.pages.programme import draw
    from model.dashboard.state import Choices, current_view

    st.session_state.lang = "fr"
    st.session_state.choices = Choices(changes=(("window.days", "1"),))
    draw(current_view())


def test_a_page_says_in_french_why_it_cannot_be_drawn() -> None:
    app = AppTest.from_function(programme, default_timeout=60).run()
    assert not app.exception
    (error,) = app.error
    shown = error.value.replace("\u00a0", " ")
    assert shown.startswith("window.days : la fenêtre de 1 jours est plus courte que l'entraînement final : il faut ")
    assert shown.endswith(" jours de recherche. Augmentez window.days ou window.gpus, ou réduisez programme.research\\_days.")


def files() -> None:
    import streamlit as st

    from model.dashboard.controls import scenario_files
    from model.dashboard.state import Choices, current_view

    st.session_state.setdefault("lang", "fr")
    st.session_state.setdefault("choices", Choices())
    scenario_files(current_view())


def test_a_scenario_that_cannot_be_computed_is_refused_where_it_was_loaded() -> None:
    app = AppTest.from_function(files, default_timeout=60).run()
    override = '[[overrides]]\nid = "goodput"\nvalue = "*abc*"\nreason = "r"\n'
    content = f'id = "x"\nlabel = "X"\ndescription = "d"\nbase = "zheng"\n{override}'.encode()
    app.file_uploader(key="scenario_file").set_value(("x.toml", content, "application/toml")).run()
    assert not app.exception
    assert "\\*abc\\*" in app.error[0].value
    assert "n'est pas une valeur" in app.error[0].value
    assert app.session_state.choices.changes == ()
    app.file_uploader(key="scenario_file").set_value(("y.toml", content.replace(b"*abc*", b"0.9"), "application/toml")).run()
    assert not app.error
    assert dict(app.session_state.choices.changes) == {"goodput": "0.9"}


def link() -> None:
    import streamlit as st

    from model.dashboard.router import _banner
    from model.dashboard.state import current_view

    st.session_state.lang = st.session_state.get("lang", "fr")
    st.query_params["s"] = "1.cut.short"
    _banner(current_view())


def test_a_link_that_was_cut_says_so_in_the_language_of_the_moment() -> None:
    app = AppTest.from_function(link, default_timeout=60).run()
    assert "link\u00a0: a été modifié ou coupé\u00a0: son empreinte ne convient pas." in app.warning[0].value
    app.session_state.lang = "en"
    assert "link: was altered or cut: its hash does not fit." in app.run().warning[0].value


SAMPLES = {
    "": ("zheng", "price.rental", "a file/of mine.toml", "2..4", ""),
    ":text": ("above 0", "energy", 'unit "kWh"'),
    ":figure": ("1,234.5",),
}
SPOKEN = {"above 0": "au-dessus de 0", "energy": "énergie", 'unit "kWh"': "l'unité «\u00a0kWh\u00a0»", "1,234.5": "1\u202f234,5"}


def filled(template: str, shift: int, spoken: dict[str, str]) -> str:
    """A template with samples in its places."""

    def sample(place: re.Match[str]) -> str:
        own = SAMPLES[f":{place[2]}" if place[2] else ""]
        return spoken.get(chosen := own[(int(place[1]) + shift) % len(own)], chosen)

    return PLACE.sub(sample, template)


@pytest.mark.parametrize("shift", range(5))
def test_every_template_is_recognised_as_itself(shift: int) -> None:
    catalogue = FRENCH.translations()
    wrong = {
        template: found
        for template in error_messages()
        if (found := sentence(filled(template, shift, {}), FRENCH)) != filled(catalogue[template], shift, SPOKEN)
    }
    assert wrong == {}


def test_no_error_has_a_text_that_is_not_read_off_the_source() -> None:
    assert set().union(*(module.unread for module in modules())) == FOREIGN


def test_every_error_is_of_a_kind_whose_texts_are_read() -> None:
    nodes = [node for file in PACKAGE.glob("**/*.py") for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    raised = {name_of(node.exc) for node in nodes if isinstance(node, ast.Raise) and node.exc is not None}
    assert raised - {*ARGUMENTS, *UNKNOWN, *OWN_TEXT, *OF_THE_PROGRAM} == set()
    calls = [node for node in nodes if isinstance(node, ast.Call) and name_of(node.func) in {*ARGUMENTS, "UnknownNameError"}]
    assert [ast.unparse(call) for call in calls if call.keywords] == []  # texts are found by their place


@pytest.mark.parametrize("message", ["database is locked", "Input should be greater than 0.", "claim", "is missing"])
def test_what_no_template_fits_stays_as_it_is(message: str) -> None:
    unknown = sentence(f"{message} zzz", FRENCH)
    assert unknown == f"{message} zzz"
    assert said(InputError("mine.toml", f"{message} zzz", "is missing."), FRENCH) == f"mine.toml\u00a0: {message} zzz manque."


def test_names_stay_even_where_they_are_words_of_the_catalogue() -> None:
    assert FRENCH.text("energy") != "energy"
    told = said(UnknownNameError("energy", "scope", "energy", ("energy_",)), FRENCH).replace("\u00a0", " ")
    assert told == "energy : aucun périmètre ne s'appelle « energy ». Vouliez-vous dire « energy_ » ?"


def test_in_english_an_error_says_what_it_is_raised_with() -> None:
    problem = InputError("mine.toml", "has 3 cells.", "The header names 2 columns.")
    for error in (problem, CheckFailed([problem]), RefusedError("project: has no amount in USD. Name one with --amount.")):
        assert said(error, ENGLISH) == str(error)


def test_a_text_within_a_text_is_not_followed_without_end() -> None:
    nested = " mixes b with ".join(["a"] * 5000) + "."
    assert sentence(nested, FRENCH).startswith("a mêle b et a mixes b with a")
