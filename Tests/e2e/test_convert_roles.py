"""What runs is started, changed and stopped by those only who may publish; drafts are anybody's who may edit."""

import pytest

from support.convert import Body, ConvertProject, assert_refused, client_of, convert_client, convert_project, new_key
from support.convert_kinds import AUDIENCES, GOALS, LOCATIONS, Kind
from support.server import Sextant
from support.serving import add


@pytest.fixture(scope="module")
def project(server: Sextant) -> ConvertProject:
    return convert_project(server, "web")


def as_role(server: Sextant, project: ConvertProject, role: str) -> ConvertProject:
    account = convert_client(server)
    return ConvertProject(client_of(account, new_key(account, role=role)), project.id)


def draft(project: ConvertProject, **members: object) -> Body:
    return add(project, [50.0, 50.0], type="a/b", status="draft", **members)


def test_editors_make_drafts_and_publishers_start_them(server: Sextant, project: ConvertProject) -> None:
    editor, publisher = as_role(server, project, "edit"), as_role(server, project, "publish")
    experience = draft(editor)
    assert editor.update("experiences", experience["id"], {"name": "mine"})["name"] == "mine"
    for status in ("active", "scheduled"):
        body = {"status": status, "start_time": 4_000_000_000}
        assert_refused(editor.post("experiences", experience["id"], "update", body=body), 403)
    assert publisher.update("experiences", experience["id"], {"status": "active"})["status"] == "active"
    # From now on it runs.
    for body in ({"name": "other"}, {"status": "paused"}, {"description": "x"}, {"status": "completed"}):
        assert_refused(editor.post("experiences", experience["id"], "update", body=body), 403)
    assert_refused(editor.delete("experiences", experience["id"], expect=None), 403)
    variation = experience["variations"][1]["id"]
    path = ("experiences", experience["id"], "variations", variation, "update")
    assert_refused(editor.client.request("PUT", editor.path(*path), {"name": "x"}), 403)
    failed = editor.post("experiences", "bulk-update", body={"id": [experience["id"]], "status": "paused"}).json()
    assert "experience.pauseplay" in str(failed) or "experience.edit_running" in str(failed), failed
    assert project.get("experiences", experience["id"])["status"] == "active"
    publisher.client.request("PUT", publisher.path(*path), {"name": "renamed"}, expect=200)
    assert publisher.update("experiences", experience["id"], {"status": "paused"})["status"] == "paused"
    assert editor.update("experiences", experience["id"], {"name": "mine again"})["name"] == "mine again"


def test_nothing_running_is_made_by_editors(server: Sextant, project: ConvertProject) -> None:
    editor = as_role(server, project, "edit")
    with pytest.raises(AssertionError, match="403"):
        add(editor, [50.0, 50.0], type="a/b", status="active")


@pytest.mark.parametrize("kind", [LOCATIONS, AUDIENCES], ids=str)
def test_what_a_running_experience_uses(server: Sextant, project: ConvertProject, kind: Kind) -> None:
    editor, publisher = as_role(server, project, "edit"), as_role(server, project, "publish")
    used = kind.add(project)
    path = kind.path
    assert editor.update(path, used["id"], {"description": "before"})["id"] == used["id"]
    add(project, [50.0, 50.0], type="a/b", **{path: [used["id"]]})
    assert_refused(editor.post(path, used["id"], "update", body={"description": "while"}), 403)
    assert publisher.update(path, used["id"], {"description": "while"})["id"] == used["id"]


def test_settings_of_projects_are_for_admins(server: Sextant, project: ConvertProject) -> None:
    publisher, admin = as_role(server, project, "publish"), as_role(server, project, "admin")
    assert_refused(publisher.post("update", body={"name": "x"}), 403)
    assert_refused(publisher.post("sdk-keys", "create", body={"name": "k", "environment": "production"}), 403)
    assert admin.post("update", body={"global_javascript": None}).status_code == 201
    goal = GOALS.add(publisher)
    publisher.delete("goals", goal["id"])
    account = admin.client.request("POST", f"/accounts/{admin.client.account_id}/details", {"name": "x"})
    assert_refused(account, 403)
