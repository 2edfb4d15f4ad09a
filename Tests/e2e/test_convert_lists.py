"""Lists of what a project holds: pages, counts, order."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support.convert import Body, ConvertProject, assert_refused, convert_project
from support.convert_kinds import (
    AUDIENCES, DOMAINS, FEATURES, GOALS, HYPOTHESES, KINDS, KNOWLEDGE_BASES, NAMED, OBSERVATIONS, SORTED, TAGS,
    WITH_STATUS, Kind, fresh,
)  # fmt: skip
from support.server import Sextant

NO_SUCH_ID = 987_654_321


NOT_COUNTED_ALONE = [TAGS]
LONGEST_ONLY = {GOALS.path: 200}


def add_many(project: ConvertProject, kind: Kind, count: int) -> list[int]:
    """Ids of new ones, ascending; their names ascend too."""
    return [kind.add(project, f"{fresh('page')} {number:03}")["id"] for number in range(count)]


def ids(items: list[Body]) -> list[int]:
    return [item["id"] for item in items]


# ---- pages


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_pages(project: ConvertProject, kind: Kind) -> None:
    only = add_many(project, kind, 7)
    newest_first = list(reversed(only))
    seen = []
    for number in (1, 2, 3):
        page = project.page(kind.path, only=only, results_per_page=3, page=number)
        assert page["extra"]["pagination"] == {
            "current_page": number, "items_count": 7, "items_per_page": 3, "pages_count": 3,
        }  # fmt: skip
        assert len(page["data"]) == (3 if number < 3 else 1)
        seen += ids(page["data"])
    assert seen == newest_first
    beyond = project.page(kind.path, only=only, results_per_page=3, page=4)
    assert beyond["data"] == [] and beyond["extra"]["pagination"]["items_count"] == 7
    assert ids(project.items(kind.path, only=only, results_per_page=7)) == newest_first


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_page_edges(project: ConvertProject, kind: Kind) -> None:
    only = add_many(project, kind, 2)
    nothing = project.page(kind.path, only=only, results_per_page=0)
    assert nothing["data"] == [] and nothing["extra"]["pagination"]["items_count"] == 2
    assert nothing["extra"]["pagination"]["items_per_page"] == 0
    assert project.page(kind.path, only=only, results_per_page=50)["extra"]["pagination"]["pages_count"] == 1
    assert project.page(kind.path, only=only, results_per_page=1)["extra"]["pagination"]["pages_count"] == 2
    standard = project.page(kind.path, only=only, results_per_page=None)["extra"]["pagination"]
    assert standard == {"current_page": 1, "items_count": 2, "items_per_page": 30, "pages_count": 1}
    for far in (10**6, 2**31, 2**53, 2**62):
        page = project.page(kind.path, only=only, page=far)
        assert page["data"] == [] and page["extra"]["pagination"]["current_page"] == far
    empty = project.page(kind.path, only=[NO_SUCH_ID])
    assert empty["data"] == []
    assert empty["extra"]["pagination"] == {
        "current_page": 1, "items_count": 0, "items_per_page": 30, "pages_count": 0,
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("results_per_page", [51, -1, 1.5, "30", True, [], 2**63]),
        ("page", [0, -1, 1.5, "1", None, False, 2**63]),
        ("only", ["1", 1, [1.5], ["x"], [None], {}]),
        ("except", ["1", 1, [1.5], ["x"], [None], {}]),
    ],
)
def test_pages_that_are_none(project: ConvertProject, kind: Kind, member: str, values: list[Any]) -> None:
    for value in values:
        assert_refused(project.post(kind.path, body={member: value}), 422, member)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_standard_page(project: ConvertProject, kind: Kind) -> None:
    added = add_many(project, kind, 32)
    page = project.page(kind.path)
    assert len(page["data"]) == 30 and page["extra"]["pagination"]["items_per_page"] == 30
    count = page["extra"]["pagination"]["items_count"]
    assert count >= 32 and page["extra"]["pagination"]["pages_count"] == -(-count // 30)
    if kind.default_sort == "id":
        assert ids(page["data"]) == list(reversed(added))[:30], "newest first"
    everything: list[int] = []
    for number in range(1, -(-count // 50) + 1):
        everything += ids(project.items(kind.path, results_per_page=50, page=number))
    assert len(everything) == len(set(everything)) == count and set(added) <= set(everything)
    project.bulk(kind.path, "delete", added)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in NOT_COUNTED_ALONE], ids=str)
def test_count_only(project: ConvertProject, kind: Kind) -> None:
    only = add_many(project, kind, 3)
    counted = project.page(kind.path, only=only, onlyCount=True)
    assert not counted.get("data") and counted["extra"]["pagination"]["items_count"] == 3
    assert len(project.items(kind.path, only=only, onlyCount=False)) == 3
    for wrong in ("true", 1, None):
        assert_refused(project.post(kind.path, body={"onlyCount": wrong}), 422, "onlyCount")


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_only_and_except(project: ConvertProject, kind: Kind) -> None:
    added = add_many(project, kind, 4)
    assert ids(project.items(kind.path, only=added[:2])) == [added[1], added[0]]
    assert ids(project.items(kind.path, only=[added[0], added[0], NO_SUCH_ID, -1])) == [added[0]]
    assert ids(project.items(kind.path, only=added, **{"except": added[1:3]})) == [added[3], added[0]]
    assert project.items(kind.path, only=added, **{"except": added}) == []
    count = project.page(kind.path)["extra"]["pagination"]["items_count"]
    without = project.page(kind.path, **{"except": added})
    assert without["extra"]["pagination"]["items_count"] == count - 4
    assert project.page(kind.path, only=None)["extra"]["pagination"]["items_count"] == count
    longest = LONGEST_ONLY.get(kind.path, 100)
    for member in ("only", "except"):
        assert_refused(project.post(kind.path, body={member: list(range(longest + 1))}), 422, member)
        project.page(kind.path, **{member: list(range(longest))})


def test_fewer_goals_at_a_time_with_their_statistics(web: ConvertProject) -> None:
    """`only` and `except` take 200 ids, but 50 when `stats` is asked for."""
    for member in ("only", "except"):
        web.page("goals", include=["stats"], **{member: list(range(1, 51))})
        web.page("goals", include=["triggering_rule"], **{member: list(range(1, 52))})
        refused = web.post("goals", body={"include": ["stats"], member: list(range(1, 52))})
        assert_refused(refused, 422, member)


# ---- order


@pytest.mark.parametrize("kind", SORTED, ids=str)
def test_every_order_is_total(project: ConvertProject, kind: Kind) -> None:
    only = add_many(project, kind, 5)
    for sort in kind.sorts:
        up = ids(project.items(kind.path, only=only, sort_by=sort, sort_direction="asc"))
        down = ids(project.items(kind.path, only=only, sort_by=sort, sort_direction="desc"))
        assert sorted(up) == only and down == list(reversed(up)), sort
        assert ids(project.items(kind.path, only=only, sort_by=sort)) == down, "descending unless asked otherwise"
        assert ids(project.items(kind.path, only=only, sort_by=sort, sort_direction=None)) == down
        pages = [
            ids(project.items(kind.path, only=only, sort_by=sort, results_per_page=2, page=number))
            for number in (1, 2, 3)
        ]
        assert sum(pages, []) == down, sort


@pytest.mark.parametrize("kind", [kind for kind in SORTED if "name" in kind.sorts], ids=str)
def test_order_by_name(project: ConvertProject, kind: Kind) -> None:
    names = ["Delta", "alpha", "Charlie", "bravo", "echo 10", "10 echo"]
    only = [kind.add(project, name)["id"] for name in names]
    for direction in ("asc", "desc"):
        items = project.items(kind.path, only=only, sort_by="name", sort_direction=direction)
        assert [item["name"] for item in items] == sorted(names, key=str.lower, reverse=direction == "desc")
    if kind.default_sort == "name":
        assert [item["name"] for item in project.items(kind.path, only=only)] == sorted(
            names, key=str.lower, reverse=True
        )
    project.bulk(kind.path, "delete", only)


@pytest.mark.parametrize("kind", WITH_STATUS, ids=str)
def test_order_by_status(project: ConvertProject, kind: Kind) -> None:
    statuses = [kind.first_status, kind.second_status, kind.first_status, kind.second_status]
    only = [kind.add(project, status=status)["id"] for status in statuses]
    items = project.items(kind.path, only=only, sort_by="status", sort_direction="asc")
    assert [item["status"] for item in items] == sorted(statuses)


@pytest.mark.parametrize("kind", [GOALS, FEATURES], ids=str)
def test_order_by_key(project: ConvertProject, kind: Kind) -> None:
    keys = [f"{letter}-{fresh('sorted').replace(' ', '-')}" for letter in "cabd"]
    only = [kind.add(project, key=key)["id"] for key in keys]
    items = project.items(kind.path, only=only, sort_by="key", sort_direction="asc")
    assert [item["key"] for item in items] == sorted(keys)


def test_order_by_goal_type(web: ConvertProject) -> None:
    types = ["visits_page", "code_trigger", "ga_import", "code_trigger"]
    only = [GOALS.add(web, type=type)["id"] for type in types]
    items = web.items("goals", only=only, sort_by="type", sort_direction="asc")
    assert [item["type"] for item in items] == sorted(types)


def test_order_by_audience_type(web: ConvertProject) -> None:
    types = ["transient", "permanent", "segmentation", "permanent"]
    only = [AUDIENCES.add(web, type=type)["id"] for type in types]
    items = web.items("audiences", only=only, sort_by="type", sort_direction="asc")
    assert [item["type"] for item in items] == sorted(types)


def test_order_of_hypotheses(web: ConvertProject) -> None:
    scores = [{"potential": 1, "importance": 1, "ease": 1}, {"potential": 5, "importance": 5, "ease": 5},
              {"potential": 3, "importance": 3, "ease": 2}]  # fmt: skip
    dates = ["2026-05-01", "2025-12-31", "2026-01-15"]
    only = [
        HYPOTHESES.add(web, prioritization_score_attributes=score, start_date=date)["id"]
        for score, date in zip(scores, dates, strict=True)
    ]
    assert ids(web.items("hypotheses", only=only, sort_by="score", sort_direction="asc")) == [only[0], only[2], only[1]]
    by_date = web.items("hypotheses", only=only, sort_by="start_date", sort_direction="asc")
    assert [item["start_date"] for item in by_date] == sorted(dates)


@pytest.mark.parametrize("kind", [kind for kind in SORTED if "id" in kind.sorts], ids=str)
def test_order_by_id(project: ConvertProject, kind: Kind) -> None:
    only = add_many(project, kind, 12)
    assert ids(project.items(kind.path, only=only, sort_by="id", sort_direction="asc")) == only
    assert ids(project.items(kind.path, only=only, sort_by=None)) == list(reversed(only))


def test_order_by_last_change(web: ConvertProject) -> None:
    only = add_many(web, KNOWLEDGE_BASES, 3)
    times = [item["updated_at"] for item in web.items("knowledge-bases", only=only, sort_by="updated_at")]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("kind", SORTED, ids=str)
def test_orders_that_are_none(project: ConvertProject, kind: Kind) -> None:
    for wrong in ("nothing", "Id", "id; DROP TABLE resources", "", 1, ["id"], "description"):
        assert_refused(project.post(kind.path, body={"sort_by": wrong}), 422, "sort_by")
    for wrong in ("up", "ASC", "", 1, True):
        assert_refused(project.post(kind.path, body={"sort_direction": wrong}), 422, "sort_direction")


# ---- while things change


@pytest.mark.parametrize("kind", [TAGS, GOALS], ids=str)
def test_reading_while_writing(server: Sextant, kind: Kind) -> None:
    """Every page is of one moment: as long as it says, without doubles."""
    word = fresh("moment").replace(" ", "-")

    def write(number: int) -> None:
        project = convert_project(server, kind.project)
        for step in range(6):
            id = kind.add(project, f"{word} {number} {step}")["id"]
            if step % 2:
                project.delete(kind.path, id)

    with ThreadPoolExecutor(4) as threads:
        writing = [threads.submit(write, number) for number in range(4)]
        project = convert_project(server, kind.project)
        while not all(task.done() for task in writing):
            page = project.page(kind.path, search=word, results_per_page=50)
            assert len(set(ids(page["data"]))) == len(page["data"]) == page["extra"]["pagination"]["items_count"]
    for task in writing:
        task.result()
    assert project.page(kind.path, search=word)["extra"]["pagination"]["items_count"] == 12


def test_lists_of_web_projects_have_no_features(web: ConvertProject) -> None:
    assert web.page("features")["extra"]["pagination"]["items_count"] == 0


@pytest.mark.parametrize("kind", NAMED + [DOMAINS], ids=str)
def test_lists_hold_one_kind_only(project: ConvertProject, kind: Kind) -> None:
    other = next(other for other in (OBSERVATIONS, TAGS) if other is not kind)
    id = other.add(project)["id"]
    assert project.items(kind.path, only=[id]) == []
