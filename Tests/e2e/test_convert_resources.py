"""What all kinds of things in a project have in common: adding, reading, changing, deleting, one or many."""

from typing import Any

import pytest

from support.convert import Body, ConvertProject, assert_refused
from support.convert_kinds import (
    AUDIENCES, CHANGEABLE, DOMAINS, FEATURES, GOALS, HYPOTHESES, KINDS, KNOWLEDGE_BASES, LOCATIONS, NAMED,
    OBSERVATIONS, TAGS, WITH_STATUS, Kind, fresh,
)  # fmt: skip

NO_SUCH_ID = 987_654_321


# The contract has these answer with what was deleted.
SHOWN_WHEN_DELETED = [HYPOTHESES, KNOWLEDGE_BASES, OBSERVATIONS]
HOSTILE_NAMES = {
    "emoji": "🧪 checkout 👩‍👩‍👧‍👦 🇺🇦",
    "quotes": """it's "quoted" `and` „so“ '' \"\" on""",
    "SQL": "'; DROP TABLE resources; -- %_",
    "HTML": "<script>alert(1)</script>&amp;<b>",
    "escapes": "back\\slash \\n \\u0041 %41 ${x} {{x}} $1",
    "control": "tab\tline\nreturn\rbell\x07",
    "right to left": "שלום עולם \u202etxt.exe",
    "combining": "e\u0301 and é are not one",
    "zero width": "zero\u200bwidth\ufeff",
    "spaces around": "  spaces around  ",
    "beyond the BMP": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈",
    "number": "00123",
    "null": "null",
}


def changed(kind: Kind, name: str = "") -> Body:
    """A body that changes the name."""
    return {kind.name: kind.body(name or fresh("changed"))[kind.name]}


def missing(kind: Kind) -> Body:
    """A body for the operation that changes the kind, valid as the contract goes."""
    return changed(kind) if kind.update == "update" else {"status": kind.second_status}


# ---- the life of one


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_life(project: ConvertProject, kind: Kind) -> None:
    sent = kind.body(fresh("life"))
    added = project.add(kind.path, sent)
    assert isinstance(added["id"], int) and added["id"] > 0
    assert {name: added[name] for name in sent} == sent
    shown = project.get(kind.path, added["id"])
    assert shown == {name: value for name, value in added.items() if name in shown}
    assert project.items(kind.path, only=[added["id"]]) == [shown]
    if kind.update == "update":
        renamed = project.update(kind.path, added["id"], changed(kind))
        assert renamed[kind.name] != added[kind.name]
        same = set(added) - {kind.name, "updated_at"}
        assert {name: renamed[name] for name in same} == {name: added[name] for name in same}
        assert project.get(kind.path, added["id"])[kind.name] == renamed[kind.name]
    project.delete(kind.path, added["id"])
    assert project.items(kind.path, only=[added["id"]]) == []


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_a_delete_answers(project: ConvertProject, kind: Kind) -> None:
    added = kind.add(project)
    answer = project.delete(kind.path, added["id"]).json()
    if kind in SHOWN_WHEN_DELETED:
        assert answer["id"] == added["id"] and answer["name"] == added["name"]
    else:
        assert answer["code"] == 200 and answer["message"]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_is_deleted_stays_deleted(project: ConvertProject, kind: Kind) -> None:
    id = kind.add(project)["id"]
    project.bulk(kind.path, "delete", [id])
    assert_refused(project.try_get(kind.path, id), 404)
    assert_refused(project.delete(kind.path, id, expect=None), 404)
    assert_refused(project.post(kind.path, id, kind.update, body=missing(kind)), 404)
    assert kind.add(project)["id"] > id, "ids are not used again"


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("id", [NO_SUCH_ID, 0, -1, 2**53 + 1, 2**63 - 1])
def test_unknown_ids(project: ConvertProject, kind: Kind, id: int) -> None:
    assert_refused(project.try_get(kind.path, id), 404)
    assert_refused(project.delete(kind.path, id, expect=None), 404)
    assert_refused(project.post(kind.path, id, kind.update, body=missing(kind)), 404)
    if kind.has_clone:
        assert_refused(project.post(kind.path, id, "clone"), 404)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("id", ["x", "1.5", "1e3", str(2**63), "1;", "' OR 1=1"])
def test_ids_that_are_none(project: ConvertProject, kind: Kind, id: str) -> None:
    assert_refused(project.try_get(kind.path, id), (404, 422))
    assert_refused(project.delete(kind.path, id, expect=None), (404, 422))  # type: ignore[arg-type]
    assert_refused(project.post(kind.path, id, kind.update, body=missing(kind)), (404, 422))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_ids_of_other_kinds(project: ConvertProject, kind: Kind) -> None:
    other = OBSERVATIONS if kind is TAGS else TAGS
    id = other.add(project)["id"]
    assert_refused(project.try_get(kind.path, id), 404)
    assert_refused(project.delete(kind.path, id, expect=None), 404)
    assert_refused(project.post(kind.path, id, kind.update, body=missing(kind)), 404)
    assert [error["id"] for error in project.bulk(kind.path, "delete", [id])["errors"]] == [id]
    assert project.get(other.path, id)["id"] == id


# ---- bodies


@pytest.mark.parametrize("kind", NAMED, ids=str)
@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_names_are_kept_exactly(project: ConvertProject, kind: Kind, name: str) -> None:
    added = kind.add(project, name)
    assert added["name"] == name
    assert project.get(kind.path, added["id"])["name"] == name
    assert [item["name"] for item in project.items(kind.path, only=[added["id"]])] == [name]
    if kind.update == "update":
        assert project.update(kind.path, added["id"], {"name": name[::-1]})["name"] == name[::-1]
    project.bulk(kind.path, "delete", [added["id"]])


@pytest.mark.parametrize("kind", NAMED, ids=str)
def test_longest_name(project: ConvertProject, kind: Kind) -> None:
    for letter in ("x", "é", "🚀"):
        added = kind.add(project, letter * 100)
        assert added["name"] == letter * 100
        assert_refused(project.post(kind.path, "add", body=kind.body(letter * 101)), 422, "name")
        if kind.update == "update":
            refused = project.post(kind.path, added["id"], "update", body={"name": letter * 101})
            assert_refused(refused, 422, "name")


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("name", [None, 7, True, ["x"], {"x": "y"}, "", "   "], ids=repr)
def test_names_that_are_none(project: ConvertProject, kind: Kind, name: Any) -> None:
    assert_refused(project.post(kind.path, "add", body={**kind.body("x"), kind.name: name}), 422, kind.name)
    if kind.update == "update":
        id = kind.add(project)["id"]
        assert_refused(project.post(kind.path, id, "update", body={kind.name: name}), 422, kind.name)


@pytest.mark.parametrize("kind", NAMED, ids=str)
def test_zero_characters_are_kept_or_refused(project: ConvertProject, kind: Kind) -> None:
    response = project.post(kind.path, "add", body=kind.body("be\0fore"))
    if response.status_code == 201:
        assert project.get(kind.path, response.json()["id"])["name"] == "be\0fore"
    else:
        assert_refused(response, (400, 422))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_required_members(project: ConvertProject, kind: Kind) -> None:
    whole = kind.body(fresh("whole"))
    for name in whole:
        rest = {other: value for other, value in whole.items() if other != name}
        assert_refused(project.post(kind.path, "add", body=rest), 422, name)
    assert_refused(project.post(kind.path, "add", body={}), 422)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(
    "body", [b"{", b"{]", b'{"name": }', b"{'name': 'x'}", b'{"name": "x"} {}', b'{"name": "\xff"}', b"\x00", b"nul"]
)
def test_malformed_json(project: ConvertProject, kind: Kind, body: bytes) -> None:
    assert_refused(project.post(kind.path, "add", body=body), 400)
    assert_refused(project.post(kind.path, body=body), 400)
    assert_refused(project.post(kind.path, "bulk-delete", body=body), 400)
    assert_refused(project.post(kind.path, kind.add(project)["id"], kind.update, body=body), 400)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("body", [[], "text", 7, None, True], ids=repr)
def test_bodies_that_are_no_objects(project: ConvertProject, kind: Kind, body: Any) -> None:
    raw = b"null" if body is None else repr(body).replace("'", '"').replace("True", "true").encode()
    assert_refused(project.post(kind.path, "add", body=raw), 422)
    assert_refused(project.post(kind.path, body=raw), 422)
    assert_refused(project.post(kind.path, kind.add(project)["id"], kind.update, body=raw), 422)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_no_body(project: ConvertProject, kind: Kind) -> None:
    assert_refused(project.post(kind.path, "add"), (400, 422))
    assert_refused(project.post(kind.path, "bulk-delete"), (400, 422))
    assert project.post(kind.path, expect=200).json()["extra"]["pagination"]["current_page"] == 1


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_server_gives_the_ids(project: ConvertProject, kind: Kind) -> None:
    response = project.post(kind.path, "add", body={**kind.body(fresh("own id")), "id": 555_555})
    assert response.status_code == 422 or response.json()["id"] != 555_555
    assert_refused(project.try_get(kind.path, 555_555), 404)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_members_that_the_contract_does_not_know(project: ConvertProject, kind: Kind) -> None:
    strange: Body = {"flavour": {"a": [1]}, "project_id": 1, "account_id": 1, "document": "x", "__proto__": 1}
    response = project.post(kind.path, "add", body={**kind.body(fresh("strange")), **strange})
    if response.status_code != 422:
        added = response.json()
        assert not set(strange) & set(added), "what means nothing is not kept"
        assert not set(strange) & set(project.get(kind.path, added["id"]))


@pytest.mark.parametrize("kind", WITH_STATUS, ids=str)
def test_status(project: ConvertProject, kind: Kind) -> None:
    assert kind.add(project)["status"] == kind.first_status
    added = kind.add(project, status=kind.second_status)
    assert added["status"] == kind.second_status
    changed = project.post(kind.path, added["id"], kind.update, body={"status": kind.first_status}, expect=200).json()
    assert changed["status"] == kind.first_status
    for wrong in ("paused", "ARCHIVED", "", 1, None):
        body = {**kind.body(fresh("status")), "status": wrong}
        assert_refused(project.post(kind.path, "add", body=body), 422, "status")
        refused = project.post(kind.path, added["id"], kind.update, body={"status": wrong})
        assert_refused(refused, 422, "status")
    assert project.get(kind.path, added["id"])["status"] == kind.first_status


# ---- changing


@pytest.mark.parametrize("kind", CHANGEABLE, ids=str)
def test_an_empty_change_changes_nothing(project: ConvertProject, kind: Kind) -> None:
    added = kind.add(project)
    after = project.update(kind.path, added["id"], {})
    assert {**after, "updated_at": 0} == {**added, "updated_at": 0}


@pytest.mark.parametrize("kind", CHANGEABLE, ids=str)
def test_what_was_read_may_be_sent_back(project: ConvertProject, kind: Kind) -> None:
    added = kind.add(project)
    read = project.get(kind.path, added["id"], **{"include[]": kind.optional})
    after = project.update(kind.path, added["id"], read)
    assert {**after, "updated_at": 0} == {**added, "updated_at": 0}


@pytest.mark.parametrize("kind", [TAGS, GOALS, AUDIENCES, LOCATIONS, FEATURES, HYPOTHESES, OBSERVATIONS], ids=str)
def test_descriptions(project: ConvertProject, kind: Kind) -> None:
    longest = {TAGS: 200, FEATURES: 200, HYPOTHESES: 5_000, OBSERVATIONS: 5_000}.get(kind, 500)
    added = kind.add(project, description="d" * longest)
    assert added["description"] == "d" * longest
    project.update(kind.path, added["id"], changed(kind))
    assert project.get(kind.path, added["id"])["description"] == "d" * longest
    assert project.update(kind.path, added["id"], {"description": "<i>'new'</i>"})["description"] == "<i>'new'</i>"
    too_long = {**kind.body(fresh("long")), "description": "d" * (longest + 1)}
    assert_refused(project.post(kind.path, "add", body=too_long), 422, "description")
    assert_refused(project.post(kind.path, added["id"], "update", body={"description": 7}), 422, "description")


# ---- optional members


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.optional], ids=str)
def test_optional_members(project: ConvertProject, kind: Kind) -> None:
    body = kind.body(fresh("optional"))
    if kind is GOALS:
        body["triggering_rule"] = {"OR": [{"AND": [{"OR_WHEN": [{"rule_type": "url", "value": "/"}]}]}]}
    added = project.add(kind.path, body)
    members = {name.split(".")[0] for name in kind.optional}
    assert members <= set(added), "all are there after an add"
    assert members <= set(project.update(kind.path, added["id"], changed(kind))), "and after an update"
    assert not members & set(project.get(kind.path, added["id"]))
    assert not members & set(project.items(kind.path, only=[added["id"]])[0])
    for name in kind.optional:
        shown = project.get(kind.path, added["id"], **{"include[]": [name]})
        assert members & set(shown) == {name.split(".")[0]}
        assert project.items(kind.path, only=[added["id"]], include=[name]) == [shown]
    everything = project.get(kind.path, added["id"], **{"include[]": kind.optional})
    assert members <= set(everything)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.optional], ids=str)
def test_include_is_an_array_of_known_names(project: ConvertProject, kind: Kind) -> None:
    added = kind.add(project)
    assert_refused(project.try_get(kind.path, added["id"], include=kind.optional[0]), 422, "include")
    assert_refused(project.try_get(kind.path, added["id"], **{"include[]": "everything"}), 422, "include")
    assert_refused(project.post(kind.path, body={"include": kind.optional[0]}), 422, "include")
    assert_refused(project.post(kind.path, body={"include": ["everything"]}), 422, "include")


# ---- many at once


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_bulk_delete(project: ConvertProject, kind: Kind) -> None:
    ids = [kind.add(project)["id"] for _ in range(4)]
    answer = project.bulk(kind.path, "delete", [ids[0], NO_SUCH_ID, ids[1], -5, ids[2], ids[0]])
    assert sorted(error["id"] for error in answer["errors"]) == [-5, NO_SUCH_ID]
    assert [item["id"] for item in project.items(kind.path, only=ids)] == [ids[3]]
    assert project.bulk(kind.path, "delete", [ids[3]])["errors"] == []
    assert [error["id"] for error in project.bulk(kind.path, "delete", ids)["errors"]] == ids


@pytest.mark.parametrize("kind", WITH_STATUS, ids=str)
def test_bulk_update(project: ConvertProject, kind: Kind) -> None:
    ids = [kind.add(project)["id"] for _ in range(3)]
    bad = [NO_SUCH_ID, 0]
    answer = project.bulk(kind.path, "update", [ids[0], *bad, ids[2]], status=kind.second_status)
    assert sorted(error["id"] for error in answer["errors"]) == sorted(bad)
    statuses = [project.get(kind.path, id)["status"] for id in ids]
    assert statuses == [kind.second_status, kind.first_status, kind.second_status]
    assert project.bulk(kind.path, "update", ids, status=kind.first_status)["errors"] == []
    assert {item["status"] for item in project.items(kind.path, only=ids)} == {kind.first_status}
    for wrong in ("paused", "", None, 1, ["active"]):
        refused = project.post(kind.path, "bulk-update", body={"id": ids, "status": wrong})
        assert_refused(refused, 422, "status")
    assert_refused(project.post(kind.path, "bulk-update", body={"id": ids}), 422, "status")
    refused = project.post(kind.path, "bulk-update", body={"id": ids, "status": kind.second_status, "name": "x"})
    assert_refused(refused, 422, "name")
    assert {item["status"] for item in project.items(kind.path, only=ids)} == {kind.first_status}


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_bulk_limits(project: ConvertProject, kind: Kind) -> None:
    kept = kind.add(project)["id"]
    actions: list[tuple[str, Body]] = [("bulk-delete", {})]
    if kind.second_status:
        actions.append(("bulk-update", {"status": kind.second_status}))
    for action, more in actions:
        for ids in ([], [kept, *range(10**9, 10**9 + 100)], None, "1", kept, [str(kept)], [1.5], [None], [[kept]]):
            assert_refused(project.post(kind.path, action, body={"id": ids, **more}), 422, "id")
        assert_refused(project.post(kind.path, action, body=more), 422, "id")
        if kind is not DOMAINS:
            assert project.get(kind.path, kept).get("status", "") == (kind.first_status if kind.second_status else "")
        hundred = list(range(10**9, 10**9 + 100))
        errors = project.bulk(kind.path, action.removeprefix("bulk-"), hundred, **more)["errors"]
        assert [error["id"] for error in errors] == hundred
    assert project.get(kind.path, kept)["id"] == kept
