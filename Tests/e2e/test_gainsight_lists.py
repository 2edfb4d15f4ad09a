"""Lists of users and accounts as Gainsight PX's callers filter, sort and scroll them.

The decisions are P1, P2, P7, P11 and P21 of the notes on clients; each test names who wants it."""

import pytest

from support.errors import assert_gainsight_error
from support.gainsight import Body, GainsightClient, gainsight, needs
from support.server import Launch, Sextant


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


@needs("listUsers", "listAccounts")
@pytest.mark.parametrize("key", ["users", "accounts"])
def test_p1_page_sizes(px: GainsightClient, key: str) -> None:
    """20 as the base says; up to 1000 as tap-gainsightpx and PostHog ask; 400 above, where a short page would end their loops."""
    for number in range(21):
        px.make_user(f"u{number}")
        px.make_account(f"a{number}")
    assert len(px.get(f"/{key}").json()[key]) == 20
    for size in (100, 500, 1000):
        page = px.get(f"/{key}", pageSize=size).json()
        assert len(page[key]) == 21 == page["totalHits"] and page["results"] == page[key]
    for size in (0, -1, 1001, "many"):
        assert_gainsight_error(px.get(f"/{key}", expect=None, pageSize=size), 400, "pageSize")


@needs("listUsers", "listAccounts")
@pytest.mark.parametrize("key", ["users", "accounts"])
@pytest.mark.parametrize("count", [0, 1, 4, 6])
def test_p2_scrolls(px: GainsightClient, key: str, count: int) -> None:
    """A scroll id exactly on full pages (the vendor's text, the NestJS service), a new one a page (polymetrics)."""
    for number in range(count):
        px.make_user(f"{number}")
        px.make_account(f"{number}")
    pages = list(px.pages(f"/{key}", pageSize=2, sort="createDate"))
    assert [row["id"] for page in pages for row in page[key]] == [str(number) for number in range(count)]
    for page in pages:
        assert (page["scrollId"] is not None) == (len(page[key]) == 2) and page["totalHits"] == count
    # The dashboard proxy then sends the scroll id alone.
    if count > 2:
        rest = px.get(f"/{key}", scrollId=pages[0]["scrollId"]).json()
        assert rest[key] == pages[1][key]


@needs("listUsers", "listAccounts")
def test_p2_scroll_ids_of_others(server: Sextant, px: GainsightClient) -> None:
    for number in range(3):
        px.make_user(f"{number}", email="a@b.c")
        px.make_account(f"{number}")
    query = {"pageSize": 1, "filter": "email==a@b.c", "sort": "-createDate"}
    scroll = px.get("/users", **query).json()["scrollId"]
    assert px.get("/users", scrollId=scroll, **query).json()["users"][0]["id"] == "1"
    for other in ({"filter": "email==x@y.z"}, {"sort": "createDate"}, {"pageSize": 2}):
        assert_gainsight_error(px.get("/users", expect=None, scrollId=scroll, **{**query, **other}), 400, "scrollId")
    for caller, path in [
        (px, "/accounts"), (gainsight(px.product), "/users"), (gainsight(server.new_environment()), "/users"),
    ]:  # fmt: skip
        assert_gainsight_error(caller.get(path, expect=None, scrollId=scroll), 400, "scrollId")
    for forged in ("x", ".", scroll[:-1], f"{scroll}0", scroll.swapcase(), "\u0000"):
        assert_gainsight_error(px.get("/users", expect=None, scrollId=forged), 400, "scrollId")


@needs("listUsers", "listAccounts")
def test_p2_a_scroll_stands_still_while_others_write(px: GainsightClient) -> None:
    for number in range(20):
        px.make_user(f"u{number:02}", score=number % 5)
    rows: list[Body] = []
    for number, page in enumerate(px.pages("/users", pageSize=3, sort="-score;identifyId")):
        rows += page["users"]
        assert page["totalHits"] == 20
        px.make_user(f"late{number}", score=number % 5)
        px.send("PATCH", f"/users/u{(number * 3) % 20:02}", {"score": (number * 2) % 7}, expect=200)
    ids = [row["id"] for row in rows]
    assert sorted(ids) == [f"u{number:02}" for number in range(20)], "none twice, none missing"
    assert ids[:4] == ["u04", "u09", "u14", "u19"]


@needs("listUsers", "listAccounts")
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("score", "bca"), ("-score", "acb"), ("+score", "bca"), ("score:asc", "bca"), ("score:desc", "acb"),
        ("role;-score", "acb"), ("-role;score", "bca"), ("customAttributes.rank", "cab"), ("location.city:desc", "bac"),
    ],
)  # fmt: skip
def test_p7_both_spellings_of_sort(px: GainsightClient, sort: str, expected: str) -> None:
    """field:desc of the base, -field of the vendor."""
    for name, score, rank, city in [("a", 9, 2, "Bonn"), ("b", 1, 3, "Cork"), ("c", 5, 1, "Ayr")]:
        px.make_user(name, score=score, role="x", customAttributes={"rank": rank}, location={"city": city})
    assert "".join(row["id"] for row in px.get("/users", sort=sort).json()["users"]) == expected


@needs("listUsers", "listAccounts")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["identifyId==ann"], "A"), (["email==ANN@b.c"], "A"), (["score>=5"], "AB"), (["score>=5;email~bob*"], "B"),
        (["score<5", "email==ann@b.c"], "AC"), (["customAttributes.internalId==7"], "B"), (["accountId==acme"], "AB"),
        # P21: the vendor's example says cityName, its schema city.
        (["location.cityName==berlin"], "A"), (["location.city==Berlin"], "A"), (["location.stateCode==CA"], "C"),
        (["propertyKeys==AP-1"], "B"), (["globalUnsubscribe==true"], "C"), (["signUpDate>=2025-01-01"], "B"),
        (["signUpDate<1735689600000;signUpDate>0"], "A"), (["email==c+d=e@b.c"], "C"), (["type==lead"], "C"), ([""], "ABC"),
        (["score>=5;"], "AB"), (["email!=ann@b.c"], "BC"), (["email!~*b.c"], ""), (["createDate>0"], "ABC"),
    ],
)  # fmt: skip
def test_filters_of_users(px: GainsightClient, filters: list[str], expected: str) -> None:
    px.make_user("ann", email="ann@b.c", score=5, accountId="acme", location={"city": "Berlin"}, signUpDate=1700000000000)
    px.make_user(
        "bob", email="bob@b.c", score=10, accountId="acme", customAttributes={"internalId": 7},
        propertyKeys=["AP-0", "AP-1"], signUpDate=1735689600000,
    )  # fmt: skip
    px.make_user("cid", email="c+d=e@b.c", score=1, location={"stateCode": "CA"}, globalUnsubscribe=True, type="LEAD")
    page = px.get("/users", filter=filters).json()
    found = "".join(sorted(row["id"][0].upper() for row in page["users"]))
    assert found == expected and page["totalHits"] == len(expected)


@needs("listUsers", "listAccounts")
@pytest.mark.parametrize("key", ["users", "accounts"])
@pytest.mark.parametrize("wrong", ["nothing==1", "score>many", "lastSeenDate>=soon", "==1", "x", "globalUnsubscribe==maybe"])
def test_wrong_filters(px: GainsightClient, key: str, wrong: str) -> None:
    assert_gainsight_error(px.get(f"/{key}", expect=None, filter=wrong), 400)


@needs("listUsers", "listAccounts")
@pytest.mark.parametrize("key", ["users", "accounts"])
@pytest.mark.parametrize("wrong", ["nothing", "-", "lastSeenDate:down"])
def test_wrong_sorts(px: GainsightClient, key: str, wrong: str) -> None:
    assert_gainsight_error(px.get(f"/{key}", expect=None, sort=wrong), 400, "sort")


@needs("listUsers")
def test_p11_ids_are_case_sensitive_and_filters_are_not(px: GainsightClient) -> None:
    """The vendor's own words."""
    px.make_user("Ann", title="first")
    px.make_user("ann", title="second")
    assert px.known_user("Ann")["title"] == "first" and px.known_user("ann")["title"] == "second" and px.user("ANN") is None
    assert len(px.get("/users", filter="identifyId==ANN").json()["users"]) == 2


@needs("listUsers")
def test_one_text_does_not_turn_numbers_into_texts(px: GainsightClient) -> None:
    for number in range(30):
        since = f"2026-01-{number + 1:02d}"
        px.make_user(f"n{number:02d}", customAttributes={"mrr": number * 10, "since": since})
    px.make_user("odd", customAttributes={"mrr": "unknown", "since": "later"})

    def count(condition: str) -> int:
        hits: int = px.get("/users", filter=condition).json()["totalHits"]
        return hits

    assert count("customAttributes.mrr>=100") == 20 and count("customAttributes.mrr<100") == 11
    assert count("customAttributes.since>2026-01-10") == 20
    assert count("customAttributes.mrr==unknown") == 1 and count("customAttributes.mrr~unk*") == 1
