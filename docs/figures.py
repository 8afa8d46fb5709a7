"""Writes the answer into README.md and draws docs/scope_ladder.svg. ``--check`` only says whether both are what the engine gives."""

from __future__ import annotations

import sys
from pathlib import Path

from ladder import description, drawn, quantiles

from model import Verdict, audit
from model.wording import money

ROOT = Path(__file__).resolve().parent.parent
README, LADDER = ROOT / "README.md", ROOT / "docs" / "scope_ladder.svg"
BEGIN, END = "<!-- answer:begin -->", "<!-- answer:end -->"
CLAIM, OBJECTED, SCENARIO = "deepseek-v3-5.576m", "zheng-5.6m", "zheng"
SIDES = {"below": ": too low", "above": ": too high", None: ""}
HOW_TO_READ = """\
*How to read it.* P50 is the median; the model puts 5 % below P5 and 5 % above P95, given its assumptions. In the figure the thin bar
is P5 to P95, the thick bar the central half, the tick the median and the dashed line the claim.

The last column says whether the amount could be the price of *that* scope: the claim prices the final run, so the first row is its
verdict, and the others say what it must not be quoted for. Five rows are nested, the sixth stands apart, and the last is a stock, the
purchase of the disclosed cluster; rows are never added up."""


def standing(verdict: Verdict, scope: str) -> str:
    """The label of the claim's amount in one scope, in words."""
    found = verdict.implications.get(scope)
    return found.label.replace("_", " ") + SIDES[found.side] if found else "not compared"


def answer(verdict: Verdict, objected: Verdict) -> str:
    """The part of the README that holds figures."""
    run, objection, stated = verdict.run, objected.claim.objection, money(verdict.claim.amount.value)
    rows = []
    for name, (low, _, median, _, high) in quantiles(verdict).items():
        scope, costs = run.registry.scopes[name], f"{money(low, 3)} | **{money(median, 3)}** | {money(high, 3)}"
        rows.append(f"| {scope.label} | {costs} | {scope.answers} | {standing(verdict, name)} |")
    label, clause = objected.objection.label.replace("_", " "), objected.sentence.rpartition("; ")[2]
    parts = (
        f"**DeepSeek's figure.** {verdict.sentence}",
        f"**The objection** ({objection.who}): {label}. {clause[:1].upper()}{clause[1:]}",
        "\n".join([f"| scope | P5 | P50 | P95 | what it answers | {stated} as its price |", "|---|---:|---:|---:|---|---|", *rows]),
        f"USD of {run.subject.price_year}, scenario `{run.setting.scenario}`, {run.points:,} points, seed {run.setting.seed}.",
        f"![{description(verdict)}](docs/{LADDER.name})",
        HOW_TO_READ,
    )
    return "\n\n".join(parts)


def wanted() -> dict[Path, str]:
    """The two files as they should be."""
    verdict = audit(CLAIM, scenario=SCENARIO)
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    part = answer(verdict, audit(OBJECTED, scenario=SCENARIO))
    return {README: f"{before}{BEGIN}\n\n{part}\n\n{END}{after}", LADDER: drawn(verdict)}


def main(*, check: bool) -> None:
    """Write the files that differ, or name them."""
    for path, right in wanted().items():
        if path.is_file() and path.read_text(encoding="utf-8") == right:
            continue
        if check:
            sys.exit(f"{path.name} is not what the engine gives now. Run: python docs/figures.py")
        path.write_text(right, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(check="--check" in sys.argv[1:])
