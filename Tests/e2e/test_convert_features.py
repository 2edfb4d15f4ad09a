"""Features and their typed variables."""

import pytest

from support.convert import Body, ConvertProject, assert_refused
from support.convert_kinds import FEATURES, fresh


VARIABLES: list[Body] = [
    {"key": "title", "type": "string", "default_value": "Hello '\"<b>🚀"},
    {"key": "empty", "type": "string", "default_value": ""},
    {"key": "enabled", "type": "boolean", "default_value": False},
    {"key": "limit", "type": "integer", "default_value": -(2**53) + 1},
    {"key": "whole", "type": "integer", "default_value": 3},
    {"key": "ratio", "type": "float", "default_value": 0.1},
    {"key": "one", "type": "float", "default_value": 1},
    {"key": "object", "type": "json", "default_value": '{"a": [1, null, {"b": "\\u00e9"}]}'},
    {"key": "list", "type": "json", "default_value": "[]"},
    {"key": "object itself", "type": "json", "default_value": {"a": [1, None, {"b": "é", "c": 12345678901234567890}]}},
    {"key": "list itself", "type": "json", "default_value": [1, "x", [], {}]},
    {"key": "number itself", "type": "json", "default_value": 1.5},
    {"key": "large", "type": "string", "default_value": "x" * 65_534},
    {"key": "deep", "type": "json", "default_value": "[" * 50 + "]" * 50},
    {"key": "unset", "type": "json", "default_value": None},
    {"key": "absent", "type": "integer"},
]


def test_feature_with_variables_of_every_type(fullstack: ConvertProject) -> None:
    added = FEATURES.add(fullstack, variables=VARIABLES)
    assert added["variables"] == VARIABLES
    assert added["stats"] == {"times_used": 0}
    assert fullstack.get("features", added["key"])["variables"] == VARIABLES
    fewer = list(reversed(VARIABLES[:4]))
    assert fullstack.update("features", added["id"], {"variables": fewer})["variables"] == fewer
    assert fullstack.update("features", added["id"], {"name": "renamed"})["variables"] == fewer
    assert fullstack.update("features", added["id"], {"variables": []})["variables"] == []


REFUSED_VARIABLES: dict[str, Body] = {
    "no key": {"type": "string"},
    "empty key": {"key": "", "type": "string"},
    "long key": {"key": "k" * 33, "type": "string"},
    "key of a number": {"key": 5, "type": "string"},
    "no type": {"key": "a"},
    "unknown type": {"key": "a", "type": "date"},
    "text for a boolean": {"key": "a", "type": "boolean", "default_value": "true"},
    "number for a boolean": {"key": "a", "type": "boolean", "default_value": 1},
    "text for an integer": {"key": "a", "type": "integer", "default_value": "1"},
    "fraction for an integer": {"key": "a", "type": "integer", "default_value": 1.5},
    "boolean for an integer": {"key": "a", "type": "integer", "default_value": True},
    "text for a float": {"key": "a", "type": "float", "default_value": "0.1"},
    "number for a text": {"key": "a", "type": "string", "default_value": 1},
    "list for a text": {"key": "a", "type": "string", "default_value": []},
    "word for JSON": {"key": "a", "type": "json", "default_value": "word"},
    "broken JSON": {"key": "a", "type": "json", "default_value": '{"a": }'},
    "empty JSON": {"key": "a", "type": "json", "default_value": ""},
    "JSON and more": {"key": "a", "type": "json", "default_value": "{} {}"},
    "too large": {"key": "a", "type": "string", "default_value": "x" * 65_535},
    "too deep": {"key": "a", "type": "json", "default_value": "[" * 51 + "]" * 51},
}


@pytest.mark.parametrize("variable", REFUSED_VARIABLES.values(), ids=REFUSED_VARIABLES)
def test_variables_that_are_none(fullstack: ConvertProject, variable: Body) -> None:
    good = {"key": "good", "type": "string"}
    for variables in ([variable], [good, variable]):
        body = {**FEATURES.body(fresh("feature")), "variables": variables}
        assert_refused(fullstack.post("features", "add", body=body), 422, "variables")
    id = FEATURES.add(fullstack, variables=[good])["id"]
    assert_refused(fullstack.post("features", id, "update", body={"variables": [variable]}), 422, "variables")
    assert fullstack.get("features", id)["variables"] == [good]


def test_variables_have_keys_of_their_own(fullstack: ConvertProject) -> None:
    twice = [{"key": "a", "type": "string"}, {"key": "b", "type": "json"}, {"key": "a", "type": "integer"}]
    body = {**FEATURES.body(fresh("feature")), "variables": twice}
    assert_refused(fullstack.post("features", "add", body=body), 422, "variables[2].key")
    for _ in range(2):
        assert FEATURES.add(fullstack, variables=twice[:2])["variables"] == twice[:2]


def test_features_are_for_fullstack_projects(web: ConvertProject) -> None:
    assert_refused(web.post("features", "add", body=FEATURES.body(fresh("feature"))), 422)
    assert web.page("features")["extra"]["pagination"]["items_count"] == 0
