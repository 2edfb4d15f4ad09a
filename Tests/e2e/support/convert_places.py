"""Projects with what the addresses of Convert's operations name."""

import base64
import copy
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from schemathesis import Case

from .convert import Body, ConvertClient, ConvertProject, Operation, contract, form
from .convert_kinds import DOMAINS, KINDS, fresh

EXPERIENCES = {
    "Experiences", "Experience Variations", "Experience Sections", "Section Versions", "Version Changes",
    "Experiences Reports",
}  # fmt: skip
# One pixel.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"

# A page that no browser of the server's gets to see.
URL = "http://localhost/"
PAGES = [{"id": "a", "name": "Start", "url": URL}]
# The least that a change of each type holds.
CHANGES: dict[str, Body] = {
    "richStructure": {"js": "one()"},
    "customCode": {"css": None, "js": "one()"},
    "defaultCode": {"css": None, "js": "one()", "custom_js": None},
    "defaultRedirect": {"original_pattern": URL, "variation_pattern": f"{URL}other"},
    "defaultCodeMultipage": {"page_id": "a"},
    "fullStackFeature": {"variables_data": {}},
}
# The experiences that take what an a/b does not.
SPECIAL = {"defaultRedirect": "split_url", "defaultCodeMultipage": "multipage", "fullStackFeature": "a/b_fullstack"}
FULLSTACK_TYPES = {"a/b_fullstack", "feature_rollout"}


def tags_of(operation: Operation) -> set[str]:
    return set(contract()["paths"][operation.path][operation.method.lower()]["tags"])


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def new_key(project: ConvertProject) -> str:
    """Not the key that signs: with that one deleted, all else would be answered 401."""
    path = f"/accounts/{project.client.account_id}/api-keys/add"
    identifier: str = project.client.request("POST", path, {"name": fresh("key")}, expect=201).json()["key_id"]
    return identifier


def new_sdk_key(project: ConvertProject) -> str:
    body = {"name": fresh("SDK"), "environment": "production"}
    key: str = project.post("sdk-keys", "create", body=body, expect=201).json()["sdk_key"]
    return key


def new_image(project: ConvertProject) -> str:
    body, content_type = form({"image_name": f"{fresh('image')}.gif".encode(), "image": GIF})
    made = project.client.request("POST", project.path("images", "add"), body, content_type=content_type, expect=201)
    key: str = made.json()["key"]
    return key


MAKERS: dict[str, Callable[[ConvertProject], int | str]] = {
    "key_id": new_key,
    "sdk_key": new_sdk_key,
    "image_key": new_image,
    **{f"{kind.object}_id": lambda project, kind=kind: kind.add(project)["id"] for kind in KINDS},
    **{f"{kind.object}_key": lambda project, kind=kind: kind.add(project)["key"] for kind in KINDS if kind.has_key},
}


# What new_experience() makes: they name each other's parts.
PARTS = {"experience_id", "experience_key", "variation_id", "change_id", "section_id", "version_id"}


def new_experience(project: ConvertProject, type: str, change: Body) -> dict[str, int | str]:
    """What names a draft and its parts, by the parameters of addresses: its last variation makes the change."""
    body: Body = {"name": fresh("experience"), "type": type, "status": "draft", "url": URL}
    if type == "multipage":
        body["multipage_pages"] = PAGES
    if type != "mvt":
        first = [] if type == "deploy" else [{"name": "Original"}]
        body["variations"] = [*first, {"name": "Other", "changes": [change]}]
    made = project.add("experiences", body)
    things = {"experience_id": made["id"], "experience_key": made["key"]}
    if type == "mvt":
        section = {"id": "s", "name": "Section", "versions": [{"id": "x"}, {"id": "y", "changes": [change]}]}
        project.post("experiences", made["id"], "sections", "add", body=section, expect=201)
        things |= {"section_id": "s", "version_id": "y"}
    shown = project.get("experiences", made["id"], **{"expand[]": ["variations", "variations.changes"]})
    last = shown["variations"][-1]
    return {**things, "variation_id": last["id"], "change_id": last["changes"][0]["id"]}


def upload_screenshot(project: ConvertProject, things: dict[str, int | str]) -> None:
    body, content_type = form({"image": PNG})
    path = project.path("experiences", things["experience_id"], "variations", things["variation_id"], "screenshot")
    project.client.request("POST", path, body, content_type=content_type, expect=200)


def takes(type: str, change: str) -> bool:
    """Whether experiences of the type may hold changes of the type."""
    if type in FULLSTACK_TYPES or change in SPECIAL:
        return SPECIAL.get(change) == ("a/b_fullstack" if type in FULLSTACK_TYPES else type)
    return change != "defaultCode" or type not in SPECIAL.values()


def alters(operation: Operation) -> bool:
    """Whether what its address or body names is another after it, or gone."""
    if not tags_of(operation) & EXPERIENCES or operation.method == "GET":
        return operation.path.endswith("delete")
    return operation.path.endswith(("delete", "update", "sections/add", "versions/add", "{change_id}"))


def named(operation: Operation) -> list[str]:
    """The parameters of the address behind account and project."""
    return [name for name in re.findall(r"\{(\w+)\}", operation.path) if name not in ("account_id", "project_id")]


class Place:
    """A new project, in which things are made as the requests to one operation need them."""

    def __init__(self, client: ConvertClient, operation: Operation) -> None:
        self.client = client
        self.operation = operation
        fullstack = tags_of(operation) & {"Features", "SDK Keys"}
        self.projects: dict[str, ConvertProject] = {}
        self.project = self.project_of_type("fullstack" if fullstack else "web")
        self.things: dict[str, int | str] = {}
        # Of the experience that is made, and of the change in it.
        self.type, self.change = "", ""

    def project_of_type(self, type: str) -> ConvertProject:
        if type not in self.projects:
            body = {"name": fresh(self.operation.name), "project_type": type}
            path = f"/accounts/{self.client.account_id}/projects/add"
            made = self.client.request("POST", path, body, expect=201).json()
            self.projects[type] = ConvertProject(self.client, made["id"])
        return self.projects[type]

    def thing(self, name: str) -> int | str:
        if name not in self.things:
            if name in PARTS:
                change = {"type": self.change, "data": self.least(self.change)}
                self.things |= new_experience(self.project, self.type, change)
                if self.operation.name == "getExperienceVariationScreenshot":
                    upload_screenshot(self.project, self.things)
            else:
                self.things[name] = MAKERS[name](self.project)
        return self.things[name]

    def bulk_thing(self) -> int | None:
        """What is meant by an id in the body of a bulk request."""
        if not self.operation.path.endswith(("/bulk-update", "/bulk-delete")):
            return None
        if "Projects" in tags_of(self.operation):
            return self.project.id
        word = self.operation.path.split("/")[-2]
        if word == "experiences":
            return int(self.thing("experience_id"))
        kind = next(kind for kind in KINDS if kind.path == word)
        return int(self.thing(f"{kind.object}_id"))

    def furnish(self, case: Case, is_real: bool) -> None:
        """Has the request name what is there, unless its address is wrong on purpose."""
        meta = case.meta
        assert meta is not None
        wrong = {location.value for location, part in meta.components.items() if part.mode.is_negative}
        if tags_of(self.operation) & EXPERIENCES:
            self.suit(case.body if is_real and "body" not in wrong and isinstance(case.body, dict) else {})
        if "path" not in wrong:
            ids = {"account_id": self.client.account_id, "project_id": self.project.id}
            case.path_parameters.update({name: id for name, id in ids.items() if name in case.path_parameters})
            if is_real:
                case.path_parameters.update({name: self.thing(name) for name in named(self.operation)})
        if is_real and "body" not in wrong and isinstance(case.body, dict):
            self.fill(case.body)

    def fill(self, body: dict[str, Any]) -> None:
        """Has a valid body hold what only a reader of the documentation knows."""
        if isinstance(body.get("name"), str):
            body["name"] = fresh("name")
        if isinstance(body.get("key"), str):
            body["key"] = fresh("key").replace(" ", "-")
        if isinstance(body.get("settings"), dict) and "time_zone" in body["settings"]:
            body["settings"]["time_zone"] = "Europe/London"
        match self.operation.name:
            case "getDomainByUrl":
                body["url"] = self.project.get("domains", self.thing("domain_id"))["url"]
            case "createDomain" | "updateDomain":
                body["url"] = DOMAINS.body(fresh("site"))["url"]
        if "SDK Keys" in tags_of(self.operation) and "environment" in body:
            body["environment"] = "production"
        bulk = self.bulk_thing() if body.get("id") else None
        if bulk is not None:
            body["id"] = [bulk, *body["id"][1:]]
        if tags_of(self.operation) & EXPERIENCES:
            self.fill_experience(body)

    def forget(self) -> None:
        """The things may be gone."""
        self.things.clear()

    # ---- experiences

    def suit(self, body: Body) -> None:
        """Chooses the experience in which a request makes sense: all changes in it are of one experience's types."""
        changes = [node["type"] for node in nodes(body) if isinstance(node.get("data"), dict) and "type" in node]
        changes = [change for change in changes if change in CHANGES]
        type = "a/b"
        if self.operation.name in ("createExperience", "updateExperience"):
            type = "multipage" if body.get("multipage_pages") else body.get("type", type)
        if tags_of(self.operation) & {"Experience Sections", "Section Versions"}:
            type = "mvt"
        elif changes and not takes(type, changes[0]):
            type = SPECIAL.get(changes[0], "a/b")
        usual = "fullStackFeature" if type in FULLSTACK_TYPES else "customCode"
        change = next((change for change in changes if takes(type, change)), usual)
        if (type, change) != (self.type, self.change):
            self.forget()
            self.type, self.change = type, change
            self.project = self.project_of_type("fullstack" if type in FULLSTACK_TYPES else "web")

    def least(self, change: str) -> Body:
        """The data of a change of the type."""
        of_type = {"feature_id": self.thing("feature_id")} if change == "fullStackFeature" else {}
        return {**CHANGES[change], **of_type, **({"page_id": "a"} if self.type == "multipage" else {})}

    def fill_experience(self, body: Body) -> None:
        for node in nodes(body):
            # A key that the server did not make says that somebody else was faster.
            if node.get("concurrency_key") is not None:
                del node["concurrency_key"]
            if isinstance(node.get("name"), str) and not node["name"].strip():
                node["name"] = fresh("name")
        match self.operation.name:
            case "createExperience" | "updateExperience":
                self.fill_whole(body)
            case "updateExperienceVariation":
                self.fill_variation(body, shares=2)
                self.fill_changes(body, is_own=True)
            case "updateExperienceChange":
                self.fill_change(body)
            case "triggerExperienceScreenshots" if body.get("variations"):
                body["variations"] = [self.thing("variation_id")]
            case "getExperienceAggregatedReport" | "getExperienceDailyReport" | "getExperienceDailyTrafficAllocation":
                self.fill_report(body)
            case "convertExperienceVariation":
                body.setdefault("experience_type", "a/b")
            case "updateExperienceSections":
                for index, section in enumerate(body.setdefault("sections", [])):
                    self.fill_section(section, is_own=index == 0)
            case "createSection":
                self.fill_section(body, is_own=False)
            case "updateSection":
                self.fill_section(body, is_own=True)
            case "addExperienceSectionVersion":
                self.fill_changes(body, is_own=False)
            case "updateExperienceSectionVersion":
                self.fill_version(body, is_own=True)

    def fill_report(self, body: Body) -> None:
        if body.get("start_time") is not None and body.get("end_time") is not None:
            body["start_time"], body["end_time"] = sorted([body["start_time"], body["end_time"]])
        if self.operation.name == "getExperienceDailyReport" or body.get("goals"):
            # A draft has no goals of its own.
            goal = self.thing("goal_id")
            self.project.update("experiences", int(self.thing("experience_id")), {"goals": [goal]})
            body["goal"] = goal
            if body.get("goals"):
                body["goals"] = [goal]
        if self.operation.name == "getExperienceDailyReport":
            body.setdefault("metric", "conversion_rate")
            body.setdefault("report_type", "cumulative")

    def fill_whole(self, body: Body) -> None:
        is_new = self.operation.name == "createExperience"
        if "type" in body:
            body["type"] = self.type
        if body.get("url") and not body["url"].startswith(("http://", "https://")):
            body["url"] = URL
        if "environment" in body:
            body["environment"] = "production"
        for member, seconds in (("start_time", 3_600), ("end_time", 7_200)):
            if body.get(member):
                body[member] = int(time.time()) + seconds
        if body.get("status") == "scheduled":
            body["start_time"] = int(time.time()) + 3_600
            body["end_time"] = None
        if body.get("status") in ("paused", "completed"):
            # Nothing has started it.
            body["status"] = "active"
        for kind in ("goal", "audience", "location", "tag"):
            if body.get(f"{kind}s"):
                others = [one for one in body[f"{kind}s"] if not isinstance(one, int)]
                body[f"{kind}s"] = [self.thing(f"{kind}_id"), *others]
        if "primary_goal" in body:
            body["primary_goal"] = self.thing("goal_id")
            body["goals"] = [self.thing("goal_id")]
        if self.type == "deploy":
            body.pop("primary_goal", None)
            body["goals"] = []
        settings = body.get("settings", {})
        if settings.get("max_running_time"):
            settings["min_running_time"] = 0
        self.fill_pages(body, is_new)
        if "variations" in body:
            self.fill_variations(body, is_new)

    def fill_pages(self, body: Body, is_new: bool) -> None:
        if self.type != "multipage":
            body.pop("multipage_pages", None)
        elif is_new or "multipage_pages" in body:
            pages = body["multipage_pages"] = body.get("multipage_pages") or copy.deepcopy(PAGES)
            for index, page in enumerate(pages):
                page["id"] = chr(ord("a") + index)
                page["url"] = page.get("url") or URL

    def fill_variations(self, body: Body, is_new: bool) -> None:
        """One may be the one that is there; in a multivariate test it must be."""
        if body.get("status") in ("active", "scheduled") or (is_new and self.type == "mvt"):
            # What runs needs two, which it has unless it is told otherwise.
            del body["variations"]
            return
        is_single = self.type in ("deploy", "mvt")
        body["variations"] = variations = (body["variations"] or [{}])[: 1 if is_single else None]
        for index, variation in enumerate(variations):
            is_own = not is_new and index == 0 and ("id" in variation or self.type == "mvt")
            variation.pop("id", None)
            if is_own:
                variation["id"] = self.thing("variation_id")
            elif "name" not in variation:
                variation["name"] = fresh("name")
            if index > 0 and "is_baseline" in variation:
                variation["is_baseline"] = False
            if "key" in variation:
                variation["key"] = fresh("key").replace(" ", "-")
            self.fill_variation(variation, shares=len(variations))
            self.fill_changes(variation, is_own)

    def fill_variation(self, variation: Body, shares: int) -> None:
        """Variations share what visitors there are."""
        if self.type == "mvt":
            variation.pop("changes", None)
        if "traffic_distribution" in variation:
            variation["traffic_distribution"] = min(variation["traffic_distribution"], 100 // shares)

    def fill_changes(self, holder: Body, is_own: bool) -> None:
        """Of what holds changes: if it is the one that is there, so may one of its changes be."""
        filled: list[Body] = []
        for change in holder.get("changes", []):
            is_there = "id" in change and is_own and change.get("type", self.change) == self.change
            change.pop("id", None)
            if change:
                self.fill_change(change)
            if is_there:
                change["id"] = self.thing("change_id")
                is_own = False
            if change:
                filled.append(change)
        if "changes" in holder:
            holder["changes"] = filled

    def fill_change(self, change: Body) -> None:
        if not takes(self.type, change["type"]):
            change["type"], change["data"] = self.change, {}
        # What it names must be there, and its patterns may not be empty.
        own = {
            name: value
            for name, value in change["data"].items()
            if name not in ("page_id", "feature_id", "variables_data") and (value or not name.endswith("_pattern"))
        }
        change["data"] = {**self.least(change["type"]), **own}

    def fill_section(self, section: Body, is_own: bool) -> None:
        section["versions"] = section["versions"] or [{}]
        for index, version in enumerate(section["versions"]):
            holds_own = is_own and index == 0 and any("id" in change for change in version.get("changes", []))
            if holds_own:
                section["id"] = self.thing("section_id")
                version["id"] = self.thing("version_id")
            self.fill_changes(version, holds_own)
        if self.operation.name == "updateSection" and "id" in section:
            section["id"] = self.thing("section_id")

    def fill_version(self, version: Body, is_own: bool) -> None:
        if "id" in version:
            version["id"] = self.thing("version_id")
        self.fill_changes(version, is_own)
