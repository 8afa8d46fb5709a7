"""What an error says, in a reader's language.

Errors are raised in English. The catalogue holds their sentences with numbered places, ``has {1} cells.``; a message that such a template
fits is said by its translation, filled with what stood in the places. In ``{1:text}`` stands a text that is translated by itself, in
``{1:figure}`` a figure that is written as the language has it; in all others names and values as they are typed, which stay. So does what
no template fits, such as the messages of libraries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from model.errors import CheckFailed, CostclaimError, InputError
from model.wording import LANGUAGES, Language

PLACE = re.compile(r"\{(\d+)(?::(text|figure))?\}")


def said(error: CostclaimError, language: Language) -> str:
    """The message of an error; in English its own.

    Parameters
    ----------
    error
        What was raised; of several problems each is said in a line.
    language
        The reader's language.
    """
    if language.code == "en":
        return str(error)
    if isinstance(error, CheckFailed):
        return "\n".join([*(said(problem, language) for problem in error.problems), sentence(error.count, language)])
    if isinstance(error, InputError):
        words = " ".join(sentence(part, language) for part in (error.found, error.accepted) if part)
        return language.fill("{where}: {words}", {"where": error.where, "words": words})
    return sentence(str(error), language)


def sentence(message: str, language: Language) -> str:
    """A part of a message, or the whole of one, as the catalogue has it; unchanged where it has none such."""
    return _translated(message, language, _templates(language.code))


@dataclass(frozen=True)
class _Template:
    pattern: re.Pattern[str]
    translation: str

    @property
    def holds_text(self) -> bool:
        """Whether a text that is translated by itself stands in it."""
        return ":text}" in self.translation

    def filled(self, found: re.Match[str], language: Language) -> str:
        """The translation with what stood in the places of a message."""
        inner = [template for template in _templates(language.code) if not template.holds_text]  # one text in another, never a third

        def held(place: re.Match[str]) -> str:
            own = found[int(place[1])]
            if place[2] == "figure":
                return language.written(own)
            return _translated(own, language, inner) if place[2] else own

        return PLACE.sub(held, self.translation)


def _translated(message: str, language: Language, templates: Iterable[_Template]) -> str:
    if known := language.translations().get(message):
        return known
    fitting = ((template, found) for template in templates if (found := template.pattern.fullmatch(message)))
    template, found = next(fitting, (None, None))
    return template.filled(found, language) if template and found else message


@cache
def _templates(code: str) -> tuple[_Template, ...]:
    """Templates of a language, those that say most by themselves first: of several that fit a message, the first is its own."""
    own = {text: translation for text, translation in LANGUAGES[code].translations().items() if PLACE.search(text)}
    return tuple(_Template(_pattern(text), own[text]) for text in sorted(own, key=lambda text: (-len(PLACE.sub("", text)), text)))


def _pattern(template: str) -> re.Pattern[str]:
    """What fits a template. Each place is as short as it can be and is never tried again, so that no message takes long."""
    first, *middle, last = (re.escape(literal) for literal in re.split(r"\{\d+(?::\w+)?\}", template))
    return re.compile(first + "".join(rf"(?>(.*?){literal})" for literal in middle) + rf"(.*?){last}", re.DOTALL)
