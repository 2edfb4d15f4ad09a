"""The reference at /docs: every page, every example, search and the box for a key in a real browser."""

import ast
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
import yaml
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator

from support.browser import Browser, open_browser
from support.server import Sextant

NAMES = ["userpilot", "sextant", "gainsight-px", "convert", "convert-serving"]
# Contrast of text against what is behind it, by the Web Content Accessibility Guidelines, level AA.
CONTRAST = 4.5


class Page(HTMLParser):
    """What a page links to, its anchors, and the examples of each operation."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.examples: list[tuple[str, dict[str, str], str]] = []
        self.scripts: list[str] = []
        self._operation = ""
        self._open: dict[str, str] | None = None
        self._text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self.anchors.add(attributes["id"])
        if attributes.get("class") == "columns":
            self._operation = attributes["id"]
        if tag in ("a", "link"):
            self.links.append(attributes["href"])
        if tag == "script":
            self.scripts.append(attributes.get("src", ""))
        assert "style" not in attributes and not any(name.startswith("on") for name in attributes)
        if tag == "pre":
            self._open, self._text = attributes, []

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre" and self._open is not None:
            self.examples.append((self._operation, self._open, "".join(self._text)))
            self._open = None


@pytest.fixture(scope="module")
def pages(server: Sextant) -> dict[str, Page]:
    """All pages that the first one leads to."""
    found: dict[str, Page] = {}
    waiting = ["/docs"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = requests.get(server.base_url + path, timeout=60)
        assert answer.status_code == 200, path
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy
        found[path] = Page(answer.text)
        targets = [urlsplit(urljoin(path, link)) for link in found[path].links]
        assert not any(target.netloc for target in targets), "nothing comes from elsewhere"
        waiting += [target.path for target in targets if re.fullmatch(r"/docs(/[\w-]+)*", target.path)]
    return found


@cache
def contract(base_url: str, name: str) -> Any:
    return yaml.safe_load(requests.get(f"{base_url}/openapi/{name}.yaml", timeout=30).text)


def resolved(document: Any, node: Any) -> Any:
    while "$ref" in node:
        reference, node = node["$ref"], document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


def operations(document: Any) -> dict[str, Any]:
    return {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }


def test_every_link_leads_somewhere(server: Sextant, pages: dict[str, Page]) -> None:
    assert len(pages) > 50
    for path, page in pages.items():
        assert page.scripts == ["/docs/reference.js"]
        for link in page.links:
            target = urlsplit(urljoin(path, link))
            if target.path in pages:
                assert not target.fragment or target.fragment in pages[target.path].anchors, f"{path}: {link}"
            else:
                assert requests.head(server.base_url + target.path, timeout=30).status_code == 200, f"{path}: {link}"


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_has_examples_that_its_contract_takes(
    server: Sextant, pages: dict[str, Page], name: str
) -> None:
    document = contract(server.base_url, name)
    described = operations(document)
    base = f"/docs/{name}/"
    examples = [one for path, page in pages.items() if path.startswith(base) for one in page.examples]
    languages = {(operation, attributes.get("data-language")) for operation, attributes, _ in examples}
    for operation in described:
        assert {(operation, language) for language in ("curl", "python", "javascript")} <= languages
    bodies = answers = 0
    for operation, attributes, text in examples:
        match attributes.get("data-language"), attributes.get("data-type"):
            case "curl", _:
                bodies += check_curl(document, described[operation], text)
            case "python", _:
                ast.parse(text)
            case _, "application/json":
                answers += check_answer(document, described[operation], attributes["data-status"], text)
    with_body = [one for one in described.values() if "application/json" in request_content(document, one)]
    assert bodies == len(with_body) and answers > 0


def request_content(document: Any, operation: Any) -> Any:
    return resolved(document, operation.get("requestBody", {})).get("content", {})


def check_curl(document: Any, operation: Any, text: str) -> int:
    words = shlex.split(text.replace("\\\n", " "))
    assert words[0] == "curl" and urlsplit(words[3] if words[1] == "-X" else words[1]).path.startswith("/")
    if "-d" not in words:
        return 0
    body = json.loads(words[words.index("-d") + 1])
    schema = request_content(document, operation)["application/json"]["schema"]
    validator = OAS30WriteValidator({"allOf": [schema], "components": document["components"]})
    assert not [error.message for error in validator.iter_errors(body)], operation["operationId"]
    return 1


def check_answer(document: Any, operation: Any, status: str, text: str) -> int:
    schema = resolved(document, operation["responses"][status])["content"]["application/json"]["schema"]
    validator = OAS30ReadValidator({"allOf": [schema], "components": document["components"]})
    wrong = [f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(json.loads(text))]
    assert not wrong, operation["operationId"]
    return 1


def example(pages: dict[str, Page], interface: str, operation: str, language: str) -> str:
    for path, page in pages.items():
        for name, attributes, text in page.examples:
            if (
                path.startswith(f"/docs/{interface}/")
                and name == operation
                and attributes.get("data-language") == language
            ):
                return text
    raise AssertionError(operation)


@pytest.mark.parametrize(
    "operation",
    [
        "userpilot.trackEvent", "userpilot.identifyUser", "userpilot.bulkIdentifyUsers", "userpilot.listExportJobs",
        "sextant.ingestEvents", "sextant.listSegments", "sextant.runQuery", "gainsight-px.createUser",
    ],
)  # fmt: skip
def test_examples_work_as_they_stand(server: Sextant, pages: dict[str, Page], tmp_path: Path, operation: str) -> None:
    environment = server.new_environment()
    token = environment.token
    interface, operation = operation.split(".")
    if interface == "gainsight-px":
        token = environment.post("/api/sextant/v1/keys", {"label": "px", "kind": "gainsight_px"}, expect=201).json()[
            "token"
        ]
    for language, command in (("curl", ["bash", "-e"]), ("python", [sys.executable])):
        text = example(pages, interface, operation, language).replace("http://localhost:8080", server.base_url)
        text = text.replace("Token KEY", f"Token {token}").replace(
            "X-APTRINSIC-API-KEY: KEY", f"X-APTRINSIC-API-KEY: {token}"
        )
        text = text.replace('"X-APTRINSIC-API-KEY": "KEY"', f'"X-APTRINSIC-API-KEY": "{token}"')
        text = text.replace("curl ", "curl --fail-with-body -sS ")
        script = tmp_path / language
        script.write_text(text)
        done = subprocess.run([*command, str(script)], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"


def test_pages_are_kept_by_clients(server: Sextant) -> None:
    url = f"{server.base_url}/docs/convert/goals"
    packed = requests.get(url, timeout=30)
    assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["Vary"] == "Accept-Encoding"
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=30)
    assert "Content-Encoding" not in plain.headers and plain.content == packed.content
    again = requests.get(url, headers={"If-None-Match": packed.headers["ETag"]}, timeout=30)
    assert again.status_code == 304 and again.content == b""
    for path in ("/docs/nothing", "/docs/convert/nothing", "/docs/convert/goals/more", "/docs/..%2fsecret"):
        assert requests.get(server.base_url + path, timeout=30).status_code == 404


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with open_browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened
        # What the console and the policy say of all that the tests below have done.
        assert opened.complaints == []


@pytest.mark.parametrize("width", [360, 390, 768, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_pages_fit_any_window(server: Sextant, browser: Browser, width: int, dark: bool) -> None:
    browser.resize(width, 844, dark=dark)
    for path in (
        "/docs",
        "/docs/convert",
        "/docs/convert/experiences",
        "/docs/convert/schemas",
        "/docs/sextant/webhooks",
    ):
        browser.open(server.base_url + path)
        browser.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert browser.evaluate(LOW_CONTRAST) == [], path


# Each pair of colours of a text and what is behind it, of which there are few; those that are too close.
LOW_CONTRAST = f"""(() => {{
  const light = (colour) => {{
    const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => {{
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    }});
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }};
  const found = new Set();
  for (const element of document.querySelectorAll("body *")) {{
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasText || !element.checkVisibility()) continue;
    let behind = element;
    while (behind && getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
    const pair = [getComputedStyle(element).color, getComputedStyle(behind ?? document.body).backgroundColor];
    const [one, other] = pair.map(light).sort((a, b) => b - a);
    if ((one + 0.05) / (other + 0.05) < {CONTRAST}) found.add(`${{element.className}} ${{pair.join(" on ")}}`);
  }}
  return [...found];
}})()"""


def test_search_finds_by_keyboard(server: Sextant, browser: Browser) -> None:
    browser.resize(1440, 900)
    browser.open(f"{server.base_url}/docs")
    browser.press("/")
    assert browser.evaluate("document.activeElement.id") == "search"
    browser.type("create goal")
    browser.wait("document.querySelectorAll('#hits [role=option]').length > 1")
    first = "document.querySelector('#hits [aria-selected=true]')"
    assert browser.evaluate(f"{first}.textContent").startswith("POST Create goal")
    browser.press("ArrowDown")
    assert browser.evaluate(f"{first}.id") == "hit-1"
    browser.press("ArrowUp")
    browser.press("Enter")
    browser.wait("location.pathname === '/docs/convert/goals' && location.hash === '#createGoal'")
    browser.wait("document.getElementById('createGoal')?.closest('details').open")
    # A field leads to the schema that has it.
    browser.press("/")
    browser.type("traffic_distribution")
    browser.wait("document.querySelectorAll('#hits [role=option] .kind').length > 0")
    browser.press("Escape")
    assert browser.evaluate("document.getElementById('hits').hidden")
    browser.press("/")
    browser.type("no such thing anywhere")
    browser.wait("document.querySelector('#hits .none') !== null")


def test_the_key_fills_the_examples_of_its_tab_only(server: Sextant, browser: Browser) -> None:
    browser.resize(1440, 900)
    browser.open(f"{server.base_url}/docs/userpilot/ingestion#trackEvent")
    shown = "document.querySelector('#trackEvent .curl').textContent"
    assert f"'{server.base_url}/v1/track'" in browser.evaluate(shown) and "Token KEY'" in browser.evaluate(shown)
    token = server.new_environment().token
    browser.evaluate("document.getElementById('key').focus()")
    browser.type(token)
    assert f"Token {token}'" in browser.evaluate(shown)
    # Another page of the interface knows it, another interface does not, and nothing outlasts the tab.
    browser.open(f"{server.base_url}/docs/userpilot/export")
    assert token in browser.evaluate("document.querySelector('#listExportJobs .curl').textContent")
    # The example is a program that works, here in the page itself.
    program = browser.evaluate("document.querySelector('#listExportJobs .javascript').textContent")
    program = program.replace("console.log(answer.status, await answer.json())", "return answer.status")
    assert browser.evaluate(f"(async () => {{ {program} }})()") == 200
    assert browser.evaluate("localStorage.length") == 0 and browser.evaluate("document.cookie") == ""
    browser.open(f"{server.base_url}/docs/gainsight-px/users")
    assert token not in browser.evaluate("document.body.textContent")
    # What could end a quote is not taken.
    browser.evaluate("document.getElementById('key').focus()")
    browser.type("a'; rm -rf /")
    assert "rm -rf" not in browser.evaluate("document.querySelector('#createUser .curl').textContent")
    assert browser.evaluate("document.getElementById('key-fault').textContent") != ""


def test_an_sdk_key_fills_address_and_header(server: Sextant, browser: Browser) -> None:
    browser.open(f"{server.base_url}/docs/convert-serving/project-config#getProjectConfigBySdkKey")
    browser.evaluate("document.getElementById('key').focus()")
    browser.type("1001-17:5ec7e7")
    text = browser.evaluate("document.querySelector('#getProjectConfigBySdkKey .curl').textContent")
    assert "/config/1001-17'" in text and "Bearer 5ec7e7'" in text


def test_the_language_stays(server: Sextant, browser: Browser) -> None:
    browser.open(f"{server.base_url}/docs/convert/goals#createGoal")
    seen = (
        "[...document.querySelectorAll('#createGoal .code')].filter((one) => one.checkVisibility())"
        ".map((one) => one.dataset.language)"
    )
    browser.wait(f"{seen}.length === 1")
    browser.evaluate("document.getElementById('language-python').click()")
    assert browser.evaluate(seen) == ["python"]
    browser.open(f"{server.base_url}/docs/userpilot/ingestion#trackEvent")
    assert browser.evaluate(seen.replace("createGoal", "trackEvent")) == ["python"]
    browser.evaluate("sessionStorage.clear()")


def test_all_is_there_without_scripts(server: Sextant, browser: Browser) -> None:
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(f"{server.base_url}/docs/convert/goals#createGoal")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    # The browser opens what an address names by itself, and nothing is offered that does not work.
    seen = "document.querySelector('#createGoal .curl').checkVisibility()"
    assert browser.evaluate(seen) and not browser.evaluate("document.getElementById('search').checkVisibility()")
    assert browser.evaluate("document.querySelector('#createGoal .origin').textContent") == "http://localhost:8080"


def test_the_keyboard_reaches_all_and_shows_where_it_is(server: Sextant, browser: Browser) -> None:
    browser.resize(1440, 900)
    browser.open(f"{server.base_url}/docs/convert/goals")
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(60):
        browser.press("Tab")
        style = browser.evaluate(
            "(() => { const one = document.activeElement;"
            " const shown = one.type === 'radio' ? one.nextElementSibling : one; const style = getComputedStyle(shown);"
            " return [one.tagName, one.id, style.outlineStyle, style.outlineWidth]; })()"
        )
        assert style[2] != "none" and style[3] == "3px", style
        seen.add(style[0])
        if style[0] == "SUMMARY":
            break
    assert {"A", "INPUT", "SUMMARY"} <= seen
    browser.press("Enter")
    browser.wait("document.querySelector('details.operation').open")
