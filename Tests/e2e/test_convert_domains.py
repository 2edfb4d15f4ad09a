"""The domains of a project, and which of them a page belongs to."""

import pytest

from support.convert import Body, ConvertProject, assert_refused
from support.convert_kinds import DOMAINS, fresh


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
