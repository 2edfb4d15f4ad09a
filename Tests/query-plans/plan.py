"""What is wrong with the way in which SQLite would run a statement."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

PARAMETER = r"(?:\?\d*|:\w+|'[^']*'|-?\d+|\(list\)|\(select\))"


@dataclass(frozen=True)
class Index:
    columns: list[str | None]
    is_unique: bool
    condition: str | None
    """Of a partial index."""


class Schema:
    """What a database has to find rows by."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database

    def columns(self, table: str) -> list[str]:
        return [row[1] for row in self.database.execute(f"PRAGMA table_info({table})")]

    def indexes(self, table: str) -> list[Index]:
        key = sorted((row[5], row[1]) for row in self.database.execute(f"PRAGMA table_info({table})") if row[5])
        found = [Index([name for _, name in key], is_unique=True, condition=None)] if key else []
        for _, name, is_unique, _, is_partial in self.database.execute(f"PRAGMA index_list({table})"):
            columns = [row[2] for row in self.database.execute(f"PRAGMA index_info({name})")]
            condition = None
            if is_partial:
                (sql,) = self.database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
                condition = re.split(r"\bWHERE\b", sql)[1].strip()
            found.append(Index(columns, bool(is_unique), condition))
        return found

    def tables(self) -> list[str]:
        return [row[0] for row in self.database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]


def bodies(sql: str) -> Iterator[str]:
    """Each SELECT of a statement by itself, and the statement without them. What else is in brackets is left out."""
    groups: list[str] = [""]
    for character in sql:
        if character == "(":
            groups.append("")
        elif character == ")" and len(groups) > 1:
            group = groups.pop()
            if re.match(r"\s*SELECT\b", group):
                yield from re.split(r"\bUNION ALL\b", group)
                groups[-1] += "(select)"
            else:
                is_list = re.fullmatch(rf"\s*{PARAMETER}(\s*,\s*{PARAMETER})*\s*", group)
                groups[-1] += "(list)" if is_list else "(other)"
        else:
            groups[-1] += character
    yield from re.split(r"\bUNION ALL\b", groups[0])


def given(body: str, name: str, table: str, columns: list[str]) -> set[str]:
    """The columns of the table called `name` that the body demands a value of."""
    found = set()
    for term in re.split(r" (?:WHERE|ON|AND) ", body)[1:]:
        if re.search(r"\bOR\b", term):
            continue
        match = re.match(rf"(?:(\w+)\.)?(\w+) (?:COLLATE \w+ )?(?:=|IS|IN) ?{PARAMETER}", term)
        if match and match[2] in columns and match[1] in (None, name, table):
            found.add(match[2])
    return found


def sources(body: str) -> Iterator[tuple[str, str]]:
    """The names under which a body uses tables, and the tables."""
    for match in re.finditer(r"\b(?:FROM|JOIN|UPDATE|,) ?(\w+)(?: AS)?(?: (?!(?:WHERE|ON|SET|JOIN|LEFT|ORDER|GROUP|LIMIT|"
                             r"NOT|CROSS|UNION|RETURNING|INNER)\b)(\w+))?", body):
        yield match[2] or match[1], match[1]


def problems(sql: str, schema: Schema) -> list[str]:
    """Tables that are read whole, and rows that are searched by less than the key that is given."""
    found = []
    parts = list(bodies(sql))
    for (detail,) in [row[3:] for row in schema.database.execute(f"EXPLAIN QUERY PLAN {sql}", parameters(sql))]:
        if match := re.match(r"SCAN (\w+)(?! VIRTUAL)", detail):
            if match[1] in ("CONSTANT", "json_each") or "VIRTUAL TABLE" in detail or "-ROW" in detail:
                continue
            found.append(f"reads all of {match[1]}: {detail}")
        elif match := re.match(r"SEARCH (\w+) USING (.*?) ?\((.*)\)", detail):
            name, way, terms = match[1], match[2], match[3]
            if "AUTOMATIC" in way:
                found.append(f"makes an index for this one time: {detail}")
            used = {term.removesuffix("=?") for term in re.split(r" AND ", terms) if term.endswith("=?")}
            lacking = [lack for body in parts for alias, table in sources(body) if alias == name and table in schema.tables()
                       for lack in [less_than_given(body, name, table, used, schema)]]
            if lacking and all(lacking):
                found.append(f"{detail}, though {lacking[0]} is given")
    return found


def less_than_given(body: str, name: str, table: str, used: set[str], schema: Schema) -> str | None:
    """The columns of a better index; nil when the search uses as much as it can."""
    columns = schema.columns(table)
    key = given(body, name, table, columns)
    if "rowid" in used:
        return None
    for index in schema.indexes(table):
        prefix = []
        for column in index.columns:
            if column is None or column not in key:
                break
            prefix.append(column)
        if not prefix or not applies(index, body, key):
            continue
        is_whole = index.is_unique and len(prefix) == len(index.columns)
        if len(prefix) > len(used) or (is_whole and not set(prefix) <= used):
            return "(" + ", ".join(prefix) + ")"
    return None


def applies(index: Index, body: str, key: set[str]) -> bool:
    """Whether a body says what a partial index demands."""
    if index.condition is None or re.sub(r"\(.*?\)", "(list)", index.condition) in body:
        return True
    not_null = re.fullmatch(r"(\w+) IS NOT NULL", index.condition)
    return not_null is not None and not_null[1] in key


def parameters(sql: str) -> dict[str, None] | list[None]:
    names = re.findall(r":([a-zA-Z_]\w*)", sql)
    if names:
        return dict.fromkeys(names)
    numbers = [int(number) for number in re.findall(r"\?(\d+)", sql)]
    return [None] * (max(numbers) if numbers else sql.count("?"))
