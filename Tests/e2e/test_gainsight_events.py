"""Lists of events, all out of the one log: when, which, in what order and page by page."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
import requests

from support.errors import assert_gainsight_error
from support.gainsight import READERS, Body, GainsightClient, gainsight, iso, milliseconds
from support.server import Launch, Sextant

DAY = 24


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


@pytest.fixture(scope="module")
def shared(server: Sextant) -> GainsightClient:
    """Events that tests only read."""
    px = gainsight(server.new_environment())
    for number, (user, account, name) in enumerate(
        [
            ("ann", "acme", "opened"), ("Bob", "acme", "opened"), ("ann", "zoo", "closed"), ("c=d&e", "", "a=b"),
            ("x+y@z.w", "Acme", "a b"), ("é", "acme", "100%_\\"), ("e\u0301", "zoo", "opened;closed"),
        ]
    ):  # fmt: skip
        px.custom(user, name, accountId=account, date=milliseconds(1) + number * 1000)
    return px


def names(rows: list[Body]) -> list[tuple[str, str]]:
    return [(row["identifyId"], row["eventName"]) for row in rows]


# ---- which list holds what


def one_of_each(px: GainsightClient) -> None:
    base, page = {"user_id": "ann", "company_id": "acme"}, "https://x.example/p?a=1&a=2#top"
    px.product.ingest_all(
        [
            {**base, "event_type": "page_view", "url": page, "metadata": {"title": "Home", "url": page}},
            {**base, "event_type": "interaction", "event_name": "flow:448:SEEN", "metadata": {"guideState": "VIEWED"}},
            {**base, "event_type": "interaction", "event_name": "survey:7:SUBMITTED", "metadata": {"score": 9}},
            {**base, "event_type": "track_feature", "event_name": "12"},
            {**base, "event_type": "session_start"},
            {**base, "event_type": "identify_user", "metadata": {"email": "ann@b.c"}},
            {"user_id": "lead", "event_type": "identify_user", "metadata": {"type": "LEAD", "email": "l@b.c"}},
        ]
    )
    px.custom("ann", "opened")
    px.custom("ann", "mail", eventType="EMAIL", attributes={"email": "ann@b.c", "emailTrackType": "EMAIL_TRACK_OPEN"})
    px.custom("ann", "form", eventType="FORM_SUBMIT", attributes={"formData": {"name": "Ann"}}, url="https://x.example/f")
    px.custom("ann", "segment", eventType="SEGMENT_MATCH", attributes={"segmentId": "4"})


def test_each_list_has_its_own_events(px: GainsightClient) -> None:
    one_of_each(px)
    rows = {path: px.all(path) for path in READERS}
    assert {path: len(found) for path, found in rows.items()} == {
        **dict.fromkeys(READERS, 1), "/events/identify": 2, "/events/engagementView": 2,
    }  # fmt: skip
    for path, found in rows.items():
        for row in found:
            assert set(row) >= {
                "eventId", "identifyId", "propertyKey", "date", "eventType", "sessionId", "userType", "accountId",
                "globalContext",
            }, path  # fmt: skip
    (view,) = rows["/events/pageView"]
    assert (view["scheme"], view["host"], view["path"], view["hash"]) == ("https", "x.example", "/p", "top")
    assert view["queryString"] == "a=1&a=2" and view["queryParams"] == {"a": ["1", "2"]} and view["pageTitle"] == "Home"
    seen, answered = sorted(rows["/events/engagementView"], key=lambda row: str(row["engagementId"]))
    assert (seen["engagementId"], seen["contentType"], seen["guideState"]) == ("448", "IN_APP_GUIDE", "VIEWED")
    assert seen["engagementTrackType"] == "ENGAGEMENT_VIEW" and answered["engagementId"] == "7"
    assert rows["/survey/responses"][0]["score"] == 9
    assert rows["/events/feature_match"][0]["featureId"] == "12"
    assert rows["/events/segment_match"][0]["segmentId"] == "4"
    assert rows["/events/email"][0]["emailTrackType"] == "EMAIL_TRACK_OPEN"
    assert rows["/events/formSubmit"][0]["formData"] == {"name": "Ann"} and rows["/events/formSubmit"][0]["path"] == "/f"
    assert rows["/events/lead"][0]["identifyId"] == "lead" and rows["/events/lead"][0]["email"] == "l@b.c"
    assert rows["/events/session"][0]["identifyId"] == "ann"


@pytest.mark.parametrize(
    ("path", "filter", "count"),
    [
        ("/events/pageView", "path==/p", 1), ("/events/pageView", "path~/*", 1), ("/events/pageView", "host==y.example", 0),
        ("/events/pageView", "pageTitle==home", 1), ("/events/identify", "email==l@b.c", 1),
        ("/events/lead", "email==ann@b.c", 0), ("/events/email", "emailTrackType==EMAIL_TRACK_OPEN", 1),
        ("/events/email", "emailTrackType!=EMAIL_TRACK_OPEN", 0), ("/events/engagementView", "guideState==VIEWED", 1),
        ("/events/feature_match", "featureId==12;accountId==acme", 1), ("/events/segment_match", "segmentId==5", 0),
        ("/events/session", "identifyId~a*", 1), ("/survey/responses", "identifyId==ann", 1),
        ("/events/formSubmit", "identifyId==bob", 0),
    ],
)  # fmt: skip
def test_each_list_has_filters_of_its_own(px: GainsightClient, path: str, filter: str, count: int) -> None:
    one_of_each(px)
    page = px.get(path, filter=filter).json()
    assert len(page[READERS[path]]) == count == page["totalHits"]


# ---- when


def test_without_a_date_the_last_day(px: GainsightClient) -> None:
    px.custom("ann", "old", date=milliseconds(DAY + 1))
    px.custom("ann", "new", date=milliseconds(DAY - 1))
    assert [row["eventName"] for row in px.all("/events/custom")] == ["new"]
    assert [row["eventName"] for row in px.all("/events/custom", filter="identifyId==ann")] == ["new"]
    assert len(px.all("/events/custom", filter=f"date>={milliseconds(2 * DAY)}")) == 2


def test_windows(px: GainsightClient) -> None:
    moment = milliseconds(3)
    for offset in (-1, 0, 1):
        px.custom("ann", str(offset), date=moment + offset)
    text = iso(3)

    def found(filter: str, **query: Any) -> list[str]:
        return [row["eventName"] for row in px.all("/events/custom", filter=filter, **query)]

    assert found(f"date>={moment};date<={moment}") == ["0"]
    assert found(f"date=={moment}") == ["0"] == found(f"date={moment}")
    assert found(f"date>{moment}") == ["1"] and found(f"date<{moment}") == ["-1"]
    assert found(f"date!={moment}") == ["-1", "1"]
    assert found(f"date>={moment};date<{moment}") == []
    assert found(f"date>={text};date<={iso(2)}") == ["-1", "0", "1"]
    assert found(f"date>={iso(48)[:10]}") == ["-1", "0", "1"]
    assert found(f"date>{iso(2)}") == []
    ends = {"dateRangeStart": moment, "dateRangeEnd": moment}
    assert found("", **ends) == ["0"] and found("identifyId==bob", **ends) == []
    assert found(f"date>{moment}", **ends) == []


@pytest.mark.parametrize("path", READERS)
def test_more_than_190_days(px: GainsightClient, path: str) -> None:
    now, most, over = milliseconds(), milliseconds(190 * DAY), milliseconds(192 * DAY)
    assert px.get(path, filter=f"date>={most};date<={now}").json()["totalHits"] == 0
    for filter in (f"date>={over};date<={now}", f"date>={over}", f"identifyId==a;date>={over}"):
        # Clients look for these very words.
        error = assert_gainsight_error(px.get(path, expect=None, filter=filter), 400)
        assert error["message"] == "Exceeded date range190days"
    # A window of the past is as good as any.
    assert px.get(path, filter=f"date>={over};date<={over + 1000}").json()["totalHits"] == 0


def test_the_range_of_parameters_is_bounded_too(px: GainsightClient) -> None:
    query = {"dateRangeStart": milliseconds(192 * DAY), "dateRangeEnd": milliseconds()}
    assert assert_gainsight_error(px.get("/events/custom", expect=None, **query), 400)["message"] == (
        "Exceeded date range190days"
    )
    assert_gainsight_error(px.get("/events/custom", expect=None, dateRangeStart="soon"), 400, "dateRangeStart")
    assert_gainsight_error(px.get("/events/custom", expect=None, dateRangeEnd="1e99"), 400, "dateRangeEnd")


# ---- filters


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["identifyId==ann"], [0, 2]), (["identifyId==ANN"], []), (["identifyId~a*"], [0, 2]), (["identifyId=ann"], [0, 2]),
        (["identifyId==ann;eventName==opened"], [0]), (["identifyId==ann;eventName==opened;"], [0]),
        (["identifyId==ann", "identifyId==Bob"], [0, 1, 2]), (["identifyId==bob"], []), (["eventName==closed", "identifyId==Bob;accountId==acme"], [1, 2]),
        (["identifyId!=ann"], [1, 3, 4, 5, 6]), (["identifyId~a*"], [0, 2]), (["identifyId~?ob"], [1]),
        (["identifyId!~*n*"], [1, 3, 4, 5, 6]), (["identifyId~nn"], []), (["eventName~*"], list(range(7))),
        (["identifyId==c=d&e"], [3]), (["eventName==a=b"], [3]), (["accountId=="], [3]), (["accountId!="], [0, 1, 2, 4, 5, 6]),
        (["accountId==acme"], [0, 1, 5]), (["identifyId==x+y@z.w"], [4]), (["eventName==a b"], [4]),
        (["eventName==100%_\\"], [5]), (["eventName~100%_*"], [5]), (["eventName~100_*"], []), (["identifyId==é"], [5]),
        (["identifyId==e\u0301"], [6]), (["identifyId>=b;identifyId<d"], [3]), (["accountId>acme"], [2, 6]),
        (["identifyId<=ann"], [0, 1, 2]), ([""], list(range(7))), ([";"], list(range(7))), (["", "identifyId==ann"], [0, 2]),
    ],
)  # fmt: skip
def test_filters(shared: GainsightClient, filters: list[str], expected: list[int]) -> None:
    everything = names(shared.all("/events/custom"))
    assert len(everything) == 7
    rows = shared.all("/events/custom", filter=filters)
    assert names(rows) == [everything[index] for index in expected]
    assert shared.get("/events/custom", filter=filters).json()["totalHits"] == len(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter=identifyId==ann;eventName==opened", 1), ("filter=identifyId==ann;&filter=identifyId==Bob", 3),
        ("filter=identifyId>=b;identifyId<d", 1), ("filter=identifyId==x+y@z.w", 1), ("filter=identifyId==x%2By@z.w", 1),
        ("filter=eventName==a+b", 1), ("filter=eventName==a%20b", 1), ("filter=eventName%3D%3Dopened", 2),
        ("filter=identifyId==c=d%26e", 1), ("filter=date>=0000000000001", -1), ("sort=+date", 7), ("sort=%2Bdate", 7),
        ("sort=-date;accountId", 7), ("&&filter=&pageSize=", 7), ("filter=identifyId~*", 7),
    ],
)  # fmt: skip
def test_addresses_without_escapes(shared: GainsightClient, query: str, expected: int) -> None:
    """What Go's and other libraries would drop or refuse: raw semicolons, angle brackets and pluses."""
    answer = shared.raw(f"/events/custom?{query}", expect=None)
    if expected < 0:
        assert_gainsight_error(answer, 400)
    else:
        assert answer.status_code == 200 and answer.json()["totalHits"] == expected, answer.text


@pytest.mark.parametrize(
    "filter",
    ["nothing", "email==x", "==ann", "identifyId", "identifyId==ann;x", "score>5", "date~2025*", "date>=soon", "date=="]
    + ["customAttributes.a==1", "identifyid==ann", ";".join(["identifyId==a"] * 101), "\u0000==1", "date>=99999999999999999999"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/events/custom", "/events/session"])
def test_wrong_filters(shared: GainsightClient, path: str, filter: str) -> None:
    error = assert_gainsight_error(shared.get(path, expect=None, filter=filter), 400)
    assert error["status"] == "BAD_REQUEST" and error["subErrors"]


# ---- order


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("date", [0, 1, 2, 3, 4, 5, 6]), ("+date", [0, 1, 2, 3, 4, 5, 6]), ("-date", [6, 5, 4, 3, 2, 1, 0]),
        ("date:desc", [6, 5, 4, 3, 2, 1, 0]), ("date:asc", [0, 1, 2, 3, 4, 5, 6]),
        ("accountId;-date", [3, 4, 5, 1, 0, 6, 2]), ("-accountId;date", [2, 6, 0, 1, 5, 4, 3]),
        ("accountId:desc;date:desc", [6, 2, 5, 1, 0, 4, 3]), ("", [0, 1, 2, 3, 4, 5, 6]),
    ],
)  # fmt: skip
def test_sort(shared: GainsightClient, sort: str, expected: list[int]) -> None:
    everything = names(shared.all("/events/custom", sort="date"))
    for size in (1, 3, 1000):
        assert names(shared.all("/events/custom", sort=sort, pageSize=size)) == [everything[i] for i in expected]


@pytest.mark.parametrize("sort", ["nothing", "-", "date:down", "eventName", ";".join(["date"] * 9)])
def test_wrong_sorts(shared: GainsightClient, sort: str) -> None:
    assert_gainsight_error(shared.get("/events/custom", expect=None, sort=sort), 400, "sort")


# ---- pages


@pytest.mark.parametrize("path", READERS)
def test_page_sizes(px: GainsightClient, path: str) -> None:
    for size in (1, 1000):
        assert px.get(path, pageSize=size).json()["scrollId"] is None
    for size in (0, -1, 1001, "many", 1.5, 10**30):
        assert_gainsight_error(px.get(path, expect=None, pageSize=size), 400, "pageSize")


def test_the_standard_page_has_25(px: GainsightClient) -> None:
    for number in range(26):
        px.custom("ann", str(number))
    pages = list(px.pages("/events/custom"))
    assert [len(page["customEvents"]) for page in pages] == [25, 1]


@pytest.mark.parametrize("count", [0, 1, 3, 6])
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "along"])
def test_scroll_ids_are_there_exactly_on_full_pages(px: GainsightClient, count: int, alone: bool) -> None:
    for number in range(count):
        px.custom("ann", str(number), date=milliseconds(1) + number)
    query: Body = {"pageSize": 3, "sort": "-date", "filter": "identifyId==ann"}
    rows, seen = [], []
    while True:
        page = px.get("/events/custom", **query).json()
        assert page["totalHits"] == count
        rows += page["customEvents"]
        assert (page["scrollId"] is not None) == (len(page["customEvents"]) == 3)
        if page["scrollId"] is None:
            break
        seen.append(page["scrollId"])
        query = {"scrollId": page["scrollId"], **({} if alone else {k: v for k, v in query.items() if k != "scrollId"})}
    assert [row["eventName"] for row in rows] == [str(number) for number in reversed(range(count))]
    assert len(set(seen)) == len(seen) == count // 3


@pytest.mark.parametrize("sort", ["date", "-date", "accountId;-date", ""])
def test_a_scroll_stands_still_while_others_write(px: GainsightClient, sort: str) -> None:
    """Events that come while a client scrolls are neither in its list, nor do they move what is."""
    start = milliseconds(2)
    for number in range(60):
        px.custom(f"u{number % 4}", str(number), accountId=f"a{number % 3}", date=start + number % 7)
    before = [row["eventId"] for row in px.all("/events/custom", sort=sort, pageSize=1000)]
    assert len(before) == 60
    numbers = itertools.count()

    def write() -> None:
        number = next(numbers)
        px.custom("u1", f"late {number}", accountId=f"a{number % 3}", date=start + number % 9 - 1)

    rows: list[str] = []
    with ThreadPoolExecutor(1) as writer:
        for page in px.pages("/events/custom", sort=sort, pageSize=7):
            rows += [row["eventId"] for row in page["customEvents"]]
            assert page["totalHits"] == 60
            writer.submit(write).result()
    assert rows == before
    assert len(px.all("/events/custom", pageSize=1000)) == 60 + next(numbers)


def scroll_of(px: GainsightClient, path: str = "/events/custom", **query: Any) -> str:
    scroll = px.get(path, pageSize=1, **query).json()["scrollId"]
    assert isinstance(scroll, str)
    return scroll


def test_scroll_ids_of_others(server: Sextant, px: GainsightClient) -> None:
    for _ in range(2):
        px.custom("ann", "opened")
        px.product.ingest_all([{"event_type": "session_start", "user_id": "ann"}])
    scroll = scroll_of(px, filter="identifyId==ann", sort="date")
    again = {"scrollId": scroll, "pageSize": 1, "filter": "identifyId==ann", "sort": "date"}
    assert len(px.get("/events/custom", **again).json()["customEvents"]) == 1
    for other in ({"filter": "identifyId==bob"}, {"filter": ["identifyId==ann", "identifyId==bob"]}, {"sort": "-date"}, {"pageSize": 2}):
        assert_gainsight_error(px.get("/events/custom", expect=None, **{**again, **other}), 400, "scrollId")
    callers: list[Callable[[], requests.Response]] = [
        # Another list, another key of the same environment, another environment.
        lambda: px.get("/events/session", expect=None, scrollId=scroll),
        lambda: gainsight(px.product).get("/events/custom", expect=None, scrollId=scroll),
        lambda: gainsight(server.new_environment()).get("/events/custom", expect=None, scrollId=scroll),
    ]
    for call in callers:
        assert_gainsight_error(call(), 400, "scrollId")
    # Nothing was used up.
    assert px.get("/events/custom", scrollId=scroll).json()["totalHits"] == 2


def test_scroll_ids_keep_their_span(px: GainsightClient) -> None:
    for _ in range(3):
        px.custom("ann", "opened")
    dates = {"dateRangeStart": milliseconds(2), "dateRangeEnd": milliseconds(-1)}
    scroll = scroll_of(px, **dates)
    assert len(px.get("/events/custom", scrollId=scroll, **dates).json()["customEvents"]) == 1
    for other in ({"dateRangeStart": milliseconds(3)}, {"dateRangeEnd": milliseconds(0)}):
        assert_gainsight_error(px.get("/events/custom", expect=None, scrollId=scroll, **{**dates, **other}), 400, "scrollId")


def test_forged_scroll_ids(px: GainsightClient) -> None:
    for _ in range(2):
        px.custom("ann", "opened")
    scroll = scroll_of(px)
    payload, signature = scroll.split(".")
    forged = [
        "x", ".", "a.b", payload, f"{payload}.", f".{signature}", f"{payload}.{'0' * len(signature)}", f"{scroll}0", scroll[:-1],
        f"{payload[:-8]}AAAAAAAA.{signature}", f"A{payload}.{signature}", scroll * 2, "\u0000", "é", "x" * 4000,
    ]  # fmt: skip
    for text in forged:
        assert_gainsight_error(px.get("/events/custom", expect=None, scrollId=text), 400, "scrollId")
    assert px.raw(f"/events/custom?scrollId={quote(scroll)}").json()["totalHits"] == 2


# ---- who may


def test_keys_that_send_do_not_read(px: GainsightClient) -> None:
    sender = gainsight(px.product, can_export=False)
    sender.custom("ann", "opened")
    for path in READERS:
        error = assert_gainsight_error(sender.get(path, expect=None), 403)
        assert "Access denied" in error["message"]


def test_environments_see_nothing_of_each_other(server: Sextant, px: GainsightClient) -> None:
    one_of_each(px)
    px.send("PUT", "/users/denylist/mallory", {"denied": True}, expect=200)
    other = gainsight(server.new_environment())
    for path in READERS:
        assert px.get(path).json()["totalHits"] > 0
        assert other.get(path).json() == {READERS[path]: [], "totalHits": 0, "scrollId": None}
    assert other.user("ann") is None and other.account("acme") is None
    assert all(field["origin"] == "DEFAULT" for field in other.get("/admin/model/user/attributes").json())
    assert_gainsight_error(other.get("/users/denylist/mallory", expect=None), 404)
    for method, path, body in [
        ("PUT", "/users/ann", {"title": "Mine"}), ("PATCH", "/users/ann", {"title": "Mine"}),
        ("PUT", "/users/update", {"identifyId": "ann"}), ("PUT", "/user/preferences/ann", {"surveys": True}),
        ("PUT", "/accounts/acme", {"name": "Mine"}), ("PATCH", "/accounts/acme", {"name": "Mine"}),
        ("PUT", "/accounts/update", {"id": "acme", "name": "Mine"}), ("POST", "/user/preferences", {"identifyId": "ann"}),
    ]:  # fmt: skip
        assert_gainsight_error(other.send(method, path, body), 404)
    other.custom("mallory", "opened")
    assert len(px.all("/events/custom")) == 1


def test_patterns_take_no_longer_the_more_stars_they_have(px: GainsightClient) -> None:
    """And what means something to other languages of patterns stands for itself."""
    px.custom("ann", "a" * 255)
    px.custom("ann", "100%_of (a|b)+[c]\\d.*$")
    stars = px.get("/events/custom", filter="eventName~" + "*a" * 100 + "*b").json()
    assert stars["totalHits"] == 0
    assert px.get("/events/custom", filter="eventName~" + "*a" * 100 + "*").json()["totalHits"] == 1
    assert px.get("/events/custom", filter="eventName~100%_OF (a|b)+[c]\\d?*$").json()["totalHits"] == 1
    assert px.get("/events/custom", filter="eventName~*%").json()["totalHits"] == 0
    assert px.get("/events/custom", filter="eventName!~a*").json()["totalHits"] == 1
    px.get("/events/custom", filter="eventName~" + "a" * 1_025, expect=400)
