"""Hypotheses with their scores, the knowledge that they become, and observations."""

from typing import Any

import pytest

from support.convert import ConvertProject, assert_refused
from support.convert_kinds import HYPOTHESES, KNOWLEDGE_BASES, OBSERVATIONS, TAGS, fresh

NO_SUCH_ID = 987_654_321


@pytest.mark.parametrize(
    ("model", "names"), [("PIE", ["potential", "importance", "ease"]), ("ICE", ["impact", "confidence", "ease"])]
)
@pytest.mark.parametrize(
    ("values", "score"), [((1, 1, 1), "1.00"), ((5, 5, 5), "5.00"), ((3, 4, 4), "3.67"), ((1, 1, 2), "1.33")]
)
def test_score(web: ConvertProject, model: str, names: list[str], values: tuple[int, ...], score: str) -> None:
    attributes = dict(zip(names, values, strict=True))
    added = HYPOTHESES.add(web, prioritization_score_type=model, prioritization_score_attributes=attributes)
    assert added["prioritization_score"] == score and added["prioritization_score_type"] == model
    assert added["prioritization_score_attributes"] == attributes
    best = dict.fromkeys(names, 5)
    changed = web.update("hypotheses", added["id"], {"prioritization_score_attributes": best})
    assert changed["prioritization_score"] == "5.00"
    own = web.update("hypotheses", added["id"], {"prioritization_score": "1.23"})
    assert own["prioritization_score"] == "5.00", "it is computed, not given"


def test_a_hypothesis_changes_its_model(web: ConvertProject) -> None:
    id = HYPOTHESES.add(web)["id"]
    ice = {"impact": 1, "confidence": 2, "ease": 2}
    changed = web.update("hypotheses", id, {"prioritization_score_type": "ICE", "prioritization_score_attributes": ice})
    assert changed["prioritization_score_type"] == "ICE" and changed["prioritization_score"] == "1.67"
    assert changed["prioritization_score_attributes"] == ice


@pytest.mark.parametrize(
    "attributes",
    [
        {"potential": 0, "importance": 3, "ease": 3},
        {"potential": 6, "importance": 3, "ease": 3},
        {"potential": 2.5, "importance": 3, "ease": 3},
        {"potential": "3", "importance": 3, "ease": 3},
        {"potential": None, "importance": 3, "ease": 3},
        [3, 3, 3],
        "high",
        None,
    ],
    ids=repr,
)
def test_attributes_that_are_none(web: ConvertProject, attributes: Any) -> None:
    body = {**HYPOTHESES.body(fresh("hypothesis")), "prioritization_score_attributes": attributes}
    assert_refused(web.post("hypotheses", "add", body=body), 422, "prioritization_score_attributes")


def test_whole_hypothesis(web: ConvertProject) -> None:
    body = {
        **HYPOTHESES.body(fresh("whole")),
        "url": "https://example.com/?a='b'",
        "objective": "o" * 5_000,
        "summary": "s" * 500,
        "description": "d" * 5_000,
        "start_date": "2026-02-28",
        "end_date": "2026-02-28",
        "files": [{"key": "files/1.pdf", "name": "one.pdf"}],
    }
    added = web.add("hypotheses", body)
    assert {name: added[name] for name in body} == body
    assert added["created_by"] and added["created_at"] > 1_700_000_000 and added["experiences"] == []
    for name, wrong in [("objective", "o" * 5_001), ("summary", "s" * 501), ("url", "u" * 2_049), ("files", "x"),
                        ("start_date", "2026-02-30"), ("start_date", "28.02.2026"), ("end_date", "soon"),
                        ("files", [{"key": "k", "path": "/etc"}])]:  # fmt: skip
        assert_refused(web.post("hypotheses", "add", body={**body, name: wrong}), 422, name)
    for name in ("url", "start_date", "end_date", "description", "files"):
        assert web.update("hypotheses", added["id"], {name: None}).get(name) is None
    assert_refused(web.post("hypotheses", "add", body={**body, "end_date": "2026-02-27"}), 422, "end_date")


@pytest.mark.parametrize("status", ["applied", "archived", "completed", "draft", "proven", "disproven"])
def test_hypothesis_statuses(web: ConvertProject, status: str) -> None:
    added = HYPOTHESES.add(web)
    changed = web.post("hypotheses", added["id"], "update-status", body={"status": status}, expect=200).json()
    assert changed["status"] == status and changed["name"] == added["name"]
    assert web.update("hypotheses", added["id"], {"status": status})["status"] == status
    for wrong in ({"status": "done"}, {"status": None}, {}):
        assert_refused(web.post("hypotheses", added["id"], "update-status", body=wrong), 422, "status")
    assert_refused(web.post("hypotheses", NO_SUCH_ID, "update-status", body={"status": status}), 404)


def test_status_change_shows_tags_in_full(web: ConvertProject) -> None:
    tag = TAGS.add(web)
    for kind, status in ((HYPOTHESES, "proven"), (KNOWLEDGE_BASES, "archived")):
        id = kind.add(web, tags=[tag["id"]])["id"]
        changed = web.post(
            kind.path, id, "update-status", body={"status": status}, expect=200, **{"expand[]": "tags"}
        ).json()
        assert changed["tags"] == [tag] and changed["status"] == status


def test_a_hypothesis_becomes_knowledge(web: ConvertProject) -> None:
    tag = TAGS.add(web)["id"]
    told = {"objective": "Sell more", "summary": "It worked", "url": "https://example.com/", "description": "All of it",
            "start_date": "2026-01-01", "end_date": "2026-02-01"}  # fmt: skip
    added = HYPOTHESES.add(web, status="proven", tags=[tag], **told)
    entry = web.post("hypotheses", added["id"], "convert", expect=200).json()
    assert entry["name"] == added["name"] and entry["status"] == "active" and entry["tags"] == [tag]
    assert {name: entry[name] for name in told} == told
    assert web.get("knowledge-bases", entry["id"]) == entry
    assert web.get("hypotheses", added["id"])["name"] == added["name"]
    plain = HYPOTHESES.add(web)
    assert web.post("hypotheses", plain["id"], "convert", expect=200).json()["name"] == plain["name"]
    assert_refused(web.post("hypotheses", NO_SUCH_ID, "convert"), 404)
    assert_refused(web.post("hypotheses", entry["id"], "convert"), 404)


def test_whole_knowledge_base(web: ConvertProject) -> None:
    body = {
        "name": fresh("whole"), "summary": "s" * 500, "objective": "o" * 5_000, "description": "d" * 5_000,
        "url": "https://example.com/", "start_date": "2026-01-01", "end_date": "2026-03-01", "status": "archived",
        "prioritization_score_type": "ICE", "prioritization_score_attributes": {"impact": 1},
        "files": [{"key": "k", "name": "n"}], "experiences": [],
    }  # fmt: skip
    added = web.add("knowledge-bases", body)
    assert {name: added[name] for name in body} == body
    for name, wrong in [("summary", None), ("summary", "s" * 501), ("objective", 1), ("start_date", "x")]:
        assert_refused(web.post("knowledge-bases", "add", body={**body, name: wrong}), 422, name)
    refused = web.post("knowledge-bases", added["id"], "update-status", body={"status": "active", "name": "x"})
    assert_refused(refused, 422, "name")
    assert_refused(web.post("knowledge-bases", added["id"], "update-status", body={}), 422, "status")


def test_whole_observation(web: ConvertProject) -> None:
    image, file = {"url": "https://example.com/1.png", "name": "one"}, {"key": "k", "name": "n"}
    body = {
        "name": fresh("whole"), "description": "d" * 5_000, "url": "https://example.com/", "status": "archived",
        "images": [image] * 3, "files": [file] * 3,
    }  # fmt: skip
    added = web.add("observations", body)
    assert {name: added[name] for name in body} == body
    for name, wrong in [("images", [image] * 4), ("files", [file] * 4), ("images", [{"url": "u"}]), ("files", ["k"]),
                        ("images", [{**image, "size": 1}]), ("url", "u" * 2_049), ("status", "draft")]:  # fmt: skip
        assert_refused(web.post("observations", "add", body={**body, name: wrong}), 422, name)
    for name in ("description", "url", "images", "files"):
        assert web.update("observations", added["id"], {name: None}).get(name) is None


def test_who_made_it_and_when_cannot_be_given(web: ConvertProject) -> None:
    for kind in (HYPOTHESES, KNOWLEDGE_BASES, OBSERVATIONS):
        plain = kind.add(web)
        given = kind.add(web, created_by="root", created_at=1, updated_at=1)
        assert given["created_by"] == plain["created_by"] and given["created_at"] >= plain["created_at"]
        assert given["updated_at"] >= plain["updated_at"]
