"""Which tables the SQL of a text names, and which room a source belongs to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sources import Text

WRITE = re.compile(r"\b(?:(?:INSERT|REPLACE)(?: OR \w+)? INTO|UPDATE(?: OR \w+)?|DELETE FROM) ([a-z_]+)\b")
READ = re.compile(r"(?<!DELETE )\b(?:FROM|JOIN) ([a-z_]+)\b|\b([a-z_]+)\.[a-z_]+\b|^([a-z_]+) NOT INDEXED$")
LIST = re.compile(r"\bFROM [a-z_]+(?: AS)?(?: [a-z]\w*)?((?:, [a-z_]+(?: AS)?(?: [a-z]\w*)?)+)")
LOG = re.compile(r"\\\((?:[^()]|\()*\b(EventTable|ExposureTable)\.")
"""The event log's tables have their names from Swift."""


@dataclass(frozen=True, order=True)
class Use:
    """That a room names a table in its SQL."""

    room: str
    way: str
    """`reads` or `writes`."""
    table: str

    def __str__(self) -> str:
        return f"{self.room} {self.way} {self.table}"


def room(place: str) -> str:
    """The room of a place in the sources: its folder below that of the floor, which capabilities and rooms share."""
    folders = place.split("/")
    return folders[2] if folders[0] == "Capabilities" else folders[1]


def named(sql: str, tables: set[str]) -> Iterator[tuple[str, str]]:
    """Every table that a statement, or a piece of one, names: `reads` or `writes`, and the table."""
    written = [match[1] for match in WRITE.finditer(sql)]
    read = [name for match in READ.finditer(sql) for name in match.groups()]
    read += [part.split()[0] for match in LIST.finditer(sql) for part in match[1].split(", ") if part]
    yield from (("writes", table) for table in written if table in tables)
    # A statement that writes a table may name the columns of that.
    yield from (("reads", table) for table in read if table in tables and table not in written)
    yield from (("reads", match[1]) for match in LOG.finditer(sql))


def uses(texts: list[Text], tables: set[str]) -> dict[Use, list[str]]:
    """What each room names, and where."""
    found: dict[Use, list[str]] = {}
    for text in texts:
        for way, table in named(text.sql, tables):
            found.setdefault(Use(room(text.place), way, table), []).append(text.place)
    return found
