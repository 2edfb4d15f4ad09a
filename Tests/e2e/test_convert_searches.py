"""Searches and filters of lists."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support.convert import Body, ConvertProject, assert_refused, convert_project
from support.convert_kinds import (
    AUDIENCES, FEATURES, GOALS, HYPOTHESES, KNOWLEDGE_BASES, LOCATIONS, OBSERVATIONS, SEARCHED, TAGS, WITH_STATUS,
    WITH_TAGS, Kind, fresh,
)  # fmt: skip
from support.server import Sextant

NO_SUCH_ID = 987_654_321


LONGEST_SEARCH = {TAGS.path: 100, FEATURES.path: 100}


def add_many(project: ConvertProject, kind: Kind, count: int) -> list[int]:
    """Ids of new ones, ascending; their names ascend too."""
    return [kind.add(project, f"{fresh('page')} {number:03}")["id"] for number in range(count)]


def ids(items: list[Body]) -> list[int]:
    return [item["id"] for item in items]


# ---- searches


@pytest.fixture
def found(project: ConvertProject, kind: Kind) -> Iterator[Callable[[str], list[str]]]:
    """Searches among names that the test's module adds once a kind."""
    names = [
        "100% off", "100 percent off", "snake_case", "snakeXcase", "ÜBER Größe", "über alles", "O'Brien \"quoted\"",
        "a\\b", "[brackets] *star* ?", "🚀 launch", "x' OR '1'='1", "İstanbul", "<b>bold</b>",
    ]  # fmt: skip
    added = {kind.add(project, name)["id"]: name for name in names}

    def search(text: str) -> list[str]:
        return [added[item["id"]] for item in project.items(kind.path, search=text, only=sorted(added))]

    yield search
    project.bulk(kind.path, "delete", sorted(added))


@pytest.mark.parametrize("kind", SEARCHED, ids=str)
def test_search(found: Callable[[str], list[str]]) -> None:
    expected = {
        "100%": ["100% off"],
        "0% O": ["100% off"],
        "%": ["100% off"],
        "_": ["snake_case"],
        "SNAKE_CASE": ["snake_case"],
        "snake": ["snakeXcase", "snake_case"],
        "über": ["über alles", "ÜBER Größe"],
        "ÜBER": ["über alles", "ÜBER Größe"],
        "größe": ["ÜBER Größe"],
        "o'brien": ['O\'Brien "quoted"'],
        '"QUOTED"': ['O\'Brien "quoted"'],
        "\\": ["a\\b"],
        "*": ["[brackets] *star* ?"],
        "[b": ["[brackets] *star* ?"],
        "?": ["[brackets] *star* ?"],
        "🚀": ["🚀 launch"],
        "' or '1'='1": ["x' OR '1'='1"],
        "<B>": ["<b>bold</b>"],
        "no such thing": [],
        ".*": [],
    }
    assert {text: found(text) for text in expected} == expected
    assert len(found("")) == 13, "an empty search is none"


@pytest.mark.parametrize("kind", SEARCHED, ids=str)
def test_search_is_counted_and_paged(project: ConvertProject, kind: Kind) -> None:
    word = fresh("counted").replace(" ", "-")
    added = [kind.add(project, f"{word} {number}")["id"] for number in range(3)]
    page = project.page(kind.path, search=word.upper(), results_per_page=2)
    assert page["extra"]["pagination"]["items_count"] == 3 and page["extra"]["pagination"]["pages_count"] == 2
    assert ids(project.items(kind.path, search=word, only=added[:2])) == [added[1], added[0]]
    if kind.update == "update" and not kind.has_key:
        project.update(kind.path, added[0], {"name": "otherwise"})
        assert ids(project.items(kind.path, search=word)) == [added[2], added[1]]
    project.delete(kind.path, added[2])
    assert added[2] not in ids(project.items(kind.path, search=word))


@pytest.mark.parametrize("kind", [kind for kind in SEARCHED if "description" in kind.searched], ids=str)
def test_search_in_descriptions(project: ConvertProject, kind: Kind) -> None:
    word = fresh("described").replace(" ", "-")
    added = kind.add(project, description=f"all about {word}.")["id"]
    assert ids(project.items(kind.path, search=word.upper())) == [added]
    project.update(kind.path, added, {"description": "nothing"})
    assert project.items(kind.path, search=word) == []


@pytest.mark.parametrize("kind", SEARCHED, ids=str)
def test_searches_that_are_none(project: ConvertProject, kind: Kind) -> None:
    longest = LONGEST_SEARCH.get(kind.path, 200)
    assert project.items(kind.path, search="y" * longest) == []
    assert_refused(project.post(kind.path, body={"search": "y" * (longest + 1)}), 422, "search")
    wrongs: list[Any] = [7, ["x"], {}, True]
    for wrong in wrongs:
        assert_refused(project.post(kind.path, body={"search": wrong}), 422, "search")
    assert project.page(kind.path, search=None)["extra"]["pagination"]["current_page"] == 1


def test_features_are_found_by_id_and_key(server: Sextant) -> None:
    fullstack = convert_project(server, "fullstack")
    key = fresh("searched").replace(" ", "-")
    added = FEATURES.add(fullstack, key=key)["id"]
    assert ids(fullstack.items("features", search=key.upper())) == [added]
    assert added in ids(fullstack.items("features", search=str(added), results_per_page=50))


# ---- filters


@pytest.mark.parametrize("kind", [kind for kind in WITH_STATUS if kind is not FEATURES], ids=str)
def test_filter_by_status(project: ConvertProject, kind: Kind) -> None:
    first, second = kind.add(project)["id"], kind.add(project, status=kind.second_status)["id"]
    only = [first, second]
    assert ids(project.items(kind.path, only=only, status=[kind.first_status])) == [first]
    assert ids(project.items(kind.path, only=only, status=[kind.second_status])) == [second]
    assert ids(project.items(kind.path, only=only, status=[kind.first_status, kind.second_status])) == [second, first]
    assert ids(project.items(kind.path, only=only, status=None)) == [second, first]
    for wrong in (kind.first_status, ["paused"], [None], 1):
        assert_refused(project.post(kind.path, body={"status": wrong}), 422, "status")


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        (GOALS, ["only", "status", "goal_type", "experiences"]),
        (AUDIENCES, ["only", "status", "experiences"]),
        (LOCATIONS, ["only", "status"]),
        (HYPOTHESES, ["only", "status", "experiences", "tags"]),
        (KNOWLEDGE_BASES, ["only", "status", "tags"]),
        (OBSERVATIONS, ["only", "status", "tags"]),
    ],
    ids=str,
)
def test_empty_filters_are_none(project: ConvertProject, kind: Kind, members: list[str]) -> None:
    kind.add(project)
    everything = project.page(kind.path)["extra"]
    for member in members:
        assert project.page(kind.path, **{member: []})["extra"] == everything, member


@pytest.mark.parametrize("kind", [GOALS, AUDIENCES, LOCATIONS], ids=str)
def test_filter_by_default(project: ConvertProject, kind: Kind) -> None:
    yes = kind.add(project, selected_default=True)["id"]
    no = kind.add(project, selected_default=False)["id"]
    unsaid = kind.add(project)["id"]
    only = [yes, no, unsaid]
    assert ids(project.items(kind.path, only=only, is_default=True)) == [yes]
    assert ids(project.items(kind.path, only=only, is_default=False)) == [unsaid, no]
    assert ids(project.items(kind.path, only=only, is_default=None)) == [unsaid, no, yes]
    project.update(kind.path, unsaid, {"selected_default": True})
    assert ids(project.items(kind.path, only=only, is_default=True)) == [unsaid, yes]
    wrongs: list[Any] = ["true", 1, []]
    for wrong in wrongs:
        assert_refused(project.post(kind.path, body={"is_default": wrong}), 422, "is_default")


@pytest.mark.parametrize("kind", [GOALS, AUDIENCES, LOCATIONS], ids=str)
def test_filter_by_usage(project: ConvertProject, kind: Kind) -> None:
    """There is no experience yet, so nothing is used."""
    only = add_many(project, kind, 2)
    assert project.items(kind.path, only=only, usage="used") == []
    assert ids(project.items(kind.path, only=only, usage="not_used")) == [only[1], only[0]]
    assert ids(project.items(kind.path, only=only, usage=None)) == [only[1], only[0]]
    for wrong in ("sometimes", "", 1, ["used"]):
        assert_refused(project.post(kind.path, body={"usage": wrong}), 422, "usage")


@pytest.mark.parametrize("kind", [GOALS, AUDIENCES, HYPOTHESES], ids=str)
def test_filter_by_experiences(project: ConvertProject, kind: Kind) -> None:
    only = add_many(project, kind, 2)
    assert project.items(kind.path, only=only, experiences=[NO_SUCH_ID]) == []
    assert len(project.items(kind.path, only=only, experiences=None)) == 2
    for wrong in ("1", 1, ["x"], [1.5]):
        assert_refused(project.post(kind.path, body={"experiences": wrong}), 422, "experiences")


def test_filter_goals_by_tracking(web: ConvertProject) -> None:
    only = add_many(web, GOALS, 2)
    assert web.items("goals", only=only, tracking="tracked") == []
    assert ids(web.items("goals", only=only, tracking="not_tracked")) == [only[1], only[0]]
    assert len(web.items("goals", only=only, tracking=None)) == 2
    assert_refused(web.post("goals", body={"tracking": "maybe"}), 422, "tracking")


def test_filter_goals_by_type(web: ConvertProject) -> None:
    visits, code = GOALS.add(web)["id"], GOALS.add(web, type="code_trigger")["id"]
    only = [visits, code]
    assert ids(web.items("goals", only=only, goal_type=["visits_page"])) == [visits]
    assert ids(web.items("goals", only=only, goal_type=["code_trigger", "visits_page"])) == [code, visits]
    assert web.items("goals", only=only, goal_type=["revenue"]) == []
    for wrong in ("visits_page", ["buys"], [None]):
        assert_refused(web.post("goals", body={"goal_type": wrong}), 422, "goal_type")


def test_filter_audiences_by_type(web: ConvertProject) -> None:
    added = {type: AUDIENCES.add(web, type=type)["id"] for type in ("transient", "permanent", "segmentation")}
    for type, id in added.items():
        assert ids(web.items("audiences", only=sorted(added.values()), type=type)) == [id]
    assert_refused(web.post("audiences", body={"type": "eternal"}), 422, "type")


def test_filter_hypotheses_by_score(web: ConvertProject) -> None:
    added = {
        number: HYPOTHESES.add(web, prioritization_score_attributes={
            "potential": number, "importance": number, "ease": number,
        })["id"]
        for number in (1, 3, 5)
    }  # fmt: skip
    only = sorted(added.values())
    assert ids(web.items("hypotheses", only=only, scoreMin=3)) == [added[5], added[3]]
    assert ids(web.items("hypotheses", only=only, scoreMax=3)) == [added[3], added[1]]
    assert ids(web.items("hypotheses", only=only, scoreMin=2, scoreMax=4)) == [added[3]]
    assert ids(web.items("hypotheses", only=only, scoreMin=None, scoreMax=None)) == [added[5], added[3], added[1]]
    assert web.items("hypotheses", only=only, scoreMin=4, scoreMax=2) == []
    for member in ("scoreMin", "scoreMax"):
        for wrong in (6, -1, 2.5, "3"):
            assert_refused(web.post("hypotheses", body={member: wrong}), 422, member)


@pytest.mark.parametrize("kind", WITH_TAGS, ids=str)
def test_filter_by_tags(project: ConvertProject, kind: Kind) -> None:
    one, two = TAGS.add(project)["id"], TAGS.add(project)["id"]
    both, first, none = (kind.add(project, tags=tags)["id"] for tags in ([one, two], [one], []))
    assert sorted(ids(project.items(kind.path, tags=[one]))) == [both, first]
    assert ids(project.items(kind.path, tags=[two])) == [both]
    assert sorted(ids(project.items(kind.path, tags=[two, one]))) == [both, first]
    assert ids(project.items(kind.path, tags=[one], only=[first, none])) == [first]
    assert project.items(kind.path, tags=[NO_SUCH_ID]) == []
    assert_refused(project.post(kind.path, body={"tags": one}), 422, "tags")


def test_filters_narrow_together(web: ConvertProject) -> None:
    word = fresh("together").replace(" ", "-")
    added = [
        GOALS.add(web, f"{word} {number}", type=type, status=status, selected_default=default)["id"]
        for number, (type, status, default) in enumerate(
            (type, status, default)
            for type in ("visits_page", "code_trigger")
            for status in ("active", "archived")
            for default in (True, False)
        )
    ]
    found = web.items(
        "goals", search=word, goal_type=["code_trigger"], status=["active"], is_default=True, usage="not_used",
        tracking="not_tracked", sort_by="name", sort_direction="asc",
    )  # fmt: skip
    assert ids(found) == [added[4]]
