"""A model of others with hours of its own, beside the project's assumptions. Texts of the tests, not a test."""

from __future__ import annotations

from model.registry import Registry

HOURS = 1e6
SUBJECT = """
id = "other"
label = "A model of others"
noun = "the model"
released = {released}
chip = "{chip}"
price_year = {price_year}
{more}
[hours]
distribution = {{ family = "fixed", value = {hours} }}
rationale = "For a test."
[[hours.evidence]]
source = "own-arithmetic"
locator = "nowhere"
figure = "hours"
grade = "A"
read = "derived"
"""


def with_other(
    registry: Registry, *, chip: str, hours: float = HOURS, released: str = "2024-09-01", price_year: int = 2024, more: str = ""
) -> Registry:
    """The project's assumptions and the model called other."""
    text = SUBJECT.format(chip=chip, hours=hours, released=released, price_year=price_year, more=more)
    return Registry(registry.root, {**registry._texts, "subjects/other.toml": text})
