"""Pictures of variations: uploaded, and taken by a real Chromium of a page that the test serves."""

import base64
import io
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from support.convert import Body, ConvertProject, assert_refused, convert_project, form
from support.convert_kinds import fresh
from support.pictures import encoded
from support.polling import wait_until
from support.server import Launch, free_port
from support.site import Site

KIND = "experiences"
BROWSER_SECONDS = 120
WHITE, RED, GREEN, BLUE = (255, 255, 255), (255, 0, 0), (0, 128, 0), (0, 0, 255)
# As tall as two screens, with a band in another colour at its bottom.
PAGE = """<html><head><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-a'">
<style nonce="a">body { margin: 0; background: white }
#low { position: absolute; top: 1500px; height: 100px; width: 100%; background: blue }
</style></head><body><div id="low"></div></body></html>"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site.serve() as site:
        site.pages["/page"] = PAGE
        yield site


@pytest.fixture(scope="module")
def web(launch: Launch) -> ConvertProject:
    return convert_project(launch({"SEXTANT_FETCH_NETWORKS": "127.0.0.1"}), "web")


def code(css: str = "", js: str = "") -> Body:
    return {"type": "defaultCode", "data": {"css": css, "js": js, "custom_js": None}}


def add(project: ConvertProject, url: str, *changes: Body, **members: Any) -> Body:
    body = {
        "name": fresh("seen"),
        "type": "a/b",
        "status": "draft",
        "url": url,
        "variations": [{"name": "Original", "is_baseline": True}]
        + [{"name": f"v{index}", "changes": [change]} for index, change in enumerate(changes)],
        **members,
    }
    return project.add(KIND, body, **{"expand[]": "variations"})


def infos(project: ConvertProject, id: int) -> list[Body]:
    shown: list[Body] = project.get(KIND, id)["screenshots_info"]
    return shown


def trigger(project: ConvertProject, id: int, expect: int = 200, **body: Any) -> Body:
    answer: Body = project.post(KIND, id, "trigger-screenshots", body=body, expect=expect).json()
    return answer


def taken(project: ConvertProject, id: int) -> list[Body]:
    """What is known of the pictures when none is being taken any more."""
    return wait_until(
        lambda: (shown := infos(project, id)) and all(info["in_progress_since"] is None for info in shown) and shown,
        "the screenshots",
        BROWSER_SECONDS,
    )


def picture(project: ConvertProject, id: int, variation: int, **query: Any) -> Image.Image:
    return decoded(shown(project, id, variation, **query))


def shown(project: ConvertProject, id: int, variation: int, **query: Any) -> requests.Response:
    path = project.path(KIND, id, "variations", variation, "screenshot")
    return project.client.request("GET", path, query=query)


def decoded(response: requests.Response) -> Image.Image:
    assert response.status_code == 200, response.text[:500]
    return Image.open(io.BytesIO(base64.b64decode(response.json()["data"], validate=True))).convert("RGB")


def upload(project: ConvertProject, id: int, variation: int, content: bytes, **query: Any) -> requests.Response:
    body, content_type = form({"image": content})
    path = project.path(KIND, id, "variations", variation, "screenshot")
    return project.client.request("POST", path, body, query=query, content_type=content_type)


def test_chromium_shows_each_variation(web: ConvertProject, site: Site) -> None:
    experience = add(
        web,
        f"{site.url}/page",
        code(css="body { background: red !important }"),
        code(js="alert('waits for nobody'); document.body.style.background = 'green'"),
        code(js="throw new Error('not ours to mend')"),
        global_css="#low { left: 640px }",
    )
    id = experience["id"]
    variations = [variation["id"] for variation in experience["variations"]]
    assert [info["variation_id"] for info in infos(web, id)] == variations
    assert_refused(shown(web, id, variations[0]), 404)

    assert "4 screenshots" in trigger(web, id)["message"]
    for info in taken(web, id):
        assert info["last_taken_screenshot_time"] > 1_700_000_000
    for variation, color in zip(variations, [WHITE, RED, GREEN, WHITE], strict=True):
        full = picture(web, id, variation)
        assert full.size == (1_280, 1_600)
        assert full.getpixel((5, 5)) == color and full.getpixel((1_000, 1_550)) == BLUE
        # The code that is for every variation.
        assert full.getpixel((5, 1_550)) == color
        thumb = picture(web, id, variation, size="thumb")
        assert thumb.size == (320, 400) and thumb.getpixel((5, 5)) == color
        assert any(visit.startswith("/page?") and f"{id}.{variation}" in visit for visit in site.visits)

    response = shown(web, id, variations[0], force_download="true")
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert shown(web, id, variations[0]).headers["Content-Disposition"].startswith("inline;")


def test_split_urls_show_where_they_lead(web: ConvertProject, site: Site) -> None:
    site.pages["/new"] = "<html><body style='background:green'></body></html>"
    redirect = {
        "type": "defaultRedirect",
        "data": {"original_pattern": "^(.*)/PAGE$", "variation_pattern": "$1/new", "case_sensitive": False},
    }
    outwards = {
        "type": "defaultRedirect",
        "data": {"original_pattern": "^.*$", "variation_pattern": "file:///etc/passwd", "case_sensitive": False},
    }
    experience = add(web, f"{site.url}/page", redirect, outwards, type="split_url")
    trigger(web, experience["id"])
    original, led, refused = taken(web, experience["id"])
    assert picture(web, experience["id"], original["variation_id"]).getpixel((5, 5)) == WHITE
    assert picture(web, experience["id"], led["variation_id"]).getpixel((5, 5)) == GREEN
    assert refused["last_taken_screenshot_time"] is None


def test_combinations_show_all_their_versions(web: ConvertProject, site: Site) -> None:
    experience = web.add(KIND, {"name": fresh("seen"), "type": "mvt", "status": "draft", "url": f"{site.url}/page"})
    sections = [
        {
            "id": section,
            "name": section,
            "versions": [{"id": "0", "name": "as it is"}, {"id": "1", "name": "changed", "changes": [code(css=css)]}],
        }
        for section, css in (
            ("aa", "body { background: red !important }"),
            ("bb", "#low { background: green !important }"),
        )
    ]
    path = web.path(KIND, experience["id"], "sections", "update")
    web.client.request("POST", path, {"sections": sections}, expect=200)
    trigger(web, experience["id"])
    seen = set()
    for info in taken(web, experience["id"]):
        full = picture(web, experience["id"], info["variation_id"])
        seen.add((full.getpixel((5, 5)), full.getpixel((5, 1_550))))
    assert seen == {(WHITE, BLUE), (WHITE, GREEN), (RED, BLUE), (RED, GREEN)}


def test_pages_with_the_tracking_code_show_the_variation_themselves(web: ConvertProject, site: Site) -> None:
    site.pages["/tracked"] = """<html><head><script>window.convert = {};
        addEventListener("load", () => {
            const [, experience, variation] = /_conv_eforce=(\\d+)\\.(\\d+)/.exec(location.search);
            document.body.style.background = "blue";
        });</script></head><body></body></html>"""
    experience = add(web, f"{site.url}/tracked?a=1#part", code(css="body { background: red !important }"))
    trigger(web, experience["id"])
    for info in taken(web, experience["id"]):
        assert picture(web, experience["id"], info["variation_id"]).getpixel((5, 5)) == BLUE


def test_pages_that_cannot_be_shown(web: ConvertProject, site: Site) -> None:
    site.pages["/inwards"] = "http://169.254.169.254/latest/meta-data"
    inner = site.url.replace("127.0.0.1", "127.0.0.2")
    site.pages["/frame"] = f"<html><body><iframe src='{inner}/secret'></iframe></body></html>"
    for path, time in (("/inwards", False), ("/frame", True)):
        experience = add(web, site.url + path)
        trigger(web, experience["id"])
        (info,) = taken(web, experience["id"])
        assert (info["last_taken_screenshot_time"] is not None) == time
    assert "/secret" not in site.visits
    closed = free_port()
    for url in (inner, f"http://[::1]:{closed}/", f"http://localhost:{closed}/", "http://nowhere.invalid/"):
        experience = add(web, url)
        trigger(web, experience["id"])
        (info,) = taken(web, experience["id"])
        assert info["last_taken_screenshot_time"] is None


def test_pages_reach_nothing_past_the_proxy(web: ConvertProject, site: Site) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(2)
        port = listener.getsockname()[1]
        site.pages["/calls"] = f"""<html><body><script>
            const call = new RTCPeerConnection({{iceServers: [{{urls: "stun:127.0.0.1:{port}"}},
                {{urls: "turn:127.0.0.1:{port}?transport=udp", username: "a", credential: "b"}}]}});
            call.createDataChannel("x");
            call.createOffer().then(offer => call.setLocalDescription(offer));
            </script></body></html>"""
        experience = add(web, site.url + "/calls")
        trigger(web, experience["id"])
        (info,) = taken(web, experience["id"])
        assert info["last_taken_screenshot_time"] is not None
        with pytest.raises(TimeoutError):
            listener.recv(2_000)


def test_a_page_that_takes_too_much_costs_no_other_picture(web: ConvertProject, site: Site) -> None:
    greedy = code(js="const kept = []; for (let i = 1; i < 64; i++) kept.push(new Uint8Array(64 << 20).fill(i));")
    experience = add(web, f"{site.url}/page", greedy, code(css="body { background: green !important }"))
    trigger(web, experience["id"])
    assert [info["last_taken_screenshot_time"] is not None for info in taken(web, experience["id"])] == [True, False, True]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_uploads_get_a_thumbnail(web: ConvertProject, kind: str) -> None:
    experience = add(web, "https://www.example.com/")
    id, variation = experience["id"], experience["variations"][0]["id"]
    content = encoded((640, 480), GREEN, kind)
    response = upload(web, id, variation, content)
    assert base64.b64decode(response.json()["data"]) == content
    assert picture(web, id, variation).size == (640, 480)
    thumb = decoded(upload(web, id, variation, content, size="thumb"))
    assert thumb.size == picture(web, id, variation, size="thumb").size == (320, 240)
    near = thumb.getpixel((10, 10))
    assert isinstance(near, tuple) and all(abs(a - b) < 8 for a, b in zip(near, GREEN, strict=True))
    (info,) = infos(web, id)
    assert info["last_taken_screenshot_time"] is not None and info["in_progress_since"] is None


def test_drawings_are_their_own_thumbnail(web: ConvertProject) -> None:
    experience = add(web, "https://www.example.com/")
    id, variation = experience["id"], experience["variations"][0]["id"]
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><path d="M0 0"/></svg>'
    for size in ({}, {"size": "thumb"}):
        kept = base64.b64decode(upload(web, id, variation, drawing, **size).json()["data"])
        assert b"onload" not in kept and b"<path" in kept


def test_uploads_stay_until_they_are_asked_away(web: ConvertProject, site: Site) -> None:
    experience = add(web, f"{site.url}/page")
    id, variation = experience["id"], experience["variations"][0]["id"]
    upload(web, id, variation, encoded((10, 10), GREEN))
    assert "uploaded" in trigger(web, id)["message"]
    assert picture(web, id, variation).size == (10, 10)
    trigger(web, id, variations=[variation], force_regenerate=True)
    assert_refused(web.post(KIND, id, "trigger-screenshots", body={"force_regenerate": True}), 409)
    (info,) = infos(web, id)
    assert info["in_progress_since"] is not None
    taken(web, id)
    assert picture(web, id, variation).size == (1_280, 1_600)


def bomb() -> bytes:
    """Few bytes, a picture of ten billion pixels."""
    content = bytearray(encoded((10, 10), RED))
    content[16:24] = (100_000).to_bytes(4, "big") * 2
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", encoded((10, 10), RED)[:40], bomb(), b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", b"x" * 6_000_000],
    ids=["empty", "text", "cut", "huge", "no image", "too long"],
)
def test_bad_uploads(web: ConvertProject, content: bytes) -> None:
    experience = add(web, "https://www.example.com/")
    id, variation = experience["id"], experience["variations"][0]["id"]
    refused = upload(web, id, variation, content)
    if refused.status_code != 413:
        assert_refused(refused, 422, "image")
    assert infos(web, id)[0]["last_taken_screenshot_time"] is None


def test_bad_requests(web: ConvertProject, launch: Launch) -> None:
    experience, other = add(web, "https://www.example.com/"), add(web, "https://www.example.com/")
    id, foreign = experience["id"], other["variations"][0]["id"]
    assert_refused(web.post(KIND, id, "trigger-screenshots", body={"variations": [foreign]}), 422, "variations[0]")
    assert_refused(web.post(KIND, 987_654_321, "trigger-screenshots", body={}), 404)
    assert_refused(shown(web, id, foreign), 404)
    assert_refused(upload(web, id, foreign, encoded((10, 10), RED)), 404)
    variation = experience["variations"][0]["id"]
    assert_refused(shown(web, id, variation, size="large"), 422, "size")
    assert_refused(shown(web, id, variation, force_download="perhaps"), 422, "force_download")


def test_without_a_browser(launch: Launch) -> None:
    server = launch({"SEXTANT_CHROMIUM": "/nowhere/chromium"})
    web, fullstack = convert_project(server, "web"), convert_project(server, "fullstack")
    experience = add(web, "https://www.example.com/")
    answer = assert_refused(web.post(KIND, experience["id"], "trigger-screenshots", body={}), 503)
    assert "SEXTANT_CHROMIUM" in str(answer["message"]) and "/nowhere/chromium" in str(answer["message"])
    feature = add(fullstack, "https://www.example.com/", type="a/b_fullstack")
    assert_refused(fullstack.post(KIND, feature["id"], "trigger-screenshots", body={}), 409)
