"""Experiences as tests make, read and change them."""

from typing import Any

import requests

from .convert import Body, ConvertProject, assert_refused
from .convert_kinds import FEATURES, fresh

KIND = "experiences"
NO_SUCH_ID = 987_654_321
URL = "https://www.example.com/"

WEB_TYPES = ["a/b", "a/a", "mvt", "split_url", "multipage", "deploy"]
FULLSTACK_TYPES = ["a/b_fullstack", "feature_rollout"]
TYPES = WEB_TYPES + FULLSTACK_TYPES
WITHOUT_BASELINE = ["deploy", "feature_rollout"]

CODE = ["richStructure", "customCode", "defaultCode"]
ACCEPTED = {
    "a/b": CODE,
    "a/a": CODE,
    "mvt": CODE,
    "deploy": CODE,
    "split_url": ["defaultRedirect", "customCode", "richStructure"],
    "multipage": ["defaultCodeMultipage", "customCode", "richStructure"],
    "a/b_fullstack": ["fullStackFeature"],
    "feature_rollout": ["fullStackFeature"],
}
CHANGE_TYPES = [*CODE, "defaultRedirect", "defaultCodeMultipage", "fullStackFeature"]
CHANGES: dict[str, Body] = {
    "richStructure": {"js": "convert.$('h1').text('Héllo 🚀')", "selector": "h1"},
    "customCode": {"css": "h1 { color: red }", "js": None},
    "defaultCode": {"js": "one()", "css": None, "custom_js": "two()"},
    "defaultRedirect": {
        "case_sensitive": False, "original_pattern": "https://a.example/(.*)",
        "variation_pattern": "https://b.example/$1",
    },
    "defaultCodeMultipage": {"js": "one()", "css": None, "custom_js": None},
    "fullStackFeature": {"variables_data": {"title": "New", "limit": 3, "enabled": True, "more": '{"a": [1]}'}},
}  # fmt: skip
PAGES = [{"id": "a", "name": "Start", "url": URL}, {"id": "b2", "name": "Cart", "url": f"{URL}cart"}]
VARIABLES = [
    {"key": "title", "type": "string", "default_value": "Old"},
    {"key": "limit", "type": "integer", "default_value": 1},
    {"key": "enabled", "type": "boolean", "default_value": False},
    {"key": "more", "type": "json", "default_value": "{}"},
]

INCLUDED = [
    "alerts", "goals", "stats", "variations", "variations.changes", "min_running_timestamp", "max_running_timestamp",
    "audiences", "locations", "collaborators",
]  # fmt: skip
EXPANDED = ["project", "audiences", "goals", "locations", "variations", "variations.changes", "tags"]
WHOLE = {"include[]": INCLUDED, "expand[]": EXPANDED}


def body(type: str = "a/b", **members: Any) -> Body:
    """The smallest that may be added."""
    pages = {"multipage_pages": PAGES} if type == "multipage" else {}
    return {"name": fresh("experience"), "type": type, "status": "draft", "url": URL, **pages, **members}


def add(project: ConvertProject, type: str = "a/b", **members: Any) -> Body:
    return project.add(KIND, body(type, **members))


def whole(project: ConvertProject, id: int | str) -> Body:
    return project.get(KIND, id, **WHOLE)


def refuse_add(project: ConvertProject, sent: Body, field: str) -> None:
    """It is refused for the field, and nothing comes of it."""
    assert_refused(project.post(KIND, "add", body=sent), 422, field)
    assert project.items(KIND, search=sent["name"]) == []


def refuse_update(project: ConvertProject, id: int, sent: Body, field: str) -> None:
    before = whole(project, id)
    assert_refused(project.post(KIND, id, "update", body=sent), 422, field)
    assert whole(project, id) == before


def variation(name: str = "Other", *changes: Body, **members: Any) -> Body:
    return {"name": name, "changes": list(changes), **members}


def change(project: ConvertProject, type: str, experience_type: str = "a/b") -> Body:
    """One that is right in an experience of a type that accepts it."""
    data = {**CHANGES[type]}
    if experience_type == "multipage" or type == "defaultCodeMultipage":
        data["page_id"] = "a"
    if type == "fullStackFeature":
        features = project.items("features", search="e2e feature")
        data["feature_id"] = (features or [FEATURES.add(project, "e2e feature", variables=VARIABLES)])[0]["id"]
    return {"type": type, "data": data}


def code(text: str) -> Body:
    return {"type": "customCode", "data": {"css": None, "js": text}}


def add_section(project: ConvertProject, id: int, name: str, *changes: Body) -> None:
    """Two versions, of which the second makes the changes."""
    versions = [{"id": "1", "name": "Old"}, {"id": "2", "name": "New", "changes": list(changes)}]
    project.post(KIND, id, "sections", "add", body={"id": name, "name": name, "versions": versions}, expect=201)


def shares(experience: Body) -> list[float]:
    return [one["traffic_distribution"] for one in experience["variations"]]


def put_variation(project: ConvertProject, id: int, variation_id: int, sent: Body) -> requests.Response:
    return project.client.request("PUT", project.path(KIND, id, "variations", variation_id, "update"), sent)


def delete_variation(project: ConvertProject, id: int, variation_id: int) -> requests.Response:
    return project.client.request("DELETE", project.path(KIND, id, "variations", variation_id, "delete"))


def try_convert(project: ConvertProject, id: int, variation_id: int, sent: Body) -> requests.Response:
    return project.post(KIND, id, "variations", variation_id, "convert", body=sent)


def ids(items: list[Body]) -> list[int]:
    return [item["id"] for item in items]
