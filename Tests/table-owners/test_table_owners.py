"""SQL names tables of its own room only; each table belongs to one.

What stays foreign today stands in `foreign.txt`, with the reason. A line that nothing needs any more must leave it: the
list only shrinks.
"""

import re
from pathlib import Path

import pytest

from owners import OWNER
from sources import REPOSITORY, every_text, migration_files, migrations, written_out
from uses import Use, named, room, uses

LIST = Path(__file__).with_name("foreign.txt")
USES = uses(every_text(), set(OWNER))
FOREIGN = {use: places for use, places in USES.items() if use.room != OWNER[use.table]}


def accepted() -> dict[Use, str]:
    """The list: `Room reads|writes table: reason`, one a line."""
    lines = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    parsed = {}
    for line in lines:
        name, reason = line.split(": ", 1)
        use = Use(*name.split())
        assert use not in parsed and reason, line
        parsed[use] = reason
    return parsed


def test_no_statement_names_a_table_of_another_room() -> None:
    unknown = {str(use): places for use, places in FOREIGN.items() if use not in accepted()}
    assert not unknown, "ask the room that the table belongs to"


def test_what_the_list_accepts_is_needed() -> None:
    assert [str(use) for use in accepted() if use not in FOREIGN] == [], "it is not any more: take it off the list"


def test_each_table_has_an_owner() -> None:
    sql = migrations()
    made = set(re.findall(r"CREATE TABLE (\w+)", sql)) | set(re.findall(r"RENAME TO (\w+)", sql))
    gone = set(re.findall(r"DROP TABLE (\w+)", sql)) | set(re.findall(r"ALTER TABLE (\w+) RENAME TO", sql))
    assert (made - gone) | {"EventTable", "ExposureTable"} == set(OWNER)


@pytest.mark.parametrize("path", migration_files(), ids=lambda path: path.stem)
def test_rooms_migrate_their_own_tables(path: Path) -> None:
    sql = written_out(path.read_text())
    changed = set(re.findall(r"(?:CREATE TABLE|ALTER TABLE|INDEX \w+ ON|INSERT INTO) (\w+)|^\s*UPDATE (\w+)", sql, re.MULTILINE))
    tables = {name for names in changed for name in names if name}
    own = room(str(path.relative_to(REPOSITORY / "Sources")))
    # A table that is there no more is nobody's.
    assert {table: OWNER[table] for table in tables & set(OWNER) if OWNER[table] != own} == {}


@pytest.mark.parametrize("table", sorted(OWNER))
def test_the_owner_names_its_table(table: str) -> None:
    ways = {use.way for use in USES if use.table == table and use.room == OWNER[table]}
    assert ways, f"{OWNER[table]} does not name {table}; whose is it now?"


def test_rooms_are_rooms() -> None:
    rooms = {path.name for floor in ["*", "Capabilities/*"] for path in (REPOSITORY / "Sources").glob(f"{floor}/*")}
    assert set(OWNER.values()) | {use.room for use in USES} <= rooms


@pytest.mark.parametrize(("sql", "expected"), [
    ("SELECT * FROM a JOIN b ON b.id = a.id", {("reads", "a"), ("reads", "b")}),
    ("SELECT 1 FROM c AS x, a, b WHERE x.id = ?", {("reads", "a"), ("reads", "b"), ("reads", "c")}),
    ("INSERT OR REPLACE INTO a (id) SELECT id FROM b WHERE id = ?", {("writes", "a"), ("reads", "b")}),
    ("UPDATE a SET n = (SELECT max(n) FROM b) WHERE a.id = ?", {("writes", "a"), ("reads", "b")}),
    ("DELETE FROM a WHERE id = ? AND NOT EXISTS (SELECT * FROM b)", {("writes", "a"), ("reads", "b")}),
    ("(SELECT count(*) FROM \\(table) WHERE x = a.id)", {("reads", "a")}),
    ("a NOT INDEXED", {("reads", "a")}),
    ("SELECT max(id) FROM \\(half.of(EventTable.name)) WHERE id > $1", {("reads", "EventTable")}),
    ("SELECT b FROM json_each(?)", set()),
])
def test_tables_are_found(sql: str, expected: set[tuple[str, str]]) -> None:
    assert set(named(sql, {"a", "b", "c"})) == expected


def test_rooms_are_found() -> None:
    assert room("Capabilities/Media/Images/ImageStore.swift:5") == "Images"
    assert room("Storage/Jobs/JobStore.swift:5") == "Jobs"
