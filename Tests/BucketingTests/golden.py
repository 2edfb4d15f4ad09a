"""Writes golden.json: hashes and choices as the vendor's Python SDK computes them (pip install convert-python-sdk)."""

import json
import pathlib

from convert_sdk.evaluation import bucketing, experiences

VISITORS = (
    ["", "a", "ab", "abc", "abcd", "abcde", " ", "\t\n", "0", "visitor-1", "Visitor-1", "x" * 255, "x" * 4096]
    + ["é", "e\u0301", "日本語", "😀", "👨‍👩‍👧", "مرحبا", "\u0001", "naïve-visitor", "ß", "İ", "Ω≈ç√∫"]
    + [f"visitor-{number}" for number in range(2, 42)]
    + [f"{number * 2654435761 % 2**64:016x}-{number}" for number in range(30)]
)
EXPERIENCES = ["", "1", "100234567", "4294967295", "ключ"]
SEEDS = [9999, 1, 4294967295]
SPLITS = {
    "half and half": [("10", 50, "running"), ("11", 50, "running")],
    "10/45/45": [("100299456", 10, "running"), ("100299457", 45, "running"), ("100299458", 45, "running")],
    "30% of traffic": [("20", 15, "running"), ("21", 15, "running")],
    "thirds with fractions": [("1", 100 / 3, "running"), ("2", 100 / 3, "running"), ("3", 100 / 3, "running")],
    "uneven fractions": [("1", 8.333333333333334, "running"), ("2", 0.0001, "running"), ("3", 33.3333, "running")],
    "one stopped": [("1", 25, "running"), ("2", 25, "stopped"), ("3", 50, "running")],
    "one at zero": [("1", 25, "running"), ("2", 0, "running"), ("3", 50, "running")],
    "no allocations": [("7", None, None), ("8", None, None)],
    "more than everything": [("1", 80, "running"), ("2", 80, "running")],
    "stopped altogether": [("1", 50, "stopped"), ("2", 50, "stopped")],
    "ids out of order": [("30", 20, "running"), ("4", 20, "running"), ("100", 20, "running")],
    "ids with letters": [("z", 20, "running"), ("12", 20, "running"), ("a", 20, "running"), ("011", 20, "running")],
    "nobody": [],
}


def javascript_order(variations):
    """JavaScript lists array indexes of an object first, by number; a dictionary of Python keeps its own order."""
    whole = [item for item in variations if item["id"].isdigit() and str(int(item["id"])) == item["id"]]
    return sorted(whole, key=lambda item: int(item["id"])) + [item for item in variations if item not in whole]


def variation(identifier, allocation, status):
    fields = {"id": identifier, "traffic_allocation": allocation, "status": status}
    return {name: value for name, value in fields.items() if value is not None}


def choice(variations, version, value):
    experience = {"variations": variations, "version": version}
    if experiences._is_anchored_layout(experience):
        allocations = experiences._build_variation_allocations(experience)
        return bucketing.select_bucket_anchored(bucketing.build_bucket_ranges(allocations), value)
    ordered = {"variations": javascript_order(variations)}
    return bucketing.select_bucket(experiences._build_buckets(ordered), value)


def hashes():
    for seed in SEEDS:
        for experience in EXPERIENCES:
            for visitor in VISITORS if seed == SEEDS[0] else VISITORS[:24]:
                yield bucketing.murmurhash3_32(experience + visitor, seed)


def runs(picks, values):
    """[[first value, arm], ...]: where the choice changes."""
    pairs = list(zip(values, picks))
    return [pair for number, pair in enumerate(pairs) if number == 0 or pairs[number - 1][1] != pair[1]]


def main():
    exact = []
    for name, split in SPLITS.items():
        variations = [variation(*arm) for arm in split]
        for version in [None, 11, 12]:
            picks = [choice(variations, version, value) for value in range(10_000)]
            changes = runs(picks, range(10_000))
            exact.append({"name": name, "version": version, "variations": variations, "runs": changes})
    value = bucketing.get_bucket_value_for_visitor
    golden = {
        "seeds": SEEDS,
        "experiences": EXPERIENCES,
        "visitors": VISITORS,
        "hashes": list(hashes()),
        "values": [value(visitor, experience_id=EXPERIENCES[2]) for visitor in VISITORS],
        "splits": exact,
    }
    text = json.dumps(golden, ensure_ascii=True, separators=(",", ":"))
    pathlib.Path(__file__).with_name("golden.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
