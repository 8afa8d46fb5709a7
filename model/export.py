"""A verdict as a file that other programs read; every file says what it was computed with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from model.auditor.audit import Verdict
from model.claims.claim_review import claim_review, dumped
from model.document import PERCENTILES, audit_document, provenance
from model.errors import RefusedError, need
from model.tabular import neutralised
from model.views.verdict import ladder_rows
from model.wording import Language

Row = dict[str, Any]
COLUMNS = ("scope", "label", *PERCENTILES, "mean", "p05_error", "p50_error", "p95_error", "implication", "side")
AGAINST = ("probability_at_most_claim", "probability_standard_error", "ratio_p50", "reason")


def metadata(verdict: Verdict) -> dict[str, str]:
    """What the figures are and what they were computed with."""
    of = provenance(verdict.run)
    changes = "; ".join(f"{o['id']}={o['value']}" for o in of["overrides"])
    known = {key: str(of[key]) for key in ("engine", "registry_sha256", "scenario", "seed", "points")}
    return known | {"claim": verdict.claim.id, "changes": changes, "unit": "USD", "price_year": str(verdict.run.subject.price_year)}


def rows(verdict: Verdict, language: Language) -> list[Row]:
    """One row a scope, absent ones with their reason."""
    found = audit_document(verdict, language)["scopes"]
    if found is None:
        raise RefusedError(f"{verdict.claim.id}: is about no cost, so it has no table of scopes. Export it as --json or --claimreview.")
    return [{name: scope["id" if name == "scope" else name] for name in (*COLUMNS, *AGAINST)} for scope in found]


def as_csv(verdict: Verdict, language: Language) -> bytes:
    """Comma-separated values; what they were computed with stands in front, behind a number sign."""
    buffer = io.StringIO()
    buffer.writelines(f"# {name}: {value}\n" for name, value in metadata(verdict).items())
    writer = csv.DictWriter(buffer, (*COLUMNS, *AGAINST), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: neutralised(value) for name, value in row.items()} for row in rows(verdict, language))
    return buffer.getvalue().encode()


def as_parquet(verdict: Verdict, language: Language) -> bytes:
    """Parquet; what it was computed with stands in the metadata of its schema."""
    need("pyarrow", "sweep")
    import pyarrow as pa
    from pyarrow import parquet

    words = {"scope", "label", "implication", "side", "reason"}
    fields = [pa.field(name, pa.string() if name in words else pa.float64()) for name in (*COLUMNS, *AGAINST)]
    table = pa.Table.from_pylist(rows(verdict, language), schema=pa.schema(fields, metadata=metadata(verdict)))
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def as_json(verdict: Verdict, language: Language) -> bytes:
    """The whole answer, as the command line prints it."""
    return (json.dumps(audit_document(verdict, language), ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def as_svg(verdict: Verdict, language: Language) -> bytes:
    """The ladder of scopes as a drawing."""
    return _ladder(verdict, language, "to_svg")


def as_png(verdict: Verdict, language: Language) -> bytes:
    """The ladder of scopes as a picture."""
    return _ladder(verdict, language, "to_png")


def _ladder(verdict: Verdict, language: Language, maker: str) -> bytes:
    need("vl_convert", "dashboard")
    from model import charts

    if not verdict.claim.has_scopes:
        raise RefusedError(f"{verdict.claim.id}: is about no cost, so it has no ladder of scopes. Export it as --json or --claimreview.")
    drawn = getattr(charts, maker)("ladder", ladder_rows(verdict, language), language)
    return drawn.encode() if isinstance(drawn, str) else bytes(drawn)


# Flag -> what makes the bytes of the file.
FORMATS: Mapping[str, Callable[[Verdict, Language], bytes]] = {
    "claimreview": lambda verdict, language: dumped(claim_review(verdict, language)).encode(),
    "csv": as_csv,
    "parquet": as_parquet,
    "json": as_json,
    "svg": as_svg,
    "png": as_png,
}
