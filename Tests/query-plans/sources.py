"""The SQL of the control store as it stands in the sources: whole statements, and pieces that statements are made of."""

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STATEMENT = re.compile(r"(SELECT|INSERT|REPLACE|UPDATE|DELETE|WITH)\s+\S")
PIECE = re.compile(r"\b(SELECT \S|FROM [a-z_]+|INSERT INTO|UPDATE [a-z]|DELETE FROM|IN \(|json_each|json_extract|NOT INDEXED)")
TEXT = re.compile(r'"""\n(?P<long>.*?)"""|"(?P<short>(?:[^"\\\n]|\\.)*)"', re.DOTALL)

IMPORT = re.compile(r"^(public |package )?import (ControlStore|GRDB)$", re.MULTILINE)

STORE = REPOSITORY / "Sources/Storage/ControlStore"
DEFINITION = re.compile(r'static func (?P<name>\w+)\((?P<parameters>[^)]*)\) -> String \{\s*"(?P<body>(?:[^"\\]|\\.)*)"\s*\}')
PARAMETER = re.compile(r'(?P<label>\w+)(?: (?P<name>\w+))?: String(?: = "(?P<default>[^"]*)")?')
CALL = re.compile(r'\\\(SQL\.(?P<name>\w+)\((?P<arguments>(?:"(?:[^"\\]|\\.)*"|[^()"])*)\)\)')
ARGUMENT = re.compile(r'(?:(?P<label>\w+): )?(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<variable>[\w.]+))(?:, |$)')


@dataclass(frozen=True)
class Text:
    """One string of SQL in the sources."""

    place: str
    sql: str
    """With one space wherever white space is; `\\(` where something is put in."""

    @property
    def is_whole(self) -> bool:
        """Whether it is a statement that is always the same."""
        is_cut = self.sql.count("(") != self.sql.count(")") or re.search(r"\b(IN|AND|WHERE|BY)$", self.sql)
        return STATEMENT.match(self.sql) is not None and "\\(" not in self.sql and not is_cut

    @property
    def pattern(self) -> re.Pattern[str]:
        """What statements that were made of it hold."""
        return re.compile(".*?".join(re.escape(part) for part in fixed_parts(self.sql)))


def definitions() -> dict[str, tuple[list[re.Match[str]], str]]:
    """The pieces that engines write in their own way, with their parameters, as the sources of SQLite's have them."""
    source = (STORE / "SQLite/SQL.swift").read_text()
    return {
        found["name"]: (list(PARAMETER.finditer(found["parameters"])), found["body"]) for found in DEFINITION.finditer(source)
    }


DEFINITIONS = definitions()
CONSTANTS = dict(re.findall(r'static let (\w+) = "([^"]*)"', (STORE / "SQLite/SQL.swift").read_text()))


def written_out(source: str) -> str:
    """A source with `\\(SQL.list("?"))` and its like as SQLite gets them."""

    def piece(call: re.Match[str]) -> str:
        if call["name"] not in DEFINITIONS:
            return call[0]
        parameters, body = DEFINITIONS[call["name"]]
        given = {
            found["label"] or "_": found["text"] if found["text"] is not None else f"\\({found['variable']})"
            for found in ARGUMENT.finditer(call["arguments"])
        }
        for parameter in parameters:
            value = given.get(parameter["label"], parameter["default"])
            body = body.replace(f"\\({parameter['name'] or parameter['label']})", value)
        return body

    source = re.sub(r"\\\(SQL\.(\w+)\)", lambda found: CONSTANTS.get(found[1], found[0]), source)
    return CALL.sub(piece, source)


def one_line(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).strip()


def fixed_parts(sql: str) -> list[str]:
    """What stands between the interpolations."""
    parts, start, position = [], 0, 0
    while (opening := sql.find("\\(", position)) >= 0:
        parts.append(sql[start:opening])
        depth, position = 1, opening + 2
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[position], 0)
            position += 1
        start = position
    return [*parts, sql[start:]]


def texts() -> list[Text]:
    """The SQL of all that uses the control store, without migrations and what copies rows by ids between two files."""
    paths = [path for path in swift_files() if "Staging" not in path.parts and path.name != "SQL.swift"]
    return [
        text
        for path in paths
        if IMPORT.search(source := path.read_text()) or STORE in path.parents
        for text in read(path, source)
    ]


def every_text() -> list[Text]:
    """The SQL of all sources, pieces that are put together elsewhere and that of the event log included."""
    return [text for path in swift_files() for text in read(path, path.read_text())]


def swift_files() -> list[Path]:
    return [path for path in sorted((REPOSITORY / "Sources").rglob("*.swift")) if "Migrations" not in path.parts]


def read(path: Path, source: str) -> list[Text]:
    """The SQL of one source."""
    found = []
    code = re.sub(r"^\s*//.*$", "", written_out(source), flags=re.MULTILINE)
    for match in TEXT.finditer(code):
        sql = one_line((match["long"] or match["short"] or "").replace("\\\n", "\n"))
        if STATEMENT.match(sql) or PIECE.search(sql):
            line = code.count("\n", 0, match.start()) + 1
            found.append(Text(f"{path.relative_to(REPOSITORY / 'Sources')}:{line}", sql))
    return found


def migrations() -> str:
    """The SQL of all rooms' migrations."""
    return one_line("\n".join(written_out(path.read_text()) for path in migration_files()))


def migration_files() -> list[Path]:
    return sorted((REPOSITORY / "Sources").rglob("Migrations/*.swift"))
