"""The documents against the program: links, examples, settings, reasons and commands are all as they say."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from support.client import SEXTANT, Client
from support.convert import convert_project
from support.follower import MARKS, Follower
from support.people import new_person
from support.polling import wait_until
from support.server import REPOSITORY, Launch, Sextant, binary
from support.serving import add

DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] + sorted(
    str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "docs").glob("**/*.md")
)
# Blocks with one of these lines build or serve for ever, and are left out.
CANNOT_RUN = ["make run", "swift build"]
# What examples have counted as rejected, to show it.
COUNTED = {"docs/ingestion.md": ["unknown_field"]}


def read(document: str) -> str:
    return (REPOSITORY / document).read_text(encoding="utf-8")


def blocks(document: str) -> list[tuple[str, str]]:
    """The fenced blocks: what they are marked as, and what they hold."""
    return re.findall(r"^```(.*)\n((?s:.*?))^```$", read(document), re.MULTILINE)


# Every block of a mark that is followed is run as it stands in these; see `test_examples_work`.
WITH_EXAMPLES = [document for document in DOCUMENTS if any(mark in MARKS for mark, _ in blocks(document))]


def prose(document: str) -> str:
    return re.sub(r"^```.*\n(?s:.*?)^```$", "", read(document), flags=re.MULTILINE)


def section(document: str, heading: str) -> str:
    """From a heading of the second level to the next."""
    found = re.search(rf"^## {heading}\n((?s:.*?))(?=^## |\Z)", read(document), re.MULTILINE)
    assert found, f"{document} has no section {heading}"
    return found[1]


# ---- links and names


def anchors(document: Path) -> set[str]:
    """What can follow `#`, as GitHub makes it of headings."""
    headings = re.findall(r"^#+ (.+)$", prose(str(document.relative_to(REPOSITORY))), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    dead: list[str] = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (REPOSITORY / document).parent / path if path else REPOSITORY / document
        target = target.resolve()
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert not dead


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_and_tests_that_are_named_exist(document: str) -> None:
    absent: list[str] = []
    for name in re.findall(r"`([\w./-]+)", prose(document)):
        if re.match(r"(Tests|docs|scripts|Sources)/", name):
            exists = (REPOSITORY / name).exists()
        elif re.fullmatch(r"test_\w+\.py", name):
            exists = (REPOSITORY / "Tests/e2e" / name).exists()
        elif re.fullmatch(r"\w+Tests", name):
            exists = any(path.stem == name for path in (REPOSITORY / "Tests").glob("**/*Tests*"))
        else:
            continue
        if not exists:
            absent.append(name)
    assert not absent


def named_tests(text: str) -> list[tuple[str, str]]:
    """Tests that are named: file or suite, and function."""
    return re.findall(r"`(test_\w+\.py|\w+Tests)::(\w+)`", text)


def test_tests_that_are_named_are_there() -> None:
    absent: list[str] = []
    for document in DOCUMENTS:
        for place, name in named_tests(read(document)):
            sources = (REPOSITORY / "Tests").glob(f"**/{place}" if place.endswith(".py") else f"**/{place}.swift")
            head = rf"^(async )?def {name}\(" if place.endswith(".py") else rf"@Test.*(\n.*)?\bfunc {name}\("
            if not any(re.search(head, source.read_text(encoding="utf-8"), re.MULTILINE) for source in sources):
                absent.append(f"{document}: {place}::{name}")
    assert not absent


ASVS = [
    *[f"6.2.{number}" for number in range(1, 10)], "6.3.8", "6.5.1", "6.5.5", "7.1.1", "7.2.3", "7.2.4", "7.4.2", "7.5.2", "8.4.1", "1.2.10",
    "1.5.3", "5.2.3", "16.2.5", "16.3.1", "16.3.2", "16.5.1",
]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "items"), [("OWASP ASVS 5.0", ASVS), ("OWASP API Security Top 10, 2023", [f"API{number}" for number in range(1, 11)])]
)
def test_each_item_of_a_standard_has_a_test(heading: str, items: list[str]) -> None:
    rows = [line.strip("| ").split(" | ") for line in section("docs/threat_model.md", heading).splitlines() if line.startswith("| ")]
    by_item = {row[0].split(" ")[0]: row for row in rows[1:]}
    assert set(by_item) == set(items) and len(by_item) == len(rows) - 1
    assert not [item for item, row in by_item.items() if len(row) != 3 or not row[1] or not named_tests(row[2])]


def test_there_are_links() -> None:
    """Should the pattern of links ever fail to match, the tests above would be content."""
    links = [link for document in DOCUMENTS for link in re.findall(r"\]\(([^)]+)\)", prose(document))]
    assert len(links) > 10 and any("#" in link for link in links)


# ---- examples


def is_run(text: str) -> bool:
    return not any(line.startswith(word) for line in text.splitlines() for word in CANNOT_RUN)


def test_hardly_an_example_is_left_out() -> None:
    left_out: list[str] = []
    for document in WITH_EXAMPLES:
        for mark, text in blocks(document):
            if mark in MARKS:
                left_out += [] if is_run(text) else [text]
            else:
                assert not re.search(r"\b(curl|sextant) ", text), f"{document}: mark this block sh:\n{text}"
    assert len(left_out) == len(CANNOT_RUN) <= 3
    assert not any(re.search(r"\b(curl|sextant) ", text) for text in left_out)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Path]:
    """A folder with the `sextant` under test, and a `curl` that fails when the answer is no success."""
    curl = shutil.which("curl")
    assert curl, "the examples need curl"
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sextant").symlink_to(binary())
    (folder / "curl").write_text(f'#!/bin/sh\nexec {curl} --fail-with-body "$@"\n')
    (folder / "curl").chmod(0o755)
    yield folder


def are_done(client: Client) -> bool:
    jobs = client.get("/v1/background_jobs").json() + client.get("/api/v1/analytics/exports/jobs").json()
    return all(job["status"] in ("completed", "failed") for job in jobs)


def secrets(server: Sextant, client: Client) -> dict[str, str]:
    """What documents call the keys that `sextant init` prints, or that they have made by then."""
    convert, fullstack = server.credentials["convert"], server.credentials["projects"]["fullstack"]
    px = client.post(f"{SEXTANT}/keys", {"label": "PX", "kind": "gainsight_px"}, expect=201).json()
    return {
        "TOKEN": client.token,
        "PX_KEY": px["token"],
        "KEY": f"{convert['application_id']}:{convert['secret']}",
        "SDK_KEY": fullstack["sdk_key"],
        "SDK_SECRET": fullstack["sdk_secret"],
    }


def new_experience(server: Sextant) -> str:
    """A running one with a goal, which nobody has seen."""
    project = convert_project(server, "fullstack")
    goal = project.add("goals", {"name": "Order", "key": "order", "type": "code_trigger"})
    return str(add(project, [50, 50], goals=[goal["id"]])["id"])


@pytest.mark.parametrize("document", WITH_EXAMPLES)
def test_examples_work(document: str, request: pytest.FixtureRequest, launch: Launch, programs: Path, tmp_path: Path) -> None:
    """One after the other in one folder, each after the jobs of the one before; no event of theirs is rejected."""
    # Whoever sets its server up otherwise has one of its own.
    is_configured = any(mark == "conf" for mark, _ in blocks(document))
    server = launch() if is_configured else request.getfixturevalue("server")
    client = server.new_environment()
    new_person(server, "admin", email="ann@example.com")
    environment = {**secrets(server, client), "PATH": f"{programs}:{os.environ['PATH']}"}
    if "$EXPERIENCE" in read(document):
        environment["EXPERIENCE"] = new_experience(server)
    with Follower(server, tmp_path, environment) as follower:
        before = ""
        for mark, text in blocks(document):
            if mark == "json" and before == "sh":
                follower.compare(text)
            before = mark
            if mark not in MARKS or not is_run(text):
                continue
            follower.follow(mark, text)
            # At another address, where the server was set up anew.
            client = server.client(client.token)
            wait_until(partial(are_done, client), f"the jobs of\n{text}")
    counted = [one["reason"] for one in client.get(f"{SEXTANT}/ingestion/rejections").json()]
    assert counted == COUNTED.get(document, [])
    for job in client.get("/v1/background_jobs").json():
        assert job["status"] == "completed" and job["completed_rows"] > 0 == job["failed_rows"], job


# ---- settings and commands


def help_of(*command: str) -> str:
    shown = subprocess.run([binary(), *command, "--help"], capture_output=True, text=True, timeout=60, check=True)
    return shown.stdout


def commands() -> list[str]:
    return re.findall(r"^  (\w+)  ", help_of().partition("SUBCOMMANDS:")[2], re.MULTILINE)


def settings(text: str) -> set[str]:
    """Variables and flags; those that every command has are left out."""
    return set(re.findall(r"(?<![\w-])(?:SEXTANT_[A-Z_]*[A-Z]|--[a-z][a-z-]*[a-z])", text)) - {"--help", "--version"}


def test_settings_are_those_of_the_server() -> None:
    documented = section("docs/operations.md", "Settings").replace("serve --help", "")
    assert settings(documented) == settings(help_of("serve"))
    assert "SEXTANT_PORT" in settings(documented) and "--port" in settings(documented)


def test_no_document_names_a_setting_that_is_none() -> None:
    known: set[str] = set().union(*(settings(help_of(command)) for command in commands()))
    # Besides those of the tests themselves.
    for test in (REPOSITORY / "Tests/e2e").glob("*.py"):
        known |= set(re.findall(r'environ\.get\("(SEXTANT_\w+)"', test.read_text(encoding="utf-8")))
    for document in WITH_EXAMPLES:
        named = {name for name in settings(prose(document)) if name.startswith("SEXTANT_")}
        assert named <= known, document
    assert settings(prose("docs/operations.md")) <= known


def test_commands_are_named() -> None:
    named = set(re.findall(r"\bsextant (\w+)", read("README.md") + read("docs/operations.md")))
    assert {"init", "serve"} <= set(commands()) <= named
    listed = re.findall(r"^\| `sextant (\w+)` \|", section("docs/operations.md", "Commands"), re.MULTILINE)
    assert listed == commands()


# ---- questions


def test_questions_have_short_answers_that_lead_on() -> None:
    questions = re.findall(r"^### (.+)\n\n((?s:.*?))(?=\n##|\Z)", read("docs/guides/questions-and-answers.md"), re.MULTILINE)
    assert 20 <= len(questions) <= 30
    for question, answer in questions:
        # Periods within names, such as `3.9`, end no sentence.
        sentences = re.findall(r"[.!?](?=\s|$)", answer)
        assert question.endswith("?") and "](" in answer and 1 <= len(sentences) <= 4, question


# ---- rejections


def reasons_in_sources() -> set[str]:
    enumeration = read("Sources/Capabilities/Product/Events/Decoding/EventRejection.swift")
    reasons = {given or name for name, given in re.findall(r'^ +case (\w+)(?: = "(\w+)")?$', enumeration, re.MULTILINE)}
    for path in (REPOSITORY / "Sources").glob("**/*.swift"):
        reasons |= set(re.findall(r'\brecord\([^)]*?reason: "(\w+)"', path.read_text(encoding="utf-8")))
    return reasons


def test_every_reason_for_a_rejection_is_explained() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|(.*)\|$", section("docs/ingestion.md", "Rejection reasons"), re.MULTILINE)
    assert all(meaning.strip() and way_out.strip() for _, meaning, way_out in rows)
    explained = [reason for reason, _, _ in rows]
    assert len(explained) == len(set(explained)) and set(explained) == reasons_in_sources()
    assert {"missing_field", "malformed", "property_limit", "catalogue_limit"} <= set(explained)
