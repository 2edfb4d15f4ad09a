"""Engagements, articles and bots out of the one store of content, as Gainsight PX's clients read them."""

from typing import Any

import pytest
import requests

from support.client import SEXTANT, Client
from support.server import Sextant

CONTENT = f"{SEXTANT}/content"


@pytest.fixture
def environment(server: Sextant) -> Client:
    return server.new_environment()


@pytest.fixture
def px(environment: Client) -> Client:
    """The same environment with a key of Gainsight PX."""
    made = environment.post(f"{SEXTANT}/keys", {"label": "px", "kind": "gainsight_px"}, expect=201).json()
    client = Client(environment.base_url, made["token"])
    client.session.headers = requests.structures.CaseInsensitiveDict({"X-APTRINSIC-API-KEY": made["token"]})
    return client


def add(environment: Client, kind: str, title: str, **more: Any) -> int:
    body = {"kind": kind, "title": title} | more
    if kind == "embed":
        body.setdefault("type", "card")
    identifier: int = environment.post(CONTENT, body, expect=201).json()["id"]
    return identifier


def test_six_types_and_both_vocabularies(environment: Client, px: Client) -> None:
    forms = ["dialog", "slider", "guide", "tooltip", "hotspot", "badge"]
    for form in forms:
        add(environment, "flow", form, form=form, status="published")
    surveys = ["nps", "ces", "rating", "boolean", "multiple_question"]
    for survey in surveys:
        add(environment, "survey", survey, survey=survey)
    add(environment, "article", "no engagement")
    base = px.get("/v1/engagements").json()
    assert [row["type"] for row in base["results"][:6]] == ["Dialog", "Slider", "Guide", "Tooltip", "Hotspot", "Badge"]
    assert base["totalHits"] == 11 and base["scrollId"] is None
    assert {row["state"] for row in base["results"]} == {"LIVE", "DRAFT"}
    assert all(isinstance(row["createdDate"], int) for row in base["results"])
    vendor = px.get("/v1/engagement").json()
    assert vendor["isLastPage"] and vendor["pageNumber"] == 0
    assert [row["type"] for row in vendor["engagements"]] == [
        "IN_APP_DIALOG", "IN_APP_CAROUSEL", "IN_APP_GUIDE", *["IN_APP_NOTIFICATION"] * 3, "IN_APP_NPS_SURVEY",
        "IN_APP_CES_SURVEY", "IN_APP_RATING_SURVEY", "IN_APP_BOOLEAN_SURVEY", "IN_APP_MULTIPLE_QUESTION_SURVEY",
    ]  # fmt: skip
    assert {row["state"] for row in vendor["engagements"]} == {"STARTED", "EDITING"}

    def named(*types: str) -> list[str]:
        rows = px.get("/v1/engagement", params={"contentTypes": list(types)}).json()["engagements"]
        return [row["name"] for row in rows]

    assert named("IN_APP_NOTIFICATION") == ["tooltip", "hotspot", "badge"]
    assert named("IN_APP_GUIDE,IN_APP_NPS_SURVEY") == named("IN_APP_GUIDE", "IN_APP_NPS_SURVEY") == ["guide", "nps"]
    assert named("EMAIL") == []
    px.get("/v1/engagement", params={"contentTypes": "NOTHING"}, expect=400)


def test_states_are_changed_and_read_alike(environment: Client, px: Client) -> None:
    identifier = str(add(environment, "flow", "tour", details={"environments": ["STAGE"]}))

    def states() -> tuple[str, str]:
        base = next(row for row in px.get("/v1/engagements").json()["results"] if row["id"] == identifier)
        return base["state"], px.get(f"/v1/engagement/{identifier}").json()["state"]

    def change(**body: Any) -> None:
        px.request("PUT", "/v1/engagement/state", json={"engagementId": identifier} | body, expect=200)

    assert states() == ("STAGED", "IN_PROGRESS")
    change(state="START", envs=["QA"])
    assert states() == ("STAGED", "IN_PROGRESS")
    assert px.get(f"/v1/engagement/{identifier}").json()["envs"] == ["Qa"]
    change(state="START")
    assert states() == ("LIVE", "STARTED")
    change(state="PAUSE")
    assert states() == ("PAUSED", "PAUSED")
    change(state="START")
    assert states() == ("LIVE", "STARTED")
    assert environment.get(f"{CONTENT}/{identifier}").json()["status"] == "published"
    px.request("PUT", "/v1/engagement/state", json={"engagementId": identifier, "state": "DANCE"}, expect=400)
    px.request("PUT", "/v1/engagement/state", json={"engagementId": "999999", "state": "START"}, expect=404)
    px.request("DELETE", f"/v1/engagement/{identifier}", expect=200)
    px.get(f"/v1/engagement/{identifier}", expect=404)
    environment.get(f"{CONTENT}/{identifier}", expect=404)


def test_pages_scroll_and_count(environment: Client, px: Client) -> None:
    for number in range(7):
        add(environment, "banner", f"b{number}")
    seen: list[str] = []
    scroll: dict[str, str] = {}
    while True:
        page = px.get("/v1/engagements", params={"pageSize": 3} | scroll).json()
        seen += [row["name"] for row in page["results"]]
        assert page["totalHits"] == 7
        if page["scrollId"] is None:
            break
        scroll = {"scrollId": page["scrollId"]}
    assert seen == [f"b{number}" for number in range(7)]
    pages = [px.get("/v1/engagement", params={"pageSize": 4, "pageNumber": number}).json() for number in range(3)]
    assert [len(page["engagements"]) for page in pages] == [4, 3, 0]
    assert [page["isLastPage"] for page in pages] == [False, True, True]
    for path, parameters in (
        ("/v1/engagement", {"pageSize": 501}), ("/v1/engagement", {"pageNumber": -1}),
        ("/v1/engagements", {"pageSize": 501}), ("/v1/engagements", {"scrollId": "nonsense"}),
    ):  # fmt: skip
        px.get(path, params=parameters, expect=400)


def test_the_extended_form_tells_custom_events(environment: Client, px: Client) -> None:
    details = {
        "description": "how to pay", "custom_events": [{"name": "paid", "properties": ["amount"]}],
        "default_language": "en", "languages": [{"code": "de", "translated": True}, {"code": "fr"}],
    }  # fmt: skip
    add(environment, "flow", "tour", details=details)
    (row,) = px.get("/v1/engagement/extended").json()["engagements"]
    assert row["customEvents"] == [{"name": "paid", "properties": ["amount"]}] and row["description"] == "how to pay"
    assert row["languages"] == [
        {"languageCode": "de", "translated": True}, {"languageCode": "fr", "translated": False},
    ]  # fmt: skip
    assert "customEvents" not in px.get("/v1/engagement").json()["engagements"][0]


def test_articles_and_bots(environment: Client, px: Client) -> None:
    bot = add(environment, "knowledge_center_bot", "Help", details={"priority": 2, "environments": ["PRODUCTION"]})
    article = {"author": "Ann", "bots": [bot], "release_date": "2026-01-31"}
    add(environment, "article", "How to pay", details=article)
    (shown,) = px.get("/v1/articles").json()["articleExternalViewList"]
    assert shown["articleName"] == "How to pay" and shown["author"] == "Ann" and shown["releaseDate"] == "2026-01-31"
    assert shown["articleKCs"] == [{"kcId": str(bot), "kcName": "Help"}]
    (center,) = px.get("/v1/kcbot").json()["kcList"]
    assert center["name"] == "Help" and center["priority"] == 2 and center["environments"] == ["Production"]
    assert px.get("/v1/articles", params={"productId": shown["productId"]}).json()["articleExternalViewList"]
    assert px.get("/v1/articles", params={"productId": "other"}).json() == {
        "articleExternalViewList": [], "pageNumber": 0, "isLastPage": True, "totalHits": 0,
    }  # fmt: skip


def test_content_refuses_what_a_kind_has_not(environment: Client) -> None:
    for body in (
        {"kind": "article", "title": "a", "form": "dialog"}, {"kind": "flow", "title": "a", "survey": "nps"},
        {"kind": "flow", "title": "a", "form": "cloud"}, {"kind": "flow", "title": "a", "details": {"nope": 1}},
        {"kind": "flow", "title": "a", "details": {"environments": ["MOON"]}},
    ):  # fmt: skip
        environment.post(CONTENT, body, expect=400)
    made = environment.post(CONTENT, {"kind": "flow", "title": "a", "details": {"author": "Ann"}}, expect=201).json()
    assert made["form"] == "guide" and made["survey"] is None and made["is_paused"] is False
    changed = environment.request(
        "PATCH", f"{CONTENT}/{made['id']}", json={"details": {"author": None, "description": "d"}}, expect=200
    ).json()
    assert changed["details"] == {"description": "d"}
