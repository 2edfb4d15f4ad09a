"""SQLite finds what a statement of the control store names: it reads no whole table, and searches by all that is given.

Statements that are always the same are taken from the sources. Those that are put together are taken from what the
servers of the end-to-end tests ran (`SEXTANT_STATEMENT_LOG`, see the Makefile); every piece of SQL in the sources must
be in one of these, so that no statement slips by. How full the tables are does not matter to the plans: nothing gathers
statistics.
"""

import json
import os
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest

from plan import Schema, problems
from sources import REPOSITORY, STATEMENT, migrations, one_line, texts

INNER = re.compile(r"sqlite_master|grdb_migrations|sqlite_sequence|\bstaged\.")
"""What GRDB looks up for itself, and staged changes, which copy rows by their ids between two files."""

ACCEPTED = {
    "SELECT * FROM accounts ORDER BY id": "lists all of them",
    "SELECT EXISTS (SELECT 1 FROM accounts)": "ends at the first",
    "SELECT k.*, e.name AS environment FROM api_keys k LEFT JOIN environments e ON e.id = k.environment_id ORDER": "lists all keys, on the command line",
    "SELECT id, email, first_name, last_name, created_at, must_change_password, mfa_enabled_at IS NOT NULL AS has_mfa FROM users ORDER": "lists all logins, on the command line",
    "SELECT environment_id, user_id FROM denied_users": "all are held in memory, read once a start",
    "SELECT DISTINCT environment_id FROM tracked_features": "read once a start",
    "SELECT id, first_exposure_id FROM exposure_outbox": "all are to be delivered; it holds what a crash left",
    "SELECT DISTINCT event_id FROM projection_positions": "as many as there are projections",
    "SELECT DISTINCT project_id FROM reached_goals": "all are to be counted, within seconds",
    "WITH RECURSIVE waiting (id) AS ( SELECT min(account_id) FROM jobs": "reads what it has found itself",
    "WITH RECURSIVE waiting (id) AS ( SELECT min(environment_id) FROM jobs": "reads what it has found itself",
    "SELECT * FROM jobs WHERE state = 'running'": "an index of the running jobs only, which are few",
    "SELECT experience_id, project_id, visitors, conversions FROM experience_": "all are compared once, after a start",
    "SELECT id, document FROM projects WHERE iif(": "read again only once a project was changed; no index knows their settings",
    "SELECT count(*) FROM jobs WHERE kind = ?": "asked by tests only",
    "SELECT identifier, sealed_secret FROM api_keys": "a thousand at most, once a start",
    "SELECT EXISTS (SELECT 1 FROM sqlite_master)": "ends at the first",
    "SELECT id, project_id FROM screenshots WHERE (created_at": "what nothing refers to any more has no index",
}
"""Beginnings of statements that may do it, and why."""

NEVER_RUN = {
    # It fills the file beside the store that a project's file is made in, whose statements are in no log: two accounts, by their ids.
    r"id = \(accountID) OR id IN (SELECT parent_id FROM control.accounts WHERE id = \(accountID))": "staging",
}
"""Pieces of SQL that no end-to-end test reaches, and why."""


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    """The tables of a new server."""
    folder = tmp_path_factory.mktemp("query-plans") / "data"
    binary = os.environ.get("SEXTANT_BINARY", REPOSITORY / ".build/debug/sextant")
    subprocess.run([binary, "init", "--data", folder, "--json"], check=True, capture_output=True, timeout=60)
    return Schema(sqlite3.connect(folder / "control.sqlite"))


def logged() -> list[str]:
    """What servers ran, without transactions, settings and migrations."""
    path = Path(os.environ.get("SEXTANT_STATEMENT_LOG", REPOSITORY / ".build/statements.jsonl"))
    if not path.exists():
        return []
    done = migrations()
    statements = {one_line(json.loads(line)) for line in path.read_text().splitlines()}
    return sorted(sql for sql in statements if STATEMENT.match(sql) and sql not in done and not INNER.search(sql))


TEXTS = texts()
WHOLE = sorted({text.sql for text in TEXTS if text.is_whole})
LOGGED = logged()


@pytest.mark.parametrize("sql", [pytest.param(sql, id=sql[:80]) for sql in sorted({*WHOLE, *LOGGED})])
def test_a_statement_searches_by_all_that_is_given(schema: Schema, sql: str) -> None:
    found = problems(sql, schema)
    if any(sql.startswith(beginning) for beginning in ACCEPTED):
        assert found, "it does not any more: take it off the list"
    else:
        assert not found, sql


@pytest.mark.parametrize("sql", [
    "SELECT * FROM resources WHERE id IN (SELECT value FROM json_each(?)) AND project_id = ? AND kind = ?",
    "SELECT user_id FROM persons WHERE environment_id = ? AND company_id IN (SELECT value FROM json_each(?)) ORDER BY user_id",
    "SELECT id FROM resources WHERE project_id = ? AND kind = ? AND name = ? COLLATE BINARY ORDER BY id LIMIT 1",
    "SELECT * FROM resources WHERE kind = 'experience'",
    "DELETE FROM visitors WHERE visitor_id = ?",
])
def test_what_was_wrong_once_is_found(schema: Schema, sql: str) -> None:
    assert problems(sql, schema)


def test_every_statement_that_is_put_together_was_run() -> None:
    assert LOGGED, "run `make end-to-end` before"
    pieces = [text for text in TEXTS if not text.is_whole]
    missing = {text.sql: text.place for text in pieces if not any(text.pattern.search(sql) for sql in LOGGED)}
    assert missing.keys() == NEVER_RUN.keys(), missing


def test_every_statement_that_was_run_is_in_the_sources() -> None:
    starts = [re.compile(text.pattern.pattern + (r"\Z" if text.is_whole else "")) for text in TEXTS]
    unknown = [sql for sql in LOGGED if not any(start.match(sql) for start in starts)]
    assert not unknown


def test_exceptions_are_of_statements_that_are_there() -> None:
    known = [*WHOLE, *LOGGED]
    assert [start for start in ACCEPTED if not any(sql.startswith(start) for sql in known)] == []


def test_nothing_gathers_statistics_that_would_change_plans(schema: Schema) -> None:
    assert "sqlite_stat1" not in schema.tables()
    assert not [text.place for text in TEXTS if re.search(r"ANALYZE|optimize", text.sql)]


def test_what_refers_to_a_row_is_found_when_the_row_goes(schema: Schema) -> None:
    """Foreign keys are looked up without a plan of their own."""
    missing = []
    for table in schema.tables():
        rows = schema.database.execute(f"PRAGMA foreign_key_list({table})").fetchall()
        keys: dict[int, list[str]] = {}
        for row in rows:
            keys.setdefault(row[0], []).append(row[3])
        for columns in keys.values():
            usable = [index for index in schema.indexes(table) if index.condition in (None, f"{columns[0]} IS NOT NULL")]
            if not any(index.columns[: len(columns)] == columns for index in usable):
                missing.append((table, columns))
    assert missing == []
