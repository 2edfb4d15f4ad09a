"""The domains of a project, and which of them a page belongs to."""

from collections.abc import Iterator

import pytest

from support.convert import Body, ConvertProject, assert_refused, convert_project
from support.convert_kinds import DOMAINS, fresh
from support.server import Launch
from support.site import Site


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("https://Shop.Example.COM", "https://shop.example.com"),
        ("https://a.example.org/", "https://a.example.org"),
        ("http://b.example.org:80", "http://b.example.org"),
        ("https://c.example.org:443/", "https://c.example.org"),
        ("https://d.example.org:8443", "https://d.example.org:8443"),
        ("https://*.e.example.org", "https://*.e.example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://f.example.org?x=1#y", "https://f.example.org"),
        # As browsers name it.
        ("https://*.Sh\u00f6p.example", "https://*.xn--shp-tna.example"),
    ],
)
def test_domains_are_normalised(web: ConvertProject, sent: str, kept: str) -> None:
    added = web.add("domains", {"url": sent})
    assert added["url"] == kept and added["code_installed"] is False
    assert web.get("domains", added["id"]) == added
    assert web.post("domains", "by_url", body={"url": kept.replace("*", "any")}, expect=200).json() == added
    assert web.update("domains", added["id"], {"url": sent})["url"] == kept
    other = DOMAINS.add(web)["id"]
    assert str(added["id"]) in web.post("domains", other, "update", body={"url": sent}, expect=409).json()["message"]
    web.post("domains", "add", body={"url": sent}, expect=409)


@pytest.mark.parametrize(
    "url",
    ["", "example.com", "ftp://example.com", "https://", "https:///path", "javascript:alert(1)", "https://a b.com",
     "https://example.com:99999", "https://example.com:x", "https://*", "https://a.*.com", "https://*example.com",
     "https://.example.com", "https://user:secret@example.com", "https://" + "a" * 150 + ".com", "//example.com",
     "https://exa\nmple.com", "https://<script>.com"],
)  # fmt: skip
def test_domains_that_are_none(web: ConvertProject, url: str) -> None:
    assert_refused(web.post("domains", "add", body={"url": url}), 422, "url")
    id = DOMAINS.add(web)["id"]
    assert_refused(web.post("domains", id, "update", body={"url": url}), 422, "url")


def test_domain_by_url(web: ConvertProject) -> None:
    word = fresh("sites").replace(" ", "-")
    exact, wild, port = (
        web.add("domains", {"url": url})
        for url in (f"https://shop.{word}.com", f"https://*.{word}.com", f"https://shop.{word}.com:8443")
    )

    def of(url: str) -> Body:
        found: Body = web.post("domains", "by_url", body={"url": url}, expect=200).json()
        return found

    for url in (f"https://shop.{word}.com", f"https://SHOP.{word}.com/", f"https://shop.{word}.com/cart?x=1#top"):
        assert of(url) == exact
    for url in (f"https://blog.{word}.com", f"https://a.b.{word}.com/x", f"https://*.{word}.com"):
        assert of(url) == wild
    assert of(f"https://shop.{word}.com:8443/x") == port
    for url in (
        f"https://{word}.org",
        f"https://{word}.com.evil.org",
        f"https://x{word}.com",
        f"https://a.x{word}.com",
    ):
        assert_refused(web.post("domains", "by_url", body={"url": url}), 404)
    for wrong in ({}, {"url": ""}, {"url": 7}, {"url": None}, {"url": "x" * 256}):
        assert_refused(web.post("domains", "by_url", body=wrong), 422, "url")
    web.delete("domains", exact["id"])
    assert of(f"https://shop.{word}.com") == wild


def test_domain_of_another_project(web: ConvertProject, fullstack: ConvertProject) -> None:
    url = DOMAINS.add(web)["url"]
    assert_refused(fullstack.post("domains", "by_url", body={"url": url}), 404)


# ---- the tracking code


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site.serve() as site:
        yield site


@pytest.fixture(scope="module")
def checking(launch: Launch) -> ConvertProject:
    """A project on a server that may fetch from one address of this machine."""
    return convert_project(launch({"SEXTANT_FETCH_NETWORKS": "127.0.0.1/32, 10.9.0.0/16"}), "web")


def test_check_code(checking: ConvertProject, site: Site) -> None:
    domain = checking.add("domains", {"url": site.url})
    snippet = checking.client.request("GET", checking.path(), expect=200).json()["tracking_snippet"]
    site.pages.update({
        "/none": "<html></html>",
        "/comment": f"<html><!-- {snippet} --></html>",
        "/other": f"<html>{snippet.replace(f'-{checking.id}.js', f'-{checking.id}1.js')}</html>",
        "/shop/page?x=1": f"<html><head>\n{snippet}</head></html>",
        "/moved": f"{site.url}/shop/page?x=1",
    })  # fmt: skip

    def check(path: str) -> bool:
        answer = checking.post("domains", domain["id"], "check_code", body={"url": site.url + path}, expect=200).json()
        assert answer["id"] == domain["id"]
        installed: bool = answer["code_installed"]
        return installed

    assert [check(path) for path in ("/none", "/comment", "/other")] == [False] * 3
    assert check("/moved")
    # Found once is found for good, and told once.
    assert check("/none") and check("/shop/page?x=1")
    assert checking.get("domains", domain["id"])["code_installed"]
    changes = [change for change in checking.changes(domains=[domain["id"]]) if change["event"] == "update"]
    assert [change["changes"] for change in changes] == [
        {"old": {"code_installed": False}, "new": {"code_installed": True}}
    ]


def test_pages_that_cannot_be_checked(checking: ConvertProject, site: Site) -> None:
    domain = checking.add("domains", {"url": f"{site.url}/below"})
    site.pages["/below/inwards"] = site.url.replace("127.0.0.1", "127.0.0.2")
    for url in (
        f"{site.url}/below/missing",
        f"{site.url}/below/inwards",
        f"{site.url}/elsewhere",
        f"{site.url}/belowish",
        "https://elsewhere.example/",
        "file:///etc/passwd",
        "http://",
        "",
    ):
        refused = checking.post("domains", domain["id"], "check_code", body={"url": url})
        assert_refused(refused, 422, "url")
    assert_refused(checking.post("domains", domain["id"], "check_code", body={}), 422, "url")
    assert_refused(checking.post("domains", 987654321, "check_code", body={"url": site.url}), 404)
    assert not checking.get("domains", domain["id"])["code_installed"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "127.1", "2130706433"])
def test_no_page_of_a_private_network_is_fetched(web: ConvertProject, site: Site, host: str) -> None:
    url = site.url.replace("127.0.0.1", host)
    domain = web.add("domains", {"url": url})
    answer = web.post("domains", domain["id"], "check_code", body={"url": f"{url}/none"})
    assert "public internet" in assert_refused(answer, 422, "url")["message"]
