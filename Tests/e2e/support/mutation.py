"""Requests made from contracts, then changed: values, members, texts, addresses and bytes that nobody should send."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import yaml

from .server import REPOSITORY

DOCUMENTS = REPOSITORY / "Sources/Gateway/Contract/Documents"
METHODS = ("get", "post", "put", "patch", "delete")
DEEPEST = 7
LONGEST_LIST = 3

# As they stand in the text of a document, so that no library corrects them.
NUMERALS = [
    *["0", "-0", "-1", "1.5", "255", "65536", "2147483648", "-2147483649", "9007199254740993", "9223372036854775807"],
    *["-9223372036854775808", "18446744073709551616", "1e308", "-1e308", "5e-324", "1e-9999", "0e9999", "1e400"],
    *["0e9223372036854775807", "0.1e-9223372036854775808", "1E+2", "123456789012345678901234567890.5", "NaN", "-"],
]
TEXTS = [
    *["", " ", "a", "0", "null", "1e5", "٣", "é", "e\u0301", "Å", "\u212b", "\u200d", "\ufeff", "\u202e", "\uffff"],
    *["\U0001f468\u200d\U0001f469", "\ud7ff", "a" * 300, "a" * 70_000, "'; DROP TABLE events; --", "%00", "../../etc"],
    *["0000-01-01", "0000-01-01T00:00:00+23:59", "9999-12-31", "9999-12-31T23:59:59.999999-23:59", "2024-02-30"],
    *["10000-01-01", "-0001-01-01", "2024-13-01T25:61:61Z", "1970-01-01", "https://\u0000", "http://[::1", "//"],
    *["(a?){110}[bc]", "(?<=a)b{0,99999999999}", "[", "(" * 100, "<svg onload=x>", "{{}}", "a@b.example", "\r\nX: y"],
    *["user_id", "-1", "9223372036854775808", "1,2,3", "a|b|c", "*.x.example", "data:image/png;base64,AA"],
]
RAW = [b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b'"', b",", b":"]
HEADERS = [
    ("Content-Type", "text/plain"),
    ("Content-Type", "multipart/form-data; boundary=b"),
    ("Content-Type", "application/json; charset=utf-16"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "br"),
    ("Accept-Encoding", "gzip;q=nan, *;q=-1"),
    ("If-None-Match", '*, W/"x", ,,"'),
    ("Idempotency-Key", "é" * 200),
    ("Range", "bytes=9223372036854775807-"),
    ("X-Forwarded-For", "[::1, 999.1.1.1, ::ffff:1.2.3.4:80"),
    ("User-Agent", ""),
    ("Expires", "1e400"),
]


@dataclass
class Operation:
    """One operation of a contract."""

    name: str
    method: str
    path: str
    parameters: list[dict[str, Any]]
    schema: Any


@dataclass
class Request:
    """One request, as it goes over the wire."""

    method: str
    target: str
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)


class Mutations:
    """Endless requests to one contract's operations; the same ones for the same seed."""

    def __init__(self, contract: str, prefix: str, served: set[str], ids: dict[str, list[str]], seed: int) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        text = (DOCUMENTS / f"{contract}.yaml").read_text(encoding="utf-8")
        self.document: dict[str, Any] = yaml.load(text, Loader=loader)
        self.prefix = prefix
        self.ids = ids
        self.random = random.Random(seed)
        self.operations = [operation for operation in self._operations() if operation.name in served]
        assert self.operations, f"nothing of {contract} is served"

    def __iter__(self) -> Iterator[tuple[Operation, Request]]:
        while True:
            for operation in self.random.sample(self.operations, len(self.operations)):
                yield operation, self._request(operation)

    # ---- reading the contract

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method not in item:
                    continue
                operation = item[method]
                given = item.get("parameters", []) + operation.get("parameters", [])
                parameters = [self._resolved(one) for one in given]
                content = self._resolved(operation.get("requestBody", {})).get("content", {})
                media = content.get("application/json") or next(iter(content.values()), {})
                yield Operation(operation["operationId"], method.upper(), path, parameters, media.get("schema"))

    def _resolved(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def _value(self, schema: Any, depth: int = 0) -> Any:
        """A value that the schema may have in mind."""
        schema = self._resolved(schema)
        if not isinstance(schema, dict) or depth > DEEPEST:
            return None
        if schema.get("enum"):
            return self.random.choice(schema["enum"])
        if "example" in schema and self.random.random() < 0.5:
            return schema["example"]
        branches = schema.get("oneOf") or schema.get("anyOf")
        value = self._value(self.random.choice(branches), depth + 1) if branches else None
        members = dict(value) if isinstance(value, dict) else {}
        for part in schema.get("allOf", []):
            made = self._value(part, depth + 1)
            members.update(made if isinstance(made, dict) else {})
        for name, member in schema.get("properties", {}).items():
            if name in schema.get("required", []) or self.random.random() < 0.6:
                members[name] = self._value(member, depth + 1)
        if members:
            return members
        if value is not None:
            return value
        return self._scalar(schema, depth)

    def _scalar(self, schema: dict[str, Any], depth: int) -> Any:
        kind = schema.get("type")
        kind = self.random.choice(kind) if isinstance(kind, list) else kind
        if kind == "array":
            count = self.random.randrange(LONGEST_LIST + 1)
            return [self._value(schema.get("items", {}), depth + 1) for _ in range(count)]
        if kind == "integer":
            return self.random.choice([0, 1, 2, 3, self.random.randrange(100)])
        if kind == "number":
            return self.random.choice([0, 1, 2.5, 99.99])
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "object":
            return {}
        given = {"date": "2024-05-31", "date-time": "2024-05-31T12:30:00Z", "email": "a@b.example"}
        texts = ["ann", "one", "2024-05-31", "https://x.example/"]
        return given.get(schema.get("format", "")) or self.random.choice(texts)

    # ---- making requests

    def _request(self, operation: Operation) -> Request:
        target = self.prefix + self._path(operation)
        query = self._query(operation)
        body = self._body(operation)
        headers = [("Content-Type", "application/json")] if body else []
        if self._once(20):
            name, value = self.random.choice(HEADERS)
            headers = [pair for pair in headers if pair[0] != name] + [(name, value)]
        method = self.random.choice([*METHODS, "head", "options"]).upper() if self._once(60) else operation.method
        return Request(method, target + (f"?{query}" if query else ""), body, headers)

    def _path(self, operation: Operation) -> str:
        path = operation.path
        for parameter in operation.parameters:
            if parameter.get("in") != "path":
                continue
            known = self.ids.get(parameter["name"], ["1", "2", "3", "7"])
            text = self.random.choice(NUMERALS + TEXTS[:40]) if self._once(6) else self.random.choice(known)
            path = path.replace("{" + parameter["name"] + "}", quote(text[:2_000], safe="") or "%20")
        return path

    def _query(self, operation: Operation) -> str:
        items = []
        for parameter in operation.parameters:
            if parameter.get("in") != "query" or self._once(2):
                continue
            value = self._value(parameter.get("schema", {}))
            name = parameter["name"] + ("[]" if isinstance(value, list) and self._once(2) else "")
            for one in value if isinstance(value, list) else [value]:
                text = self.random.choice(NUMERALS + TEXTS[:40]) if self._once(3) else str(one)
                items.append(f"{quote(name)}={quote(text[:2_000])}")
        if self._once(20):
            items.append(self.random.choice(["%", "%zz=1", "a&&=", "=", "[]=1", "page=-9223372036854775808"]))
        return "&".join(items)

    def _body(self, operation: Operation) -> bytes:
        if operation.schema is None:
            return b"" if not self._once(30) else b"{}"
        value = self._value(operation.schema)
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 4])):
            value = self._changed(value)
        body = json.dumps(value, ensure_ascii=self._once(2)).encode("utf-8", "surrogatepass")
        if self._once(3):
            body = self._with_numeral(body)
        if self._once(8):
            body = self._with_bytes(body)
        return body

    def _once(self, times: int) -> bool:
        return self.random.randrange(times) == 0

    def _changed(self, value: Any) -> Any:
        """The value with one place in it changed."""
        if isinstance(value, dict) and value and not self._once(6):
            name = self.random.choice(list(value))
            made = dict(value)
            match self.random.randrange(8):
                case 0:
                    del made[name]
                case 1:
                    made[self.random.choice(TEXTS)[:400]] = made.pop(name)
                case 2:
                    made.update({f"{name}{index}": made[name] for index in range(20)})
                case _:
                    made[name] = self._changed(value[name])
            return made
        if isinstance(value, list) and value and not self._once(6):
            place = self.random.randrange(len(value))
            if self._once(5):
                return value * 40
            return [*value[:place], self._changed(value[place]), *value[place + 1 :]]
        nested: Any = value
        for _ in range(self.random.choice([3, 60, 70])):
            nested = [nested] if self._once(2) else {"a": nested}
        return self.random.choice(
            [None, True, False, 0, -1, 1.5, 10**30, [], {}, [None], nested, *self.random.sample(TEXTS, 12)]
        )

    def _with_numeral(self, body: bytes) -> bytes:
        """Another numeral where one stands, or a text that is a number."""
        places = [index for index, byte in enumerate(body) if 0x30 <= byte <= 0x39]
        if not places:
            return body
        start = self.random.choice(places)
        end = start
        while end < len(body) and 0x30 <= body[end] <= 0x39:
            end += 1
        return body[:start] + self.random.choice(NUMERALS).encode() + body[end:]

    def _with_bytes(self, body: bytes) -> bytes:
        place = self.random.randrange(len(body) + 1)
        match self.random.randrange(5):
            case 0:
                return body[:place]
            case 1:
                return body[:place] + self.random.choice(RAW) + body[place:]
            case 2:
                return body[:place] + body[place : place + 40] * 2 + body[place + 40 :]
            case 3:
                return body[:place] + bytes([self.random.randrange(256)]) + body[place + 1 :]
            case _:
                return body + body
