"""The SQL of the control store as it stands in the sources: whole statements, and pieces that statements are made of."""

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STATEMENT = re.compile(r"(SELECT|INSERT|REPLACE|UPDATE|DELETE|WITH)\s+\S")
PIECE = re.compile(r"\b(SELECT \S|FROM [a-z_]+|INSERT INTO|UPDATE [a-z]|DELETE FROM|IN \(|json_each|json_extract|NOT INDEXED)")
TEXT = re.compile(r'"""\n(?P<long>.*?)"""|"(?P<short>(?:[^"\\\n]|\\.)*)"', re.DOTALL)

IMPORT = re.compile(r"^(public |package )?import GRDB$", re.MULTILINE)


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
    """The SQL of all sources that use SQLite, without migrations and what copies rows by their ids between two files."""
    paths = [path for path in swift_files() if "Staging" not in path.parts]
    return [text for path in paths if IMPORT.search(source := path.read_text()) for text in read(path, source)]


def every_text() -> list[Text]:
    """The SQL of all sources, pieces that are put together elsewhere and that of the event log included."""
    return [text for path in swift_files() for text in read(path, path.read_text())]


def swift_files() -> list[Path]:
    return [path for path in sorted((REPOSITORY / "Sources").rglob("*.swift")) if "Migrations" not in path.parts]


def read(path: Path, source: str) -> list[Text]:
    """The SQL of one source."""
    found = []
    code = re.sub(r"^\s*//.*$", lambda comment: " " * len(comment[0]), source, flags=re.MULTILINE)
    for match in TEXT.finditer(code):
        sql = one_line((match["long"] or match["short"] or "").replace("\\\n", "\n"))
        if STATEMENT.match(sql) or PIECE.search(sql):
            line = source.count("\n", 0, match.start()) + 1
            found.append(Text(f"{path.relative_to(REPOSITORY / 'Sources')}:{line}", sql))
    return found


def migrations() -> str:
    return one_line("\n".join(path.read_text() for path in sorted((REPOSITORY / "Sources").rglob("Migrations/*.swift"))))
