"""The vendor's own SDK for Python against the server."""

import json
from collections import Counter
from typing import Any

import requests
from convert_sdk import Core, SDKConfig
from convert_sdk.config import TransportConfig

from support.convert import Body, ConvertProject
from support.convert_kinds import AUDIENCES
from support.serving import add, live, new_project, new_sdk_key
from support.serving_over_tls import PRO, VARIABLES, debug_token, decide, http, project, server  # noqa: F401 - fixtures

VISITORS = 10_000


def core_for(project: ConvertProject, key: Body, **members: Any) -> Core:
    """The SDK, which takes no address without TLS, and has its own way to trust a certificate that nobody signed."""
    base = project.client.base_url
    secret = key.get("sdk_secret")
    transport = TransportConfig(base_url=base, track_base_url=f"{base}/v1", auth_secret=secret, verify_tls=False)
    return Core(SDKConfig(sdk_key=key["sdk_key"], transport=transport, **members)).initialize()


def within(count: int, share: float) -> bool:
    """Five standard deviations of a binomial distribution."""
    return abs(count - VISITORS * share) <= 5 * (VISITORS * share * (1 - share)) ** 0.5


def test_the_sdk_decides(project: ConvertProject, http: requests.Session) -> None:
    """And the server decides the same for each visitor."""
    own = new_project(project)
    audience = AUDIENCES.add(own, rules={"OR": [{"AND": [{"OR_WHEN": [PRO]}]}]})
    feature = own.add("features", {"name": "Banner", "key": "banner", "variables": VARIABLES})
    sets = {"on": True, "title": "Hi", "size": 7, "ratio": 0.5, "more": '{"b":2}'}
    change = {"type": "fullStackFeature", "data": {"feature_id": feature["id"], "variables_data": sets}}
    halves, thirds = add(own, [50, 50]), add(own, [10, 45, 45])
    partly = add(own, [50, 50], traffic_distribution=30)
    targeted = add(own, [50, 50], audiences=[audience["id"]])
    shown = [{"name": "Without"}, {"name": "With", "changes": [change]}]
    flagged = add(own, [], variations=shown)
    key, measured = new_sdk_key(own, has_secret=True), (halves, thirds, partly, targeted)
    bearer, keys = f"{key['sdk_key']}:{key['sdk_secret']}", [one["key"] for one in measured]
    with core_for(own, key) as core:
        counts: Counter[tuple[str, str | None]] = Counter()
        for number in range(VISITORS):
            context = core.create_context(f"visitor-{number}")
            attributes = {"plan": "pro" if number % 2 else "free"}
            context.set_attributes(attributes)
            decided = decide(own, http, bearer, f"visitor-{number}", attributes=attributes, experiences=keys)
            same = {one["key"]: one["variation"]["id"] for one in decided["experiences"]}
            for experience in measured:
                result = context.run_experience(experience["key"], enable_tracking=False)
                variation = result.variation_id if result else None
                assert same.get(experience["key"]) == variation
                counts[experience["key"], variation] += 1
                if experience is targeted:
                    assert (result is not None) == bool(number % 2)
        for experience, shares in ((halves, [0.5, 0.5]), (thirds, [0.1, 0.45, 0.45]), (partly, [0.15, 0.15])):
            for variation, share in zip(experience["variations"], shares, strict=True):
                assert within(counts[experience["key"], str(variation["id"])], share), (counts, share)
        assert within(counts[partly["key"], None], 0.7)
        values = set()
        for number in range(50):
            found = core.create_context(f"flagged-{number}").run_feature("banner")
            values.add(json.dumps(dict(found.variables), sort_keys=True) if found else None)
        expected = json.dumps({**sets, "more": {"b": 2}}, sort_keys=True)
        assert expected in values and flagged["key"]


def test_the_sdk_tracks(project: ConvertProject) -> None:
    own = new_project(project)
    goal = own.add("goals", {"name": "Buy", "key": "buy", "type": "revenue", "settings": {"triggering_type": "manual"}})
    experience = add(own, [50, 50], goals=[goal["id"]])
    seen = {}
    with core_for(own, new_sdk_key(own)) as core:
        for number in range(30):
            context = core.create_context(f"visitor-{number}")
            result = context.run_experience(experience["key"])
            assert result is not None
            seen[f"visitor-{number}"] = result.variation_id
            if number % 3 == 0:
                context.track_conversion("buy", revenue=number + 0.5)
        core.flush()
    events = live(own)
    views = [event for event in events if event["event_type"] == "view_experience"]
    assert len(views) == 30
    assert sorted(str(event["experiences"][0]["variation"]) for event in views) == sorted(seen.values())
    revenues = sorted(event["conversion"]["revenue"] for event in events if event["event_type"] == "transaction")
    assert revenues == [number + 0.5 for number in range(0, 30, 3)]
    # However the SDK sends a purchase, it is one conversion.
    assert Counter(event["event_type"] for event in events)["conversion"] == 10


def test_the_sdk_previews(project: ConvertProject) -> None:
    own = new_project(project)
    draft = add(own, [50, 50], status="draft")
    token = debug_token(own)
    with core_for(own, new_sdk_key(own), debug_token=token) as core:
        for variation in draft["variations"]:
            context = core.create_context("somebody")
            context.set_preview(str(draft["id"]), str(variation["id"]))
            result = context.run_experience(draft["key"])
            assert result is not None and result.variation_id == str(variation["id"])
    assert live(own) == []
