"""What clients of experiments send, as it was seen on the wire of each: heads byte for byte, members in their order.

Each client tells of the same visits, in its own way; which way is written beside it. `docs/compatibility.md` says which
version was looked at, and how."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .wire import Call, Fields

Body = dict[str, Any]


@dataclass(frozen=True)
class Shop:
    """Two running experiences that have both goals, and a key."""

    account: int
    project: int
    key: str
    secret: str | None
    experiences: dict[int, int]
    """The variation that visitors are told to be in, by experience."""
    signup: int
    buy: int
    segment: int
    """A segmentation audience."""


@dataclass(frozen=True)
class Visit:
    """What one visitor does; everybody sees all experiences."""

    visitor: str
    signs_up: bool = False
    amount: float | None = None
    """Of what is bought, with two products."""
    segments: Body = field(default_factory=dict)
    is_in_segment: bool = False


TOLD = {
    "country": "DE", "browser": "CH", "devices": ["ALLPH", "IPH"], "source": "search", "campaign": "spring",
    "visitorType": "new",
}  # fmt: skip

VISITS = [
    Visit("visitor-0", signs_up=True, amount=0.5, segments=TOLD),
    Visit("visitor-1", segments=TOLD, is_in_segment=True),
    Visit("visitor-2"),
    Visit("visitor-3", signs_up=True),
    Visit("visitor-4", amount=4.25, segments={"country": "US"}),
    Visit("Gäste/ü ☃ 5", amount=1234567.89),
]


def compact(body: Any) -> bytes:
    """As most write JSON: no blanks."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


def view(experience: int, variation: int) -> Body:
    return {"eventType": "bucketing", "data": {"experienceId": str(experience), "variationId": str(variation)}}


def conversion(goal: int, **data: Any) -> Body:
    return {"eventType": "conversion", "data": {"goalId": str(goal), **data}}


def goal_data(visit: Visit) -> list[Body]:
    return [
        {"key": "amount", "value": visit.amount},
        {"key": "productsCount", "value": 2},
        {"key": "transactionId", "value": f"order-{visit.visitor}"},
    ]


def buckets(shop: Shop) -> dict[str, str]:
    return {str(experience): str(variation) for experience, variation in shop.experiences.items()}


def views(shop: Shop) -> list[Body]:
    return [view(experience, variation) for experience, variation in shop.experiences.items()]


def events(shop: Shop, visit: Visit, apart: bool) -> list[Body]:
    """A purchase is a plain conversion and one with values where they are `apart`, else the latter alone."""
    told = views(shop)
    if visit.signs_up:
        told.append(conversion(shop.signup, bucketingData=buckets(shop)))
    if visit.amount is not None:
        if apart:
            told.append(conversion(shop.buy, bucketingData=buckets(shop)))
        told.append(conversion(shop.buy, goalData=goal_data(visit), bucketingData=buckets(shop)))
    return told


def batches(visits: Sequence[Visit]) -> list[Sequence[Visit]]:
    return [visits[:4], visits[4:]]


# ---- the clients

Sender = Callable[[Shop], list[Call]]


def javascript_node(shop: Shop) -> list[Call]:
    fields = [
        ("host", " {host}"), ("connection", " keep-alive"), ("Content-Type", " application/json"),
        ("User-Agent", " ConvertAgent/1.0"), ("accept", " */*"), ("accept-language", " *"), ("sec-fetch-mode", " cors"),
        ("accept-encoding", " gzip, deflate"), ("content-length", " {length}"),
    ]  # fmt: skip

    def visitor(visit: Visit) -> Body:
        segments = {**visit.segments, **({"customSegments": [str(shop.segment)]} if visit.is_in_segment else {})}
        told = {"visitorId": visit.visitor, "events": events(shop, visit, apart=True)}
        return {**told, "segments": segments} if segments else told

    return [
        Call("POST", f"/v1/track/{shop.key}", fields, compact(javascript_body(shop, [visitor(one) for one in batch])))
        for batch in batches(VISITS)
    ]


def javascript_body(shop: Shop, visitors: list[Body]) -> Body:
    return {
        "enrichData": True, "accountId": str(shop.account), "projectId": str(shop.project), "visitors": visitors,
        "source": "js5.0.1",
    }  # fmt: skip


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"


def chromium(content_type: str | None, origin: str, site: str, mode: str) -> Fields:
    """What Chromium puts before a body that a page sends."""
    typed = [("Content-Type", f" {content_type}")] if content_type else []
    referer = [("Referer", f" {origin}/")] if origin != "null" else []
    return [
        ("Host", " {host}"), ("Connection", " keep-alive"), ("Content-Length", " {length}"),
        ("sec-ch-ua-platform", ' "Linux"'),
        ("User-Agent", f" {CHROME}"),
        ("sec-ch-ua", ' "Not:A-Brand";v="8", "Chromium";v="156"'), *typed, ("sec-ch-ua-mobile", " ?0"), ("Accept", " */*"),
        ("Origin", f" {origin}"), ("Sec-Fetch-Site", f" {site}"), ("Sec-Fetch-Mode", f" {mode}"),
        ("Sec-Fetch-Dest", " empty"), ("Sec-Fetch-Storage-Access", " none"), *referer,
        ("Accept-Encoding", " gzip, deflate, br, zstd"), ("Accept-Language", " en-US,en;q=0.9"),
    ]  # fmt: skip


def beacons(shop: Shop, content_type: str | None) -> list[Call]:
    fields = chromium(content_type, "http://shop.example", "cross-site", "no-cors")
    return [Call(call.method, call.target, fields, call.body) for call in javascript_node(shop)]


def javascript_browser(shop: Shop) -> list[Call]:
    """The SDK sends with `navigator.sendBeacon`, and text."""
    return beacons(shop, "text/plain;charset=UTF-8")


def blob_without_type(shop: Shop) -> list[Call]:
    """`sendBeacon` with a Blob that has no type says nothing of the body."""
    return beacons(shop, None)


def php(shop: Shop) -> list[Call]:
    """An empty map is an empty list, and custom segments have a name of their own."""
    fields = [
        ("Host", " {host}"), ("User-Agent", " GuzzleHttp/7"), ("Content-Type", " application/json"),
        ("Content-Length", " {length}"),
    ]  # fmt: skip

    def visitor(visit: Visit) -> Body:
        order = ["browser", "devices", "source", "campaign", "visitorType", "country"]
        segments: Any = {name: visit.segments[name] for name in order if name in visit.segments}
        if visit.is_in_segment:
            segments["custom_segments"] = [str(shop.segment)]
        return {"visitorId": visit.visitor, "events": events(shop, visit, apart=True), "segments": segments or []}

    def body(batch: Sequence[Visit]) -> bytes:
        told = {**javascript_body(shop, [visitor(one) for one in batch]), "source": "php-sdk"}
        # PHP escapes slashes and everything beyond ASCII.
        return json.dumps(told, separators=(",", ":")).replace("/", "\\/").encode()

    return [Call("POST", f"/v1/track/{shop.key}", fields, body(batch)) for batch in batches(VISITS)]


def ruby(shop: Shop) -> list[Call]:
    """The client answers for duplicates, and a purchase is one event."""
    fields = [
        ("Accept-Encoding", " gzip;q=1.0,deflate;q=0.6,identity;q=0.3"), ("Accept", " */*"),
        ("User-Agent", " ConvertAgent/1.0"), ("Host", " {host}"), ("Content-Type", " application/json"),
        ("Content-Length", " {length}"),
    ]  # fmt: skip
    return one_event_a_purchase(shop, fields, enriched=False, source="ruby-sdk")


def python(shop: Shop) -> list[Call]:
    """A purchase is one event; the key's secret comes along."""
    fields = [
        ("Host", " {host}"), ("Accept", " */*"), ("Accept-Encoding", " gzip, deflate"), ("Connection", " keep-alive"),
        ("Authorization", f" Bearer {shop.secret}"), ("User-Agent", " ConvertAgent/1.0"), ("Content-Length", " {length}"),
        ("Content-Type", " application/json"),
    ]  # fmt: skip
    return one_event_a_purchase(shop, fields, enriched=True, source="js-sdk")


def one_event_a_purchase(shop: Shop, fields: Fields, enriched: bool, source: str) -> list[Call]:
    def visitor(visit: Visit) -> Body:
        segments = {**visit.segments, **({"customSegments": [str(shop.segment)]} if visit.is_in_segment else {})}
        told = {"visitorId": visit.visitor, "events": events(shop, visit, apart=False)}
        return {**told, "segments": segments} if segments else told

    def body(batch: Sequence[Visit]) -> bytes:
        return compact(
            {
                "accountId": str(shop.account), "projectId": str(shop.project), "enrichData": enriched, "source": source,
                "visitors": [visitor(one) for one in batch],
            }
        )  # fmt: skip

    return [Call("POST", f"/v1/track/{shop.key}", fields, body(batch)) for batch in batches(VISITS)]


def swift(shop: Shop) -> list[Call]:
    """JSON under the type of forms, which the system puts there; ids are empty, and members come in any order."""
    fields = [
        ("Host", " {host}"), ("Accept", " */*"), ("Accept-Encoding", " deflate, gzip, br, zstd"),
        ("User-Agent", " ConvertAgent/1.0.0"), ("Connection", " keep-alive"), ("Accept-Language", " en"),
        ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", " {length}"),
    ]  # fmt: skip

    def visitor(visit: Visit) -> Body:
        segments: Body = {name: value for name, value in visit.segments.items() if name != "devices"}
        if visit.is_in_segment:
            segments["customSegments"] = [str(shop.segment)]
        return {"segments": segments, "visitorId": visit.visitor, "events": events(shop, visit, apart=True)}

    def body(batch: Sequence[Visit]) -> bytes:
        return compact(
            {
                "source": "ios-sdk", "accountId": "", "enrichData": False, "projectId": "",
                "visitors": [visitor(one) for one in batch],
            }
        )  # fmt: skip

    return [Call("POST", f"/v1/track/{shop.key}", fields, body(batch)) for batch in batches(VISITS)]


# ---- pixels of shops


def pixel_body(shop: Shop, visit: Visit, events: list[Body], numeric: bool = False) -> Body:
    """The older form: account and project in the body, one visitor, and several goals an event."""

    def id(number: int) -> Any:
        return number if numeric else str(number)

    lists = {
        "exps": [id(one) for one in shop.experiences], "vars": [id(one) for one in shop.experiences.values()],
    }  # fmt: skip
    told = {"cid": str(shop.account), "pid": str(shop.project), "seg": visit.segments, "s": "shopify", "vid": visit.visitor}
    if visit.amount is not None:
        told["tid"] = f"order-{visit.visitor}"
    return {**told, "ev": [{**event, **lists} for event in events]}


def pixel_calls(shop: Shop, fields: Fields, seen: bool, numeric: bool = False) -> list[Call]:
    """Each visit by itself, as a page sends it: what was seen, then each goal."""

    def goal(number: int) -> Any:
        return number if numeric else str(number)

    calls = []
    for visit in VISITS:
        events: list[Body] = [{"evt": "viewExp"}] if seen else []
        if visit.signs_up:
            events.append({"evt": "hitGoal", "goals": [goal(shop.signup)]})
        if visit.amount is not None:
            events.append({"evt": "tr", "goals": [goal(shop.buy)], "r": visit.amount, "prc": 2})
            events.append({"evt": "hitGoal", "goals": [goal(shop.buy)]})
        calls.append(Call("POST", "/track", fields, compact(pixel_body(shop, visit, events, numeric))))
    return calls


def shopify_pixel(shop: Shop) -> list[Call]:
    """A custom pixel runs in a frame without an origin."""
    return pixel_calls(shop, chromium("application/json", "null", "cross-site", "cors"), seen=True)


def shop_backend(shop: Shop) -> list[Call]:
    """A server that sends the same for its shop, with ids as numbers."""
    fields = [
        ("Accept", " application/json"), ("Content-Type", " application/json"),
        ("User-Agent", " Shop-Integration-Server/1.0"), ("Content-Length", " {length}"),
        ("Accept-Encoding", " gzip, compress, deflate, br"), ("Host", " {host}"), ("Connection", " close"),
    ]  # fmt: skip
    return pixel_calls(shop, fields, seen=True, numeric=True)


def shop_backend_newer_form(shop: Shop) -> list[Call]:
    """Account and project in the address."""
    fields = [
        ("Accept", " application/json"), ("Content-Type", " application/json"), ("User-Agent", " axios/1.7.2"),
        ("Content-Length", " {length}"), ("Accept-Encoding", " gzip, compress, deflate, br"), ("Host", " {host}"),
        ("Connection", " keep-alive"),
    ]  # fmt: skip

    def visitor(visit: Visit) -> Body:
        return {"visitorId": visit.visitor, "segments": visit.segments, "events": events(shop, visit, apart=True)}

    bodies = [{"enrichData": True, "visitors": [visitor(visit)]} for visit in VISITS]
    address = f"/v1/track/{shop.account}/{shop.project}"
    return [Call("POST", address, fields, compact(body)) for body in bodies]


@dataclass(frozen=True)
class ExperimentClient:
    name: str
    calls: Sender
    tells_segments: frozenset[str] = frozenset({*TOLD, "customSegments"})
    """The segments that it can tell of."""
    remembers: bool = False
    """Whether it answers for duplicates itself (`enrichData` is false)."""

    def __str__(self) -> str:
        return self.name


CLIENTS = [
    ExperimentClient("JavaScript in Node", javascript_node),
    ExperimentClient("JavaScript in a browser", javascript_browser),
    ExperimentClient("a beacon with a blob", blob_without_type),
    ExperimentClient("PHP", php),
    ExperimentClient("Ruby", ruby, remembers=True),
    ExperimentClient("Python", python),
    ExperimentClient("Swift", swift, frozenset({*TOLD, "customSegments"} - {"devices"}), remembers=True),
    ExperimentClient("a Shopify pixel", shopify_pixel, frozenset(TOLD)),
    ExperimentClient("a shop's server", shop_backend, frozenset(TOLD)),
    ExperimentClient("a shop's server, newer form", shop_backend_newer_form, frozenset(TOLD)),
]

# ---- what is stored of it

Stored = tuple[Any, ...]


def expected(shop: Shop, client: ExperimentClient) -> Counter[Stored]:
    """The events that a project's live data must show of all visits."""
    everywhere = tuple(sorted(shop.experiences.items()))
    told: Counter[Stored] = Counter()
    for visit in VISITS:
        segments = stored_segments(shop, visit, client)
        for experience in shop.experiences.items():
            told["view_experience", (experience,), None, None, None, segments] += 1
        if visit.signs_up:
            told["conversion", everywhere, shop.signup, None, None, segments] += 1
        if visit.amount is not None:
            told["conversion", everywhere, shop.buy, None, None, segments] += 1
            told["transaction", everywhere, shop.buy, visit.amount, 2, segments] += 1
    return told


def stored_segments(shop: Shop, visit: Visit, client: ExperimentClient) -> Stored:
    told = {name: value for name, value in visit.segments.items() if name in client.tells_segments}
    devices = ("all_phones", "iPhone") if "devices" in told else ()
    browser = "chrome" if "browser" in told else None
    sources = (told["source"],) if "source" in told else ()
    segment = (shop.segment,) if visit.is_in_segment and "customSegments" in client.tells_segments else ()
    return (told.get("country"), browser, devices, sources, told.get("campaign"), told.get("visitorType"), segment)


def stored(live: list[Body]) -> Counter[Stored]:
    """The same of what live data shows."""
    shown: Counter[Stored] = Counter()
    for event in live:
        seen = tuple(sorted((one["id"], one["variation"]) for one in event["experiences"]))
        segments = (
            event.get("country"), event.get("browser"), tuple(event["devices"]), tuple(event["sources"]),
            event["campaign"], event.get("visitor_type"), tuple(event["custom_segments"]),
        )  # fmt: skip
        reached = event["conversion"] or {"goals": [None], "revenue": None, "products_ordered_count": None}
        (goal,) = reached["goals"]
        shown[event["event_type"], seen, goal, reached["revenue"], reached["products_ordered_count"], segments] += 1
    return shown
