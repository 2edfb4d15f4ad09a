"""Keys that code calls things by, and clones: copies under other names."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.convert import Body, ConvertProject, assert_refused, convert_project
from support.convert_kinds import WITH_CLONE, WITH_KEY, Kind, fresh
from support.server import Sextant


def changed(kind: Kind, name: str = "") -> Body:
    """A body that changes the name."""
    return {kind.name: kind.body(name or fresh("changed"))[kind.name]}


# ---- keys


@pytest.mark.parametrize("kind", WITH_KEY, ids=str)
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Add to Cart", "add-to-cart"),
        ("  Sign--up / step #2!  ", "sign-up-step-2"),
        ("UPPER_case.name", "upper-case-name"),
        ("a" * 40, "a" * 32),
        ("<b>Bold</b> & 'quoted'", "b-bold-b-quoted"),
    ],
)
def test_keys_are_made_from_names(project: ConvertProject, kind: Kind, name: str, key: str) -> None:
    made = [kind.add(project, name) for _ in range(12)]
    assert made[0]["key"] == key
    assert [item["key"] for item in made[1:]] == [
        key[: 32 - len(f"-{number}")] + f"-{number}" for number in range(2, 13)
    ]
    assert [project.get(kind.path, item["key"])["id"] for item in made] == [item["id"] for item in made]
    project.bulk(kind.path, "delete", [item["id"] for item in made])


@pytest.mark.parametrize("kind", WITH_KEY, ids=str)
@pytest.mark.parametrize(
    "name", ["!!!", "🚀🚀", "---", "Покупка", "購入", "x" * 31 + " y", "e\u0301" * 40, "Add", "2026"]
)
def test_every_name_makes_a_key(project: ConvertProject, kind: Kind, name: str) -> None:
    first, second = kind.add(project, name), kind.add(project, name)
    assert 0 < len(first["key"]) <= 32 and 0 < len(second["key"]) <= 32 and first["key"] != second["key"]
    assert not first["key"].startswith("-") and not first["key"].endswith("-")
    assert project.get(kind.path, first["key"])["id"] == first["id"]
    assert project.get(kind.path, second["key"])["id"] == second["id"]
    project.bulk(kind.path, "delete", [first["id"], second["id"]])


@pytest.mark.parametrize("kind", WITH_KEY, ids=str)
def test_given_keys(project: ConvertProject, kind: Kind) -> None:
    key = fresh("given").replace(" ", "-")
    added = kind.add(project, key=key)
    assert added["key"] == key and project.get(kind.path, key)["id"] == added["id"]
    assert_refused(project.post(kind.path, "add", body={**kind.body(fresh("taken")), "key": key}), 409)
    other = kind.add(project)
    assert_refused(project.post(kind.path, other["id"], "update", body={"key": key}), 409)
    assert project.get(kind.path, other["id"])["key"] == other["key"]
    assert project.update(kind.path, added["id"], {"key": key})["key"] == key, "its own key is not taken"
    assert project.update(kind.path, other["id"], {"key": f"{key}-new"})["key"] == f"{key}-new"
    assert_refused(project.try_get(kind.path, other["key"]), 404)
    assert project.update(kind.path, other["id"], changed(kind))["key"] == f"{key}-new", "a name changes no key"
    project.delete(kind.path, added["id"])
    assert kind.add(project, key=key)["key"] == key, "a deleted one's key is free"


@pytest.mark.parametrize("kind", WITH_KEY, ids=str)
def test_keys_that_are_none(project: ConvertProject, kind: Kind) -> None:
    for wrong in ("k" * 33, 7, True, ["k"], "a/b", "a b"):
        assert_refused(project.post(kind.path, "add", body={**kind.body(fresh("key")), "key": wrong}), 422, "key")
    longest = f"{fresh('k')}".replace(" ", "-").ljust(32, "x")
    assert kind.add(project, key=longest)["key"] == longest


@pytest.mark.parametrize("kind", WITH_KEY, ids=str)
@pytest.mark.parametrize("key", ["Ключ", "a.b", "a%2Fb", "a?b=c", "a#b", "add", "20261121", "~", "a+b", "clone"])
def test_every_key_is_found_or_refused(project: ConvertProject, kind: Kind, key: str) -> None:
    response = project.post(kind.path, "add", body={**kind.body(fresh("key")), "key": key})
    if response.status_code == 201:
        assert project.get(kind.path, key)["id"] == response.json()["id"]
        project.delete(kind.path, response.json()["id"])
    else:
        assert_refused(response, 422, "key")


@pytest.mark.parametrize("kind", WITH_KEY, ids=str)
def test_unknown_keys(project: ConvertProject, kind: Kind) -> None:
    for key in ("no-such-key", "%", "_", "' OR 1=1 --", "ADD-TO-CART"):
        assert_refused(project.try_get(kind.path, key), 404)


@pytest.mark.parametrize("kind", WITH_KEY, ids=str)
def test_many_at_once_get_keys_of_their_own(server: Sextant, kind: Kind) -> None:
    name = fresh("at once")

    def add(_: int) -> str:
        key: str = kind.add(convert_project(server, kind.project), name)["key"]
        return key

    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(add, range(24)))
    assert len(set(keys)) == 24


# ---- clones


@pytest.mark.parametrize("kind", WITH_CLONE, ids=str)
def test_clone(project: ConvertProject, kind: Kind) -> None:
    added = kind.add(project, description="cloned", status="archived", selected_default=True)
    copies = [project.clone(kind.path, added["id"]), project.clone(kind.path, added["id"])]
    for copy in copies:
        assert copy["name"] == f"Copy of {added['name']}" and copy["id"] > added["id"]
        own = {"id", "name", "key", "stats", "status"}
        included = project.get(kind.path, copy["id"], **{"include[]": kind.optional})
        # A copy is nobody's default yet.
        expected = {name: value for name, value in added.items() if name not in own} | {"selected_default": False}
        assert {name: value for name, value in included.items() if name not in own} == expected
    assert copies[0]["id"] != copies[1]["id"]
    if kind.has_key:
        assert len({added["key"], copies[0]["key"], copies[1]["key"]}) == 3
    again = project.clone(kind.path, copies[0]["id"])
    assert again["name"] == f"Copy of Copy of {added['name']}"
    project.delete(kind.path, added["id"])
    assert project.get(kind.path, copies[0]["id"])["id"] == copies[0]["id"]


@pytest.mark.parametrize("kind", WITH_CLONE, ids=str)
def test_clone_of_the_longest_name(project: ConvertProject, kind: Kind) -> None:
    for letter in ("n", "🚀", "👩‍👩‍👧‍👦"):
        added = kind.add(project, (letter * 100)[:100])
        copy = project.clone(kind.path, added["id"])
        assert copy["name"].startswith(f"Copy of {letter}") and len(copy["name"]) <= 100


@pytest.mark.parametrize("kind", WITH_CLONE, ids=str)
def test_clone_shows_what_is_asked_for(project: ConvertProject, kind: Kind) -> None:
    id = kind.add(project)["id"]
    shown = project.clone(kind.path, id, **{"include[]": [kind.optional[0]]})
    assert "stats" not in shown
    assert_refused(project.post(kind.path, id, "clone", include=kind.optional[0]), 422, "include")
