"""Pictures of a project: uploaded through the interface, shown to everybody, harmless."""

import struct
import zlib

import pytest
import requests

from support.client import REQUEST_SECONDS
from support.convert import (
    Body, ConvertClient, ConvertProject, assert_refused, client_of, convert_client, form, new_key,
)  # fmt: skip
from support.server import Launch


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
    + chunk(b"IEND", b"")
)
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\xff\xd9"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><path onclick="alert(2)" d="M0 0"/></svg>'


@pytest.fixture
def own(account: ConvertClient) -> ConvertProject:
    """A project that has used up none of its hour."""
    made = account.request("POST", f"/accounts/{account.account_id}/projects/add", {"name": "pictures"}, expect=201)
    return ConvertProject(account, made.json()["id"])


def upload(project: ConvertProject, name: str | None, content: bytes | None, expect: int | None = 201) -> Body:
    fields: dict[str, bytes] = {}
    if name is not None:
        fields["image_name"] = name.encode()
    if content is not None:
        fields["image"] = content
    body, content_type = form(fields)
    answer: Body = project.client.request(
        "POST", project.path("images", "add"), body, content_type=content_type, expect=expect
    ).json()
    return answer


def fetch(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=REQUEST_SECONDS, allow_redirects=False)


@pytest.mark.parametrize(
    ("name", "content", "type"),
    [
        ("logo.png", PNG, "image/png"),
        ("a.gif", GIF, "image/gif"),
        ("photo.JPEG", JPEG, "image/jpeg"),
        ("p.webp", WEBP, "image/webp"),
    ],
)
def test_pictures_come_back_as_they_were(own: ConvertProject, name: str, content: bytes, type: str) -> None:
    image = upload(own, name, content)
    assert image["key"].endswith(f"-{name}") and image["key"] in image["cdn_url"]
    shown = fetch(image["cdn_url"])
    assert (shown.status_code, shown.content, shown.headers["Content-Type"]) == (200, content, type)
    assert "immutable" in shown.headers["Cache-Control"] and shown.headers["X-Content-Type-Options"] == "nosniff"
    again = fetch(image["cdn_url"], **{"If-None-Match": shown.headers["ETag"]})
    assert again.status_code == 304 and not again.content
    head = requests.head(image["cdn_url"], timeout=REQUEST_SECONDS)
    assert head.status_code == 200 and head.headers["Content-Length"] == str(len(content))


def test_drawings_lose_what_could_run(own: ConvertProject) -> None:
    image = upload(own, "icon.svg", SVG)
    shown = fetch(image["cdn_url"])
    assert shown.headers["Content-Type"] == "image/svg+xml" and "sandbox" in shown.headers["Content-Security-Policy"]
    assert b"script" not in shown.content and b"alert" not in shown.content and b'd="M0 0"' in shown.content


def test_lists_go_on_behind_a_key(own: ConvertProject) -> None:
    images = [upload(own, f"{number}.png", PNG) for number in range(5)]
    assert own.items("images") == images
    assert own.items("images", max_results=2) == images[:2]
    assert own.items("images", max_results=2, start_from=images[1]["key"]) == images[2:4]
    assert own.items("images", max_results=0) == []
    assert own.items("images", start_from=images[-1]["key"]) == []
    for wrong in ({"max_results": 101}, {"max_results": -1}, {"max_results": "2"}, {"start_from": 3}):
        assert_refused(own.post("images", body=wrong), 422, next(iter(wrong)))


def test_deleted_pictures_are_gone(own: ConvertProject) -> None:
    image = upload(own, "a.png", PNG)
    own.client.request("DELETE", own.path("images", image["key"], "delete"), expect=200)
    assert fetch(image["cdn_url"]).status_code == 404 and own.items("images") == []
    assert_refused(own.client.request("DELETE", own.path("images", image["key"], "delete")), 404)
    assert_refused(own.client.request("DELETE", own.path("images", "../../master.key", "delete")), 404)


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("a.png", b"no picture", "image"),
        ("a.png", b"", "image"),
        ("a.svg", b"<html><body/></html>", "image"),
        ("a.svg", b"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>", "image"),
        ("a.svg", b"<svg><path></svg>", "image"),
        ("a.png", PNG + bytes(5 * 1024 * 1024), "image"),
        ("", PNG, "image_name"),
        ("x" * 201, PNG, "image_name"),
        (None, PNG, "image_name"),
        ("a.png", None, "image"),
    ],
)
def test_refused_uploads(own: ConvertProject, name: str | None, content: bytes | None, field: str) -> None:
    answer = upload(own, name, content, expect=422)
    assert answer["fields"] == [field], answer
    assert own.items("images") == []


def test_what_is_far_too_large_is_refused(own: ConvertProject) -> None:
    upload(own, "a.png", PNG + bytes(6 * 1024 * 1024), expect=413)
    assert_refused(own.client.request("POST", own.path("images", "add"), {"image_name": "a"}), 415)


def test_names_cannot_lead_anywhere(own: ConvertProject) -> None:
    for name in ("../../etc/passwd", "a b&c?.png", "ü🎉", '"><script>.svg', "x" * 200, "a\r\nb.png"):
        image = upload(own, name, PNG)
        assert fetch(image["cdn_url"]).headers["Content-Type"] == "image/png"
        assert all(character.isascii() and (character.isalnum() or character in "._-") for character in image["key"])


def test_an_hour_takes_fifty(own: ConvertProject) -> None:
    for _ in range(50):
        upload(own, "a.gif", GIF)
    body, content_type = form({"image_name": b"a.gif", "image": GIF})
    refused = own.client.request("POST", own.path("images", "add"), body, content_type=content_type, expect=429)
    assert 0 < int(refused.headers["Retry-After"]) <= 3600


def test_pictures_of_others(own: ConvertProject, account: ConvertClient, web: ConvertProject) -> None:
    image = upload(own, "a.png", PNG)
    viewer = ConvertProject(client_of(account, new_key(account, role="browse")), own.id)
    assert viewer.items("images") == [image]
    assert upload(viewer, "a.png", PNG, expect=403) and own.items("images") == [image]
    assert_refused(viewer.client.request("DELETE", own.path("images", image["key"], "delete")), 403)
    assert_refused(account.request("DELETE", web.path("images", image["key"], "delete")), 404)
    elsewhere = image["cdn_url"].replace(f"/cdn/{own.id}/", f"/cdn/{web.id}/")
    assert fetch(elsewhere).status_code == 404
    for path in ("/cdn/", "/cdn/1", "/cdn/x/y", f"/cdn/{own.id}/..%2F..%2Fmaster.key", f"/cdn/{own.id}/"):
        assert fetch(account.base_url + path).status_code == 404
    assert requests.post(image["cdn_url"], timeout=REQUEST_SECONDS).status_code == 405


def test_public_address(launch: Launch) -> None:
    server = launch({"SEXTANT_PUBLIC_URL": "https://x.example/base/"})
    project = ConvertProject(convert_client(server, bearer=True), server.credentials["projects"]["web"]["id"])
    assert upload(project, "a.png", PNG)["cdn_url"].startswith(f"https://x.example/base/cdn/{project.id}/")
