"""Writes golden.mmdb by mmdb_writer, and golden.json: what maxminddb, the format's own reader, finds in it."""

import json
import pathlib

import maxminddb
from mmdb_writer import MMDBWriter
from netaddr import IPSet

HERE = pathlib.Path(__file__).parent


def names(english: str, german: str | None = None) -> dict:
    return {"names": {"de": german or english, "en": english}}


ZURICH = {
    "city": {"geoname_id": 2657896, **names("Zurich", "Zürich")},
    "continent": {"code": "EU", **names("Europe", "Europa")},
    "country": {"iso_code": "CH", **names("Switzerland", "Schweiz")},
    "location": {"accuracy_radius": 20, "latitude": 47.3667, "longitude": 8.55, "time_zone": "Europe/Zurich"},
    "postal": {"code": "8000"},
    "subdivisions": [{"iso_code": "ZH", **names("Zurich", "Zürich")}, {"iso_code": "112", **names("Bezirk Zürich")}],
}
NETWORKS = {
    "203.0.113.0/24": ZURICH,
    "2001:db8::/33": ZURICH,
    # As DB-IP has it: no codes of states, no time zone.
    "198.51.100.0/25": {
        "city": names("São Paulo"),
        "continent": {"code": "SA", **names("South America")},
        "country": {"iso_code": "BR", **names("Brazil")},
        "location": {"latitude": -23.5475, "longitude": -46.6361},
        "subdivisions": [names("São Paulo")],
    },
    "198.51.100.128/26": {"country": {"iso_code": "JP", **names("Japan")}},
    # Nothing that a location has.
    "198.51.100.192/27": {"traits": {"is_anycast": True}},
    # Places that are none, and members of other kinds than they should be.
    "2001:db8:8000::/34": {
        "city": "Nowhere",
        "country": {"iso_code": 7, "names": ["en"]},
        "location": {"latitude": 91.5, "longitude": 8.5, "time_zone": {"en": "none"}},
        "subdivisions": ["None"],
    },
    "2001:db8:c000::/34": {"country": {"iso_code": "", **names("x" * 300)}},
}
ADDRESSES = [
    "203.0.113.0", "203.0.113.77", "203.0.113.255", "203.0.114.0", "202.255.255.255", "198.51.100.1", "198.51.100.127",
    "198.51.100.128", "198.51.100.192", "198.51.100.224", "::ffff:203.0.113.9", "2001:db8::1",
    "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "2001:db8:8000::1", "2001:db8:c000::1", "2001:db9::", "::1", "::",
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.1.1", "fd00::1", "fe80::1", "0.0.0.0",
    "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
]  # fmt: skip


def main() -> None:
    writer = MMDBWriter(
        6, "Test-City", languages=["de", "en"], description="Made up", ipv4_compatible=True, float_type="f64"
    )
    for network, entry in NETWORKS.items():
        writer.insert_network(IPSet([network]), entry)
    writer.to_db_file(str(HERE / "golden.mmdb"))
    with maxminddb.open_database(str(HERE / "golden.mmdb")) as reader:
        found = {}
        for address in ADDRESSES:
            # The reader takes mapped addresses for what they are written as.
            found[address] = reader.get(address.removeprefix("::ffff:"))
    (HERE / "golden.json").write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
