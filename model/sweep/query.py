"""SQL over the results of a sweep: DuckDB reads them where they stand, and nothing else."""

from __future__ import annotations

import glob
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from model.errors import InputError, need
from model.results import MANIFEST
from model.sweep.folder import ROWS

MOST_ROWS = 1_000_000
TABLE = "results"
Answer = tuple[list[str], list[tuple[Any, ...]]]


def query(folder: Path, sql: str) -> Answer:
    """Columns and rows of a SELECT over the view ``results``.

    Raises
    ------
    InputError
        No sweep there, or the words are no single SELECT that can be answered.
    """
    need("duckdb", "sweep")
    import duckdb

    rows = (folder / ROWS).absolute()
    if not (folder / MANIFEST).is_file() or not any(rows.glob("*.parquet")):
        raise InputError(str(folder), "holds no results of a sweep.", "Name the folder that costclaim sweep wrote.")
    connection = duckdb.connect(":memory:")
    with connection:
        try:
            statements = connection.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise InputError("SQL", "is no single SELECT.", f"Write one SELECT over the table {TABLE}.")
            pattern = Path(glob.escape(str(rows)))  # signs of a pattern in the folder's own name stay what they are
            connection.read_parquet(str(pattern / "*.parquet")).create_view(TABLE)
            _confine(connection, rows, pattern)
            columns, answer = _answer(connection, sql)
        except duckdb.Error as error:
            raise InputError("SQL", str(error).strip().partition("\n")[0], f"The table is {TABLE}; DESCRIBE its columns.") from None
    if twice := next((name for name in columns if columns.count(name) > 1), None):
        raise InputError("SQL", f'calls two columns "{twice}".', "Name each with AS.")
    if len(answer) > MOST_ROWS:
        raise InputError("SQL", f"gives more than {MOST_ROWS:,} rows.", "Add a LIMIT, or aggregate.")
    return columns, answer


def _answer(connection: Any, sql: str) -> Answer:
    """Ask in a thread, so that Ctrl-C and a limit of time are heard while DuckDB computes."""

    def asked() -> Answer:
        found = connection.execute(sql)
        return [str(column[0]) for column in found.description or ()], found.fetchmany(MOST_ROWS + 1)

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(asked)
        try:
            return answer.result()
        except BaseException:
            connection.interrupt()
            raise


def _confine(connection: Any, *folders: Path) -> None:
    """Nothing outside these folders can be read from here on."""
    quoted = ", ".join("'" + str(folder).replace("'", "''") + "/'" for folder in folders)
    connection.execute(f"SET allowed_directories = [{quoted}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
