"""Removals of many users and accounts at once: done together, each up to its own place in the log, also over a crash."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from support.client import SEXTANT
from support.gainsight import GainsightClient, at, gainsight
from support.polling import wait_until
from support.server import Launch

USERS = 200


def events(px: GainsightClient) -> Counter[str]:
    return Counter(row["identifyId"] for row in px.all("/events/custom", pageSize=500))


def test_hundreds_of_users_and_accounts(launch: Launch) -> None:
    server = launch()
    product = server.client()
    px = gainsight(product)
    sent = [
        {"event_type": "identify_user", "user_id": f"u{number}", "company": {"id": f"c{number % 20}"}} for number in range(USERS)
    ]  # fmt: skip
    sent += [{"user_id": f"u{number % USERS}", "event_name": "used"} for number in range(3 * USERS)]
    uses = [{"user_id": f"u{number}", "event_type": "track_feature", "event_name": "f"} for number in range(USERS)]
    stays = [{"user_id": "stays", "event_name": "used"}]
    assert product.post(f"{SEXTANT}/events", sent + uses + stays, expect=202).json()["rejected"] == 0
    gone = [number for number in range(USERS) if number % 20 >= 2]

    def remove(number: int) -> None:
        px.request("DELETE", at("/users", f"u{number}"), params={"hardDelete": "true"}, expect=204)
        # Whoever comes back is new, whether their removal was done by then or waits.
        if number % 10 == 5:
            product.track(f"u{number}", "used")
            product.post(f"{SEXTANT}/events", [uses[number]], expect=202)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(remove, gone))
        list(pool.map(lambda number: px.request("DELETE", f"/accounts/c{number}", expect=204), (0, 1)))
    # What is owed is done after a crash.
    server.kill()
    server.start()
    left = {"stays": 1} | {f"u{number}": 1 for number in gone if number % 10 == 5}
    wait_until(lambda: events(px) == left, "the removals")
    feature = wait_until(
        lambda: [f for f in px.get("/feature_match").json()["results"] if f["totalEventCount"] == len(left) - 1], "the counts"
    )
    assert feature[0]["totalUserCount"] == len(left) - 1
    assert {row["identifyId"] for row in px.all("/users", "users")} == left.keys()
    # One after the other they go on as ever.
    px.request("DELETE", "/users/stays", params={"hardDelete": "true"}, expect=204)
    wait_until(lambda: "stays" not in events(px), "the last one")
