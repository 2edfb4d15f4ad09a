"""Writes golden.json: what the vendor's SDKs answer for every comparison, value and pattern below.

Python answers come from convert-python-sdk (pip install convert-python-sdk). JavaScript answers need a checkout of
convertcom/javascript-sdk and deno (pip install deno):

    python golden.py path/to/javascript-sdk
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from convert_sdk.evaluation import rules

OPERATORS = ["equals", "equalsNumber", "matches", "contains", "startsWith", "endsWith", "less", "lessEqual", "isIn"]
OPERATORS += ["exists", "doesNotExist", "not_exists", "unheard_of"]
MISSING = {"missing": True}
VALUES = [
    MISSING, None, True, False, 0, 1, 10, 9.5, -3, 1.0, 0.1, 1e21, 1e-7, 123456789012, 0.000001234, 1e300,
    "", " ", "10", "9.5", "1,000", "0,5", "0,125", "-1,000.25", ".5", "-.5", "1e3", " 7 ", "1_000", "nan", "10.0",
    "1,00",
    "Gold", "gold", "GOLD member", "a|gold", "Gold|silver", "true", "null", "undefined", "ΑΣΟΣ", "ασος", "İstanbul",
    "Straße", "STRASSE", "e\u0301", "\u00e9", "\u212a", "\uff21", "\U0001f600", "日本", "z", "Z", "a\u00a0", "x" * 40,
    [], ["gold"], ["Gold", 1, True, None], [1, [2, 3]], {}, {"gold": 1}, {"1": False},
]  # fmt: skip
TESTS = [
    None, True, False, 0, 1, 10, 9.5, -3, 1000, 0.125, 1e21, "", " ", "10", "1,000", "0,5", "1e3", "nan", "true",
    "null",
    "Gold", "gold", "GOLD|Silver", "old", "a|", "|", "ΑΣΟΣ", "σ", "ς", "i\u0307", "ß", "SS", "é", "k", "\U0001f600",
    "Z", "\u00a0 ", "[object", ["gold", "10"], [], {},
]  # fmt: skip
PATTERNS = [
    "gold", "^gold$", "GOLD", "g.ld", "^$", "", "go+ld?", "(gold|silver)", "(?:a|b)*c", "^(?!gold).*", "(?<=go)ld",
    "(?<!a|b)gold", "(?=.*\\d)(?=.*[a-z]).{3,}", "^https?://([a-z0-9-]+\\.)*example\\.com(/|$)", "\\bcart\\b",
    "\\Bart",
    "[a-f]+[^a-f]", "[\\w.-]+@[\\w-]+", "\\d{2,3}", "x{2}", "x{,2}", "a{1,2}{3}", "{", "}", "]", "a{", "{1}", "*a",
    "(",
    ")", "[", "[]", "[^]", "[z-a]", "[a-]", "[\\d-x]", "\\", "\\p{Lu}", "\\u0041", "\\u{41}", "\\x41", "\\x4",
    "\\101",
    "\\0", "\\8", "\\cJ", "\\c", "(?<year>\\d{4})", "(?i)gold", "(?P<n>a)", "\\kx", "^.$", "^..$", "\\s", "\\S+$",
    "[\\b]", "ß", "SS", "σ", "Σ", "ς", "[α-ω]+", "K", "\u212a", "[^k]", "\u017f", "é", "[Ã-É]", "(?=a)*b", "(?<=a)*b",
    "a??b", "(a|ab)(c|bcd)$", "^(?:(?:a?){3}){2}$", "(?:)", "a||b", "^|x", "$^", "\\$", "\\/", "[/]", "a\\-b", "\\-",
    "(?:a{0})b", "a{2,1}", "^(?=(?!b)a)ab", "(?<=(?=ab).)b", "(?!)", "[^\\W_]+", "^\\D+$", "[\\s\\S]*z$",
    "page=[2-9]",
    "(a+)+$", "^([a-z]+)*$",
]  # fmt: skip
TEXTS = [
    "", "gold", "Gold", "silver gold", "agold", "ab", "abcd", "aab", "b", "c", "x", "xx", "x{,2}", "aaaaaa", "a{",
    "a",
    "https://www.example.com/Cart?page=3", "http://example.com", "https://example.com.evil.org", "me@host",
    "2024-01", "42",
    "ß", "SS", "ΑΣΟΣ", "k", "\u212a", "é", "É", "\U0001f600", "s\u017f", "line\nbreak", "tab\tz", "\\c", "]", "}",
    "{",
    "a-b", "$", "/", "p{lu}", "uA", "8", "1 2", "kx", "_", "-", "\\", "x4", "u" * 41, "\u00b5",
]  # fmt: skip


def tree(match_type, value, negated):
    rule = {"key": "k", "value": value, "matching": {"match_type": match_type, "negated": negated}}
    return {"OR": [{"AND": [{"OR_WHEN": [rule]}]}]}


def data(value):
    return {"other": 1} if value is MISSING else {"k": value}


def cases():
    """(data, rules) in the order of the answers."""
    for operator in OPERATORS:
        for value in VALUES:
            for test in TESTS:
                for negated in [False, True]:
                    yield data(value), tree(operator, test, negated)
    for pattern in PATTERNS:
        for text in TEXTS:
            for negated in [False, True]:
                yield data(text), tree("regexMatches", pattern, negated)


def python_answer(attributes, rule_set):
    try:
        return "1" if rules.is_rule_matched(attributes, rule_set) else "0"
    except Exception:
        return "x"


JAVASCRIPT = """
import {RuleManager} from '%(root)s/packages/rules/src/rule-manager.ts';
const cases = JSON.parse(Deno.readTextFileSync(Deno.args[0]));
const manager = new RuleManager();
console.log(cases.map(([data, rules]) => manager.isRuleMatched(data, rules) === true ? '1' : '0').join(''));
"""


def javascript_answers(root):
    root = pathlib.Path(root).resolve()
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        utilities = ["array-utils", "comparisons", "object-utils", "string-utils"]
        exports = "".join(f"export * from '{root}/packages/utils/src/{name}.ts';\n" for name in utilities)
        (place / "utils.ts").write_text(exports)
        (place / "murmurhash.ts").write_text("export default {};\n")
        imports = {"@convertcom/js-sdk-utils": "./utils.ts", "murmurhash": "./murmurhash.ts"}
        for name in ["enums", "types"]:
            imports[f"@convertcom/js-sdk-{name}"] = f"{root}/packages/{name}/index.ts"
        imports["@convertcom/js-sdk-logger"] = "./murmurhash.ts"
        (place / "deno.json").write_text(json.dumps({"imports": imports}))
        (place / "answer.ts").write_text(JAVASCRIPT % {"root": root})
        (place / "cases.json").write_text(json.dumps(list(cases())))
        command = ["deno", "run", "--no-check", "--allow-all", "--unstable-sloppy-imports", "answer.ts", "cases.json"]
        return subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.strip()


def packed(answers):
    """Four answers a hexadecimal digit, the first in the highest bit."""
    bits = answers.replace("x", "0") + "0" * (-len(answers) % 4)
    return "".join(f"{int(bits[place : place + 4], 2):x}" for place in range(0, len(bits), 4))


def main():
    python = "".join(python_answer(*case) for case in cases())
    javascript = javascript_answers(sys.argv[1])
    assert len(javascript) == len(python)
    lists = {"operators": OPERATORS, "values": VALUES, "tests": TESTS, "patterns": PATTERNS, "texts": TEXTS}
    golden = lists | {"count": len(python), "javascript": packed(javascript), "python": packed(python)}
    text = json.dumps(golden, ensure_ascii=True, separators=(",", ":"))
    pathlib.Path(__file__).with_name("golden.json").write_text(text + "\n")
    print(len(python), "answers,", sum(a != b for a, b in zip(python, javascript)), "differ")


if __name__ == "__main__":
    main()
