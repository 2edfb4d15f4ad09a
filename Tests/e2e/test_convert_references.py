"""What things in a project name of each other: tags and experiences, as ids or in full."""

import pytest

from support.convert import Body, ConvertProject, assert_refused, convert_project
from support.convert_kinds import GOALS, HYPOTHESES, KNOWLEDGE_BASES, OBSERVATIONS, TAGS, WITH_TAGS, Kind, fresh
from support.server import Sextant

NO_SUCH_ID = 987_654_321


def changed(kind: Kind, name: str = "") -> Body:
    """A body that changes the name."""
    return {kind.name: kind.body(name or fresh("changed"))[kind.name]}


# ---- in full


@pytest.mark.parametrize("kind", WITH_TAGS, ids=str)
def test_expanded_members(project: ConvertProject, kind: Kind) -> None:
    tag = TAGS.add(project)
    added = kind.add(project, tags=[tag["id"]])
    assert added["tags"] == [tag["id"]] and added["project"] == project.id
    shown = project.get(kind.path, added["id"], **{"expand[]": ["tags"]})
    assert shown["tags"] == [tag] and shown["project"] == project.id
    shown = project.get(kind.path, added["id"], **{"expand[]": ["project", "tags"]})
    assert shown["tags"] == [tag] and shown["project"]["id"] == project.id and shown["project"]["name"]
    assert project.items(kind.path, only=[added["id"]], expand=["project", "tags"]) == [shown]
    expanded = project.add(kind.path, {**kind.body(fresh("expanded")), "tags": [tag["id"]]}, **{"expand[]": "tags"})
    assert expanded["tags"] == [tag]
    assert_refused(project.try_get(kind.path, added["id"], expand="tags"), 422, "expand")
    assert_refused(project.try_get(kind.path, added["id"], **{"expand[]": "everything"}), 422, "expand")
    assert_refused(project.post(kind.path, body={"expand": "tags"}), 422, "expand")


# ---- references


@pytest.mark.parametrize("kind", WITH_TAGS, ids=str)
def test_tags_are_ids_or_made_on_the_way(project: ConvertProject, kind: Kind) -> None:
    known, name = TAGS.add(project), fresh("made on the way")
    added = kind.add(project, tags=[known["id"], {"name": name, "description": "new"}])
    assert added["tags"][0] == known["id"] and len(added["tags"]) == 2
    made = project.get("tags", added["tags"][1])
    assert made["name"] == name and made["description"] == "new"
    assert project.items("tags", search=name) == [made]


@pytest.mark.parametrize("kind", WITH_TAGS, ids=str)
def test_a_refused_body_leaves_no_tags_behind(project: ConvertProject, kind: Kind) -> None:
    name = fresh("left behind")
    body = {**kind.body(fresh("refused")), "tags": [{"name": name}, NO_SUCH_ID]}
    assert_refused(project.post(kind.path, "add", body=body), 422, "tags")
    assert project.items("tags", search=name) == []
    assert project.items(kind.path, search=body["name"]) == []


@pytest.mark.parametrize("kind", WITH_TAGS, ids=str)
def test_tags_that_are_none(server: Sextant, project: ConvertProject, kind: Kind) -> None:
    foreign = TAGS.add(convert_project(server, "fullstack"))["id"]
    of_another_kind = OBSERVATIONS.add(project)["id"]
    for wrong in (NO_SUCH_ID, foreign, of_another_kind, 0, -1, "x", 1.5, {}, {"name": ""}, {"name": "x" * 101}, None):
        body = {**kind.body(fresh("tagged")), "tags": [wrong]}
        assert_refused(project.post(kind.path, "add", body=body), 422, "tags")
    assert_refused(project.post(kind.path, "add", body={**kind.body("x"), "tags": "x"}), 422, "tags")


@pytest.mark.parametrize("kind", WITH_TAGS, ids=str)
def test_tagged_things_outlive_their_tags(project: ConvertProject, kind: Kind) -> None:
    tags = [TAGS.add(project)["id"] for _ in range(3)]
    added = kind.add(project, tags=tags)
    project.delete("tags", tags[1])
    assert project.get(kind.path, added["id"])["tags"] == [tags[0], tags[2]]
    project.bulk("tags", "delete", [tags[0], tags[2]])
    assert project.get(kind.path, added["id"])["tags"] == []


@pytest.mark.parametrize("kind", [HYPOTHESES, OBSERVATIONS], ids=str)
def test_tags_change_only_when_they_are_sent(project: ConvertProject, kind: Kind) -> None:
    first, second = TAGS.add(project)["id"], TAGS.add(project)["id"]
    id = kind.add(project, tags=[first, second])["id"]
    assert project.update(kind.path, id, changed(kind))["tags"] == [first, second]
    assert project.update(kind.path, id, {"tags": [second]})["tags"] == [second]
    assert project.update(kind.path, id, {"tags": []})["tags"] == []


@pytest.mark.parametrize("kind", [HYPOTHESES, KNOWLEDGE_BASES], ids=str)
def test_unknown_experiences(project: ConvertProject, kind: Kind) -> None:
    goal = GOALS.add(project)["id"]
    for wrong in (NO_SUCH_ID, goal, 0):
        body = {**kind.body(fresh("experiences")), "experiences": [wrong]}
        assert_refused(project.post(kind.path, "add", body=body), 422, "experiences")
