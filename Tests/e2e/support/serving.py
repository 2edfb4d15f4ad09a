"""Experiments that run, and what SDKs send of their visitors."""

import json
from typing import Any

import requests

from .client import REQUEST_SECONDS, SEXTANT, Client
from .convert import Body, ConvertProject
from .convert_kinds import fresh
from .server import Sextant

KIND = "experiences"


def new_project(project: ConvertProject, **members: Any) -> ConvertProject:
    body = {"name": fresh("served"), "project_type": "fullstack", **members}
    path = f"/accounts/{project.client.account_id}/projects/add"
    return ConvertProject(project.client, project.client.request("POST", path, body, expect=201).json()["id"])


def new_sdk_key(project: ConvertProject, **members: Any) -> Body:
    body = {"name": fresh("SDK"), "environment": "production", "has_secret": False, **members}
    made: Body = project.post("sdk-keys", "create", body=body, expect=201).json()
    return made


def environment_client(server: Sextant, project: ConvertProject, environment: str = "production") -> Client:
    """A client with a key of one of the project's environments."""
    convert = server.credentials["convert"]
    with requests.Session() as session:
        session.trust_env = False
        made = session.post(
            f"{server.base_url}{SEXTANT}/projects/{project.id}/keys",
            json={"label": fresh("key"), "environment": environment},
            headers={"Authorization": f"Bearer {convert['application_id']}:{convert['secret']}"},
            timeout=REQUEST_SECONDS,
        )
    assert made.status_code == 201, made.text
    return server.client(made.json()["token"])


def add(project: ConvertProject, shares: list[float], type: str = "a/b_fullstack", **members: Any) -> Body:
    """A running experience whose variations have these shares."""
    name = fresh("served")
    variations = [{"name": f"v{index}", "traffic_distribution": share} for index, share in enumerate(shares)]
    body = {"name": name, "key": name.replace(" ", "-"), "type": type, "status": "active", "url": "https://x.example/"}
    return project.add(KIND, {**body, "variations": variations, **members}, **{"expand[]": "variations"})


def track(project: ConvertProject, http: requests.Session, key: str, *visitors: Body, **members: Any) -> Body:
    response = send(project, http, key, {"visitors": list(visitors), "enrichData": True, **members})
    assert response.status_code == 200, response.text
    answer: Body = response.json()
    return answer


def send(project: ConvertProject, http: requests.Session, key: str, body: Any, **headers: str) -> requests.Response:
    sent = {"User-Agent": "ConvertAgent/1.0", "Content-Type": "application/json", **headers}
    url = f"{project.client.base_url}/v1/track/{key}"
    return http.post(url, data=json.dumps(body), headers=sent, timeout=REQUEST_SECONDS)


def live(project: ConvertProject, **body: Any) -> list[Body]:
    events: list[Body] = project.post("livedata", body=body, expect=200).json()["data"]
    return events


def saw(experience: Body, variation: int = 0) -> Body:
    data = {"experienceId": str(experience["id"]), "variationId": str(experience["variations"][variation]["id"])}
    return {"eventType": "bucketing", "data": data}


def reached(goal: Body, *values: tuple[str, Any], buckets: dict[str, str] | None = None) -> Body:
    data: Body = {"goalId": str(goal["id"])}
    if values:
        data["goalData"] = [{"key": key, "value": value} for key, value in values]
    if buckets is not None:
        data["bucketingData"] = buckets
    return {"eventType": "conversion", "data": data}
