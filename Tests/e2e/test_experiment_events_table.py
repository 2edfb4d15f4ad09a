"""Experiment events as a table of queries: what reports are made of, for whoever holds a key of the environment."""

from pathlib import Path

import pyarrow.parquet
import pytest
import requests

from support.client import SEXTANT, Client
from support.polling import wait_until
from support.reports import ReportedShop
from support.server import Sextant
from support.serving import environment_client

TABLE = "experiment_events"


@pytest.fixture(scope="module")
def shop(server: Sextant, http: requests.Session) -> ReportedShop:
    shop = ReportedShop(server, http, [40, 30, 30])
    shop.simulate(300, [0.2, 0.3, 0.25])
    return shop


@pytest.fixture(scope="module")
def analyst(server: Sextant, shop: ReportedShop) -> Client:
    """A key of the environment that the shop's SDK key writes to."""
    return environment_client(server, shop.project)


def test_the_statement_of_a_report_gives_its_sums(shop: ReportedShop, analyst: Client) -> None:
    url = f"{SEXTANT}/experiences/{shop.experience['id']}/report/explain"
    explanation = analyst.get(url).json()
    rows = analyst.sql(explanation["sql"])
    visitors = {row[1]: row[3] for row in rows if row[0] == 1}
    assert visitors == {shop.variations[index]: len(shop.of(index)) for index in range(3)}
    found = {(row[1], row[2]): (row[3], row[4], int(row[5])) for row in rows if row[0] == 2}
    for index, variation in enumerate(shop.variations):
        buyers = [one for one in shop.of(index) if one.has_converted]
        orders = sum(len(one.amounts) for one in buyers)
        revenue = round(sum(one.revenue for one in buyers) * 1_000_000)
        assert found[variation, shop.goal["id"]] == (len(buyers), orders, revenue)


def test_it_is_described_as_it_is(analyst: Client) -> None:
    (table,) = [one for one in analyst.get(f"{SEXTANT}/sql/tables").json() if one["name"] == TABLE]
    answer = analyst.post(f"{SEXTANT}/sql", {"query": f"select * from {TABLE} limit 1"}, expect=200).json()
    described = [(column["name"], column["type"]) for column in table["columns"]]
    assert [(column["name"], column["type"]) for column in answer["columns"]] == described
    assert all(column["description"] for column in table["columns"])
    assert "environment_id" not in [name for name, _ in described]
    joined = analyst.sql(f"select count(*) from events join {TABLE} on user_id = visitor_id")
    assert joined == [[0]]
    segments = analyst.sql(f"select distinct country, visitor_type from {TABLE} order by 1")
    assert [row[0] for row in segments] == ["DE", "PT"]


def test_others_see_nothing_of_it(server: Sextant, analyst: Client) -> None:
    assert analyst.sql(f"select count(*) > 0 from {TABLE}") == [[True]]
    other = server.new_environment()
    assert other.sql(f"select count(*) from {TABLE}") == [[0]]
    for query in (f"with {TABLE} as (select 1) select * from {TABLE}", "select * from exposures"):
        answer = other.post(f"{SEXTANT}/sql", {"query": query}, expect=400).json()
        assert TABLE in answer["error"]["message"]


def test_what_is_deleted_leaves_it(server: Sextant, shop: ReportedShop, analyst: Client) -> None:
    analyst.sql(f"select count(*) from {TABLE}")
    folders = (server.data / "mirror").glob(f"*-{TABLE}")
    (folder,) = [one for one in folders if holds(one, "visitor-1-0")]
    count = f"select count(*) from {TABLE} where visitor_id = 'visitor-1-0'"
    assert analyst.sql(count) != [[0]]
    analyst.request("DELETE", "/v1/users", json={"users": ["visitor-1-0"]}, expect=202)
    wait_until(lambda: analyst.sql(count) == [[0]], "the deletion")
    wait_until(lambda: not holds(folder, "visitor-1-0"), "the files without the visitor")
    # The experience goes, and what was done in it.
    shop.project.delete("experiences", shop.experience["id"])
    wait_until(lambda: not holds(folder, "visitor-1-1"), "the files without the experience", seconds=180)
    assert analyst.sql(f"select count(*) from {TABLE}") == [[0]]


def holds(folder: Path, visitor: str) -> bool:
    paths = sorted(folder.glob("*.parquet"))
    return any(visitor in pyarrow.parquet.read_table(path)["visitor_id"].to_pylist() for path in paths)
