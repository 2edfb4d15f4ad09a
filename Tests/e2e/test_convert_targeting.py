"""Goals, audiences and locations: their types, and the rules that say whom and where they mean."""

from typing import Any

import pytest

from support.convert import Body, ConvertProject, assert_refused, resolved
from support.convert_kinds import AUDIENCES, LOCATIONS, URL, VISITS, fresh, rules


def mapping(schema: str) -> dict[str, str]:
    """Which schema the contract has for each value of a discriminator."""
    found: dict[str, str] = resolved({"$ref": f"#/components/schemas/{schema}"})["discriminator"]["mapping"]
    return {value: reference.rsplit("/", 1)[1] for value, reference in found.items()}


# ---- goals

GOAL_SETTINGS: dict[str, Body | None] = {
    "advanced": None,
    "visits_page": None,
    "code_trigger": None,
    "revenue": {"triggering_type": "manual"},
    "clicks_link": {"href": "https://example.com/buy?x=1&y='2'"},
    "submits_form": {"action": "https://example.com/form"},
    "clicks_element": {"selector": '#buy > .button[data-x="1"]', "only_where_experience_runs": True},
    "dom_interaction": {"tracked_items": [{"selector": "#a", "event": "change"}, {"selector": ".b", "event": "focus"}]},
    "scroll_percentage": {"percentage": 62.5},
    "ga_import": {"ga_event": "purchase"},
}


def goal(type: str) -> Body:
    settings = GOAL_SETTINGS[type]
    body: Body = {"name": fresh(type), "type": type, "triggering_rule": rules(URL, VISITS)}
    return body if settings is None else {**body, "settings": settings}


def test_all_goal_types_are_here() -> None:
    assert set(GOAL_SETTINGS) == set(mapping("CreateGoal")) and len(GOAL_SETTINGS) == 10


@pytest.mark.parametrize("type", GOAL_SETTINGS)
def test_goal_of_every_type(web: ConvertProject, type: str) -> None:
    sent = goal(type)
    added = web.add("goals", sent)
    assert {name: added[name] for name in sent} == sent
    assert added["is_system"] is False and added["selected_default"] is False
    assert added["stats"] == {"conversions_last_48h": 0, "times_used": 0}
    changed = web.update("goals", added["id"], {**sent, "name": "changed", "selected_default": True})
    assert changed == {**added, "name": "changed", "selected_default": True}
    assert web.update("goals", added["id"], {"name": "again"})["triggering_rule"] == sent["triggering_rule"]
    assert web.update("goals", added["id"], {"triggering_rule": None}).get("triggering_rule") is None
    copy = web.clone("goals", added["id"])
    assert copy["type"] == type and copy.get("settings") == sent.get("settings")


REFUSED_GOALS: dict[str, tuple[str, Body]] = {
    "no type": ("type", {"name": "x"}),
    "unknown type": ("type", {"name": "x", "type": "buys"}),
    "advanced without rule": ("triggering_rule", {"name": "x", "type": "advanced"}),
    "revenue without settings": ("settings", {"name": "x", "type": "revenue"}),
    "link without settings": ("settings", {"name": "x", "type": "clicks_link"}),
    "form without settings": ("settings", {"name": "x", "type": "submits_form"}),
    "element without settings": ("settings", {"name": "x", "type": "clicks_element"}),
    "interaction without settings": ("settings", {"name": "x", "type": "dom_interaction"}),
    "scroll without settings": ("settings", {"name": "x", "type": "scroll_percentage"}),
    "revenue of unknown trigger": (
        "triggering_type", {"name": "x", "type": "revenue", "settings": {"triggering_type": "auto"}},
    ),
    "link without href": ("href", {"name": "x", "type": "clicks_link", "settings": {}}),
    "link with a selector": (
        "selector", {"name": "x", "type": "clicks_link", "settings": {"href": "/", "selector": "#a"}},
    ),
    "scroll by words": ("percentage", {"name": "x", "type": "scroll_percentage", "settings": {"percentage": "50"}}),
    "interaction of no list": (
        "tracked_items", {"name": "x", "type": "dom_interaction", "settings": {"tracked_items": {}}},
    ),
    "rule of unknown type": (
        "rule_type", {"name": "x", "type": "advanced", "triggering_rule": rules({"rule_type": "moon_phase"})},
    ),
    "rule without type": ("rule_type", {"name": "x", "type": "advanced", "triggering_rule": rules({"value": 1})}),
    "default by words": ("selected_default", {"name": "x", "type": "visits_page", "selected_default": "yes"}),
}  # fmt: skip


@pytest.mark.parametrize(("field", "body"), REFUSED_GOALS.values(), ids=REFUSED_GOALS)
def test_goals_that_are_none(web: ConvertProject, field: str, body: Body) -> None:
    assert_refused(web.post("goals", "add", body=body), 422, field)


def test_goal_settings_are_held_against_the_type(web: ConvertProject) -> None:
    """A change that does not say the type is one of the type that the goal has."""
    added = web.add("goals", goal("scroll_percentage"))
    assert web.update("goals", added["id"], {"settings": {"percentage": 80}})["settings"] == {"percentage": 80}
    assert_refused(web.post("goals", added["id"], "update", body={"settings": {"href": "/"}}), 422, "settings")
    shown = web.get("goals", added["id"])
    assert shown["settings"] == {"percentage": 80} and shown["type"] == "scroll_percentage"


def test_settings_do_not_outlive_their_type(web: ConvertProject) -> None:
    added = web.add("goals", goal("scroll_percentage"))
    refused = web.post("goals", added["id"], "update", body={"type": "clicks_link"})
    assert_refused(refused, 422, "settings")
    assert web.get("goals", added["id"])["type"] == "scroll_percentage"
    changed = web.update("goals", added["id"], {"type": "clicks_link", "settings": {"href": "/"}})
    assert changed["type"] == "clicks_link" and changed["settings"] == {"href": "/"}
    assert web.update("goals", added["id"], {"type": "visits_page"})["type"] == "visits_page"


def test_several_mistakes_are_told_at_once(web: ConvertProject) -> None:
    body = {"name": "x" * 101, "type": "clicks_link", "key": "k" * 33, "status": "paused", "settings": {}}
    answer = assert_refused(web.post("goals", "add", body=body), 422, "name", "key", "status", "href")
    mistakes = answer["message"]
    assert isinstance(mistakes, str) and all(field in mistakes for field in ("name ", "key ", "status ", "settings.href "))


# ---- rules

TEXT = {"match_type": "regexMatches", "negated": True}
NUMBER = {"match_type": "lessEqual", "negated": False}
CHOICE = {"match_type": "equals", "negated": True}
RULE_OF: dict[str, Body] = {
    "GenericTextMatchRule": {"matching": TEXT, "value": "^/a\\.b['\"]$ 🚀"},
    "GenericNumericMatchRule": {"matching": NUMBER, "value": 2.5},
    "GenericBoolMatchRule": {"matching": CHOICE, "value": True},
    "GenericTextKeyValueMatchRule": {"matching": TEXT, "key": "plan", "value": "pro"},
    "GenericNumericKeyValueMatchRule": {"matching": NUMBER, "key": "age", "value": -1},
    "GenericBoolKeyValueMatchRule": {"matching": CHOICE, "key": "vip", "value": False},
    "CookieMatchRule": {"matching": {"match_type": "doesNotExist", "negated": False}, "key": "_ga", "value": ""},
    "CountryMatchRule": {"matching": CHOICE, "value": "UA"},
    "LanguageMatchRule": {"matching": CHOICE, "value": "uk"},
    "GoalTriggeredMatchRule": {"matching": CHOICE, "value": 12},
    "SegmentBucketedMatchRule": {"matching": CHOICE, "value": 13},
    "ExperienceBucketedMatchRule": {"matching": CHOICE, "value": True},
    "ExperienceKeyMatchRule": {"matching": CHOICE, "value": "no-such-experience"},
    "GenericKeyValueMatchRule": {"matching": {"match_type": "less", "negated": True}, "key": "age", "value": "18"},
    "DayOfWeekMatchRule": {"matching": NUMBER, "value": 7},
    "HourOfDayMatchRule": {"matching": NUMBER, "value": 0},
    "MinuteOfHourMatchRule": {"matching": NUMBER, "value": 60},
    "BrowserNameMatchRule": {"matching": CHOICE, "value": "firefox"},
    "OsMatchRule": {"matching": CHOICE, "value": "linux"},
    "WeatherConditionMatchRule": {"matching": TEXT, "value": "rain"},
    "VisitorTypeMatchRule": {"matching": CHOICE, "value": "returning"},
    "JsConditionMatchRule": {"matching": CHOICE, "value": "window.a && (b < 1) // \u2028"},
    "VisitorDataExistsMatchRule": {"matching": CHOICE, "value": True},
}
NO_URL = mapping("RuleElementNoUrl")
WITH_URL = mapping("RuleElementAudience")
OF_LOCATIONS = mapping("LocationRuleElement")


def rule(rule_type: str, variants: dict[str, str]) -> Body:
    return {"rule_type": rule_type, **RULE_OF[variants[rule_type]]}


def named(project: ConvertProject, element: Body) -> Body:
    """The rule, about something that the project really has when it names one."""
    if element["rule_type"] == "bucketed_into_segment":
        segment = {"name": fresh("segment"), "type": "segmentation", "rules": rules(VISITS)}
        return {**element, "value": project.add("audiences", segment)["id"]}
    if element["rule_type"] == "goal_triggered":
        return {**element, "value": project.add("goals", {"name": fresh("goal"), "type": "code_trigger"})["id"]}
    return element


def test_segments_know_more_rules_than_other_audiences() -> None:
    assert set(WITH_URL) - set(NO_URL) == {"url", "url_with_query", "query_string"}
    assert set(NO_URL) < set(WITH_URL) and len(WITH_URL) > 50


@pytest.mark.parametrize("rule_type", WITH_URL)
def test_audience_rules_of_every_type(web: ConvertProject, rule_type: str) -> None:
    """Each alone, and between others three levels deep."""
    element = named(web, rule(rule_type, WITH_URL))
    nested = {"OR": [
        {"AND": [{"OR_WHEN": [VISITS, element]}, {"OR_WHEN": [element]}]},
        {"AND": [{"OR_WHEN": [{**element, "matching": {**element["matching"], "negated": False}}, VISITS]}]},
    ]}  # fmt: skip
    for type in ("segmentation", "transient", "permanent"):
        for wanted in (rules(element), nested):
            body = {"name": fresh(rule_type), "type": type, "rules": wanted}
            if type != "segmentation" and rule_type not in NO_URL:
                assert_refused(web.post("audiences", "add", body=body), 422, "rules")
                continue
            added = web.add("audiences", body)
            assert added["rules"] == wanted and added["type"] == type
            assert web.get("audiences", added["id"], **{"include[]": "rules"})["rules"] == wanted


@pytest.mark.parametrize("rule_type", OF_LOCATIONS)
def test_location_rules_of_every_type(web: ConvertProject, rule_type: str) -> None:
    element = rule(rule_type, OF_LOCATIONS)
    wanted = {"OR": [{"AND": [{"OR_WHEN": [element, URL]}, {"OR_WHEN": [URL]}]}, {"AND": [{"OR_WHEN": [element]}]}]}
    added = web.add("locations", {"name": fresh(rule_type), "rules": wanted})
    assert added["rules"] == wanted
    assert web.get("locations", added["id"], **{"include[]": "rules"})["rules"] == wanted


@pytest.mark.parametrize("rule_type", sorted(set(WITH_URL) - set(OF_LOCATIONS)))
def test_locations_know_nothing_of_visitors(web: ConvertProject, rule_type: str) -> None:
    body = {"name": fresh(rule_type), "rules": rules(rule(rule_type, WITH_URL))}
    assert_refused(web.post("locations", "add", body=body), 422, "rules")


def test_all_rules_at_once(web: ConvertProject) -> None:
    every = [named(web, rule(rule_type, NO_URL)) for rule_type in NO_URL]
    wide = {"OR": [{"AND": [{"OR_WHEN": every}, {"OR_WHEN": list(reversed(every))}]}] * 12}
    added = web.add("audiences", {"name": fresh("wide"), "type": "transient", "rules": wide})
    assert web.get("audiences", added["id"], **{"include[]": "rules"})["rules"] == wide


REFUSED_RULES: dict[str, Any] = {
    "a text": "visits_count = 1",
    "a list": [VISITS],
    "OR of no list": {"OR": {"AND": []}},
    "AND of no list": {"OR": [{"AND": {"OR_WHEN": [VISITS]}}]},
    "OR_WHEN of no list": {"OR": [{"AND": [{"OR_WHEN": VISITS}]}]},
    "OR of rules": {"OR": ["x"]},
    "rules of texts": rules("x"),  # type: ignore[arg-type]
    "no rule type": rules({"value": 1}),
    "unknown rule type": rules({"rule_type": "moon_phase", "value": 1}),
    "rule type null": rules({"rule_type": None, "value": 1}),
    "unknown match": rules({**VISITS, "matching": {"match_type": "roughly"}}),
    "match of another kind": rules({**VISITS, "matching": {"match_type": "contains"}}),
    "negated by words": rules({**VISITS, "matching": {"match_type": "less", "negated": "no"}}),
    "number in words": rules({**VISITS, "value": "one"}),
    "text in numbers": rules({"rule_type": "city", "value": 5}),
    "boolean in words": rules({"rule_type": "is_mobile", "value": "true"}),
    "country of three letters": rules({"rule_type": "country", "value": "UKR"}),
    "language of one letter": rules({"rule_type": "language", "value": "u"}),
    "unknown browser": rules({"rule_type": "browser_name", "value": "lynx"}),
    "unknown system": rules({"rule_type": "os", "value": "plan9"}),
    "unknown visitor": rules({"rule_type": "visitor_type", "value": "old"}),
    "eighth day": rules({"rule_type": "local_time_day_of_week", "value": 8}),
    "no day": rules({"rule_type": "project_time_day_of_week", "value": 0}),
    "25th hour": rules({"rule_type": "local_time_hour_of_day", "value": 25}),
    "hour before": rules({"rule_type": "project_time_hour_of_day", "value": -1}),
    "61st minute": rules({"rule_type": "project_time_minute_of_hour", "value": 61}),
    "minute none": rules({"rule_type": "local_time_minute_of_hour", "value": 0}),
    "goal by words": rules({"rule_type": "goal_triggered", "value": "first"}),
    "one bad of many": rules(VISITS, VISITS, {**VISITS, "value": "x"}, VISITS),
}


@pytest.mark.parametrize("wrong", REFUSED_RULES.values(), ids=REFUSED_RULES)
def test_rules_that_are_none(web: ConvertProject, wrong: Any) -> None:
    for type in ("transient", "segmentation"):
        body = {"name": "x", "type": type, "rules": wrong}
        assert_refused(web.post("audiences", "add", body=body), 422, "rules")
    id = AUDIENCES.add(web)["id"]
    assert_refused(web.post("audiences", id, "update", body={"rules": wrong}), 422, "rules")
    assert web.get("audiences", id, **{"include[]": "rules"})["rules"] == rules(VISITS)
    goal = {"name": "x", "type": "advanced", "triggering_rule": wrong}
    assert_refused(web.post("goals", "add", body=goal), 422, "triggering_rule")


ATTRIBUTE = {"rule_type": "generic_key_value", "key": "plan"}
MORE_RULES: dict[str, Body] = {
    "text in a list": {"rule_type": "city", "matching": {"match_type": "isIn"}, "value": ["Rome", "Bonn"]},
    "text in a text": {"rule_type": "city", "matching": {"match_type": "isIn", "negated": True}, "value": "Rome|Bonn"},
    "text that is there": {"rule_type": "source_name", "matching": {"match_type": "exists"}},
    "text that is not there": {"rule_type": "medium", "matching": {"match_type": "doesNotExist"}, "value": None},
    "text that equals": {"rule_type": "city", "matching": {"match_type": "equals"}, "value": "Rome|Bonn"},
    "cookie in a list": {"rule_type": "cookie", "key": "a", "matching": {"match_type": "isIn"}, "value": "b|c"},
    "number in a list": {"rule_type": "visits_count", "matching": {"match_type": "isIn"}, "value": [1, 2.5]},
    "number in a text": {"rule_type": "visits_count", "matching": {"match_type": "isIn"}, "value": "1|-2.5"},
    "number that is there": {"rule_type": "visit_duration", "matching": {"match_type": "exists"}, "value": 0},
    "countries": {"rule_type": "country", "matching": {"match_type": "isIn"}, "value": "UA|DE"},
    "listed countries": {"rule_type": "country", "matching": {"match_type": "isIn"}, "value": ["UA", "DE"]},
    "languages": {"rule_type": "language", "matching": {"match_type": "isIn"}, "value": ["uk"]},
    "browsers": {"rule_type": "browser_name", "matching": {"match_type": "isIn"}, "value": "chrome|safari"},
    "systems": {"rule_type": "os", "matching": {"match_type": "isIn", "negated": True}, "value": ["ipad", "ipod"]},
    "unknown country": {"rule_type": "country", "matching": {"match_type": "doesNotExist"}},
    "flag that is there": {
        "rule_type": "generic_bool_key_value", "key": "vip", "matching": {"match_type": "exists", "negated": True},
    },
    "attribute in a list": {**ATTRIBUTE, "matching": {"match_type": "isIn"}, "value": ["pro", 7]},
    "attribute that is true": {**ATTRIBUTE, "matching": {"match_type": "matches"}, "value": True},
    "attribute by size": {**ATTRIBUTE, "matching": {"match_type": "lessEqual", "negated": True}, "value": 10},
    "attribute without": {**ATTRIBUTE, "matching": {"match_type": "doesNotExist"}},
    "attribute of nothing": {**ATTRIBUTE, "matching": {"match_type": "not_exists"}, "value": None},
    "a word twice": {**ATTRIBUTE, "matching": {"match_type": "regexMatches"}, "value": "\\b(\\w+) \\1\\b"},
    "a name twice": {**ATTRIBUTE, "matching": {"match_type": "regexMatches"}, "value": "(?<q>['\"]).*\\k<q>"},
    "a look around": {**ATTRIBUTE, "matching": {"match_type": "regexMatches"}, "value": "(?<!a)b(?=c)"},
}  # fmt: skip


@pytest.mark.parametrize("element", MORE_RULES.values(), ids=MORE_RULES)
def test_what_sdks_evaluate_is_kept_as_it_came(fullstack: ConvertProject, element: Body) -> None:
    added = fullstack.add("audiences", {"name": fresh("more"), "type": "permanent", "rules": rules(element)})
    assert added["rules"] == rules(element)
    assert fullstack.get("audiences", added["id"], **{"include[]": "rules"})["rules"] == rules(element)


NEVER_MATCHING: dict[str, Body] = {
    "no pattern": {**ATTRIBUTE, "matching": {"match_type": "regexMatches"}, "value": "("},
    "pattern of another language": {**ATTRIBUTE, "matching": {"match_type": "regexMatches"}, "value": "(?i)gold"},
    "pattern of an unknown group": {**ATTRIBUTE, "matching": {"match_type": "regexMatches"}, "value": "(?<a>b)\\k<c>"},
    "group named twice": {**ATTRIBUTE, "matching": {"match_type": "regexMatches"}, "value": "(?<a>x)(?:|(?<a>y))"},
    "name in a class": {**ATTRIBUTE, "matching": {"match_type": "regexMatches"}, "value": "(?<n>a)[\\k]"},
    "pattern too large": {"rule_type": "city", "matching": {"match_type": "regexMatches"}, "value": "((a{99}){99}){9}"},
    "cookie by no pattern": {"rule_type": "cookie", "matching": {"match_type": "regexMatches"}, "value": "[z-a]"},
    "list of one number": {"rule_type": "visits_count", "matching": {"match_type": "isIn"}, "value": 1},
    "list of nothing": {"rule_type": "city", "matching": {"match_type": "isIn"}},
    "list with a bar": {"rule_type": "city", "matching": {"match_type": "isIn"}, "value": ["a|b"]},
    "list that equals": {"rule_type": "city", "matching": {"match_type": "matches"}, "value": ["a"]},
    "countries that equal": {"rule_type": "country", "matching": {"match_type": "equals"}, "value": "UA|DE"},
    "number in a text": {"rule_type": "visits_count", "matching": {"match_type": "equalsNumber"}, "value": "1"},
    "nothing that equals": {"rule_type": "city", "matching": {"match_type": "matches"}, "value": None},
    "nothing without a value": {**ATTRIBUTE, "matching": {"match_type": "not_exists"}},
    "no key": {"rule_type": "bucketed_into_experience_key", "matching": {"match_type": "equals"}},
    "empty key": {"rule_type": "bucketed_into_experience_key", "value": ""},
}  # fmt: skip


@pytest.mark.parametrize("element", NEVER_MATCHING.values(), ids=NEVER_MATCHING)
def test_what_would_never_match_is_refused(web: ConvertProject, element: Body) -> None:
    place = "rules.OR[0].AND[0].OR_WHEN[1].value"
    body = {"name": "x", "type": "segmentation", "rules": rules(VISITS, element)}
    assert_refused(web.post("audiences", "add", body=body), 422, place)
    id = AUDIENCES.add(web)["id"]
    assert_refused(web.post("audiences", id, "update", body={"rules": rules(VISITS, element)}), 422, place)
    assert web.update("audiences", id, {"name": fresh("kept")})["rules"] == rules(VISITS)


def test_patterns_that_are_too_large_together(web: ConvertProject) -> None:
    pattern = {**ATTRIBUTE, "matching": {"match_type": "regexMatches"}}
    many = [{**pattern, "value": f"(?:ab){{1990}}{number}$"} for number in range(60)]
    body = {"name": fresh("large"), "type": "transient", "rules": rules(*many)}
    refused = web.post("audiences", "add", body=body)
    assert_refused(refused, 422, "rules")
    assert "200000 steps" in refused.text
    assert web.add("audiences", {**body, "rules": rules(*many[:40])})["id"]
    escaped = {**pattern, "value": "(?:(?<\\u0061>b)|(?<a>c))\\k<a>"}
    assert web.add("audiences", {**body, "rules": rules(escaped)})["id"]


def test_patterns_of_goals_locations_and_experiences(web: ConvertProject) -> None:
    wrong = {"rule_type": "url", "matching": {"match_type": "regexMatches"}, "value": "*"}
    goal = {"name": "x", "type": "advanced", "triggering_rule": rules(wrong)}
    assert_refused(web.post("goals", "add", body=goal), 422, "triggering_rule.OR[0].AND[0].OR_WHEN[0].value")
    assert_refused(web.post("locations", "add", body={"name": "x", "rules": rules(wrong)}), 422, "rules.OR[0]")
    area = {"include": [URL, wrong]}
    experience = {"name": "x", "type": "a/b", "status": "draft", "url": "https://x.example/", "site_area": area}
    assert_refused(web.post("experiences", "add", body=experience), 422, "site_area.include[1].value")


# ---- experiences that exclude each other


def test_experiences_that_rules_name(web: ConvertProject) -> None:
    """By id only those that are there; by key also others. What rules name is neither deleted nor called otherwise."""
    key = fresh("first").replace(" ", "-")
    body = {"name": key, "key": key, "type": "a/b", "status": "draft", "url": "https://x.example/"}
    first = web.add("experiences", body)
    by_key = {"rule_type": "bucketed_into_experience_key", "value": first["key"], "matching": CHOICE}
    by_id = {"rule_type": "bucketed_into_experience", "value": first["id"], "matching": CHOICE}
    unknown = {"name": "x", "type": "transient", "rules": rules({**by_id, "value": 2**40})}
    assert_refused(web.post("audiences", "add", body=unknown), 422, "rules")
    for element in (by_key, by_id):
        audience = web.add("audiences", {"name": fresh("other"), "type": "transient", "rules": rules(element)})["id"]
        assert_refused(web.delete("experiences", first["id"], expect=None), 409)
        if element is by_key:
            assert_refused(web.post("experiences", first["id"], "update", body={"key": "renamed"}), 409)
        web.delete("audiences", audience)
    assert web.update("experiences", first["id"], {"key": fresh("renamed").replace(" ", "-")})
    web.delete("experiences", first["id"])


@pytest.mark.parametrize("empty", [None, {}, {"OR": []}, {"OR": [{"AND": [{"OR_WHEN": []}]}]}], ids=repr)
def test_empty_rules(web: ConvertProject, empty: Any) -> None:
    added = web.add("audiences", {"name": fresh("empty"), "type": "transient", "rules": empty})
    assert web.get("audiences", added["id"], **{"include[]": "rules"}).get("rules") == empty


def test_deep_rules_are_refused_not_fatal(web: ConvertProject) -> None:
    deep = b'{"OR":[{"AND":[' * 20_000
    raw = b'{"name": "deep", "type": "transient", "rules": ' + deep
    assert_refused(web.post("audiences", "add", body=raw), (400, 413, 422))
    assert AUDIENCES.add(web)["id"]


# ---- audiences


@pytest.mark.parametrize("type", ["segmentation", "transient", "permanent"])
def test_audience_types_of_projects(web: ConvertProject, fullstack: ConvertProject, type: str) -> None:
    body = {"name": fresh(type), "type": type, "rules": rules(VISITS)}
    assert web.add("audiences", body)["type"] == type
    assert fullstack.add("audiences", body)["type"] == type
    other = AUDIENCES.add(fullstack)["id"]
    assert fullstack.update("audiences", other, {"type": type, "rules": rules(VISITS)})["type"] == type


def test_segments_with_addresses_cannot_become_others(web: ConvertProject) -> None:
    id = web.add("audiences", {"name": fresh("segment"), "type": "segmentation", "rules": rules(URL)})["id"]
    refused = web.post("audiences", id, "update", body={"type": "transient", "rules": rules(URL)})
    assert_refused(refused, 422, "rules")
    assert_refused(web.post("audiences", id, "update", body={"type": "transient"}), 422)
    assert web.get("audiences", id)["type"] == "segmentation"
    changed = web.update("audiences", id, {"type": "transient", "rules": rules(VISITS)})
    assert changed["type"] == "transient" and changed["rules"] == rules(VISITS)


# ---- locations

TRIGGERS: dict[str, Body] = {
    "upon_run": {"type": "upon_run"},
    "manual": {"type": "manual"},
    "callback": {
        "type": "callback",
        "js": "function(activate, options) { if (options.isActive) activate(); } // '\"🚀",
    },
    "dom_element": {"type": "dom_element", "selector": "#a > b", "events": ["click", "hover", "in_view", "change"]},
}


def test_all_triggers_are_here() -> None:
    assert set(TRIGGERS) == set(mapping("LocationTrigger"))


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=TRIGGERS)
def test_location_with_every_trigger(web: ConvertProject, trigger: Body) -> None:
    added = LOCATIONS.add(web, trigger=trigger)
    assert added["trigger"] == trigger
    assert web.get("locations", added["id"], **{"include[]": "trigger"})["trigger"] == trigger
    assert web.clone("locations", added["id"])["trigger"] == trigger
    for other in TRIGGERS.values():
        assert web.update("locations", added["id"], {"trigger": other})["trigger"] == other
    assert web.update("locations", added["id"], {"name": "renamed"})["trigger"] == TRIGGERS["dom_element"]


def test_locations_are_there_when_the_script_runs(web: ConvertProject) -> None:
    assert LOCATIONS.add(web)["trigger"] == {"type": "upon_run"}


@pytest.mark.parametrize(
    "trigger",
    [
        {},
        {"type": "later"},
        {"type": None},
        {"type": "manual", "js": "x"},
        {"type": "upon_run", "selector": "#a"},
        {"type": "callback"},
        {"type": "callback", "js": 7},
        {"type": "dom_element", "selector": "#a"},
        {"type": "dom_element", "events": ["click"]},
        {"type": "dom_element", "selector": "#a", "events": "click"},
        {"type": "dom_element", "selector": "#a", "events": ["wheel"]},
        "manual",
        ["manual"],
        None,
    ],
    ids=repr,
)
def test_triggers_that_are_none(web: ConvertProject, trigger: Any) -> None:
    body = {**LOCATIONS.body(fresh("trigger")), "trigger": trigger}
    assert_refused(web.post("locations", "add", body=body), 422, "trigger")
