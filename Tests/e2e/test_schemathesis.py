"""schemathesis reads the served contracts, makes requests from them, and holds every answer against them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from support.server import Launch, Sextant

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "use_after_free",
]
EXAMPLES = 12
SEED = 20240513
# For each of the three runs; one takes about a quarter of it.
LIMIT_SECONDS = 80
# With the key in use gone, all else would be answered 401.
REVOKING = "revokeKey"
ELSEWHERE = "listUsers"
# Large or recursive bodies, for which listing every way to be wrong takes minutes; they are fuzzed only.
LARGE = ["ingestEvents", "createSegment", "updateSegment"]


@pytest.fixture
def server(launch: Launch) -> Sextant:
    return launch()


def served_contract(server: Sextant, name: str) -> dict[str, Any]:
    answer = requests.get(f"{server.base_url}/openapi/{name}.yaml", timeout=30)
    assert answer.status_code == 200 and "yaml" in answer.headers["Content-Type"]
    contract: dict[str, Any] = yaml.safe_load(answer.text)
    return contract


def operations(contract: dict[str, Any]) -> list[dict[str, Any]]:
    methods = {"get", "post", "put", "patch", "delete"}
    return [operation for path in contract["paths"].values() for method, operation in path.items() if method in methods]


def make_vendor_contract_strict(contract: dict[str, Any]) -> None:
    """The vendor's documents leave open what an error must hold, and name few of the statuses that bad input gets."""
    error = contract["components"]["schemas"]["ErrorResponse"]
    error["required"] = ["errors"]
    error["properties"]["errors"]["minItems"] = 1
    error["properties"]["errors"]["items"]["required"] = ["details", "error", "error_code", "message"]
    for operation in operations(contract):
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
        operation["responses"].setdefault("default", {"description": "Any other error", "content": content})


def run_schemathesis(server: Sextant, contract: dict[str, Any], folder: Path, phases: str, *filters: str) -> None:
    file = folder / "contract.yaml"
    file.write_text(yaml.safe_dump(contract, sort_keys=False), encoding="utf-8")
    # One worker: the making of examples from recursive schemas is not safe on several threads of Python 3.11.
    command = [
        *[str(Path(sys.executable).with_name("schemathesis")), "run", str(file), "--url", server.base_url],
        *["--header", f"Authorization: Token {server.token}", "--checks", ",".join(CHECKS)],
        *["--phases", phases, "--max-examples", str(EXAMPLES), "--seed", str(SEED)],
        *["--no-shrink", "--continue-on-failure", "--workers", "1", "--request-timeout", "30"],
        *["--generation-database", "none", "--suppress-health-check", "all", "--warnings", "off", "--no-color"],
        *filters,
    ]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    print(result.stdout[-2_000:])
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-2_000:]
    assert "Tested:" in result.stdout, "schemathesis tested nothing"


def test_userpilot_contract(server: Sextant, tmp_path: Path) -> None:
    contract = served_contract(server, "userpilot")
    assert len(operations(contract)) == 27
    make_vendor_contract_strict(contract)
    # Gainsight PX lists users at an address where this vendor deletes them, and answers in a form of its own.
    contract["paths"]["/v1/users"]["get"] = {"operationId": ELSEWHERE, "responses": {"200": {"description": "Users"}}}
    run_schemathesis(server, contract, tmp_path, "examples,coverage,fuzzing", "--exclude-operation-id", ELSEWHERE)
    assert server.client().get("/ready").status_code == 200


def test_sextant_contract(server: Sextant, tmp_path: Path) -> None:
    contract = served_contract(server, "sextant")
    # schemathesis cannot write NDJSON; test_batches.py and test_unknown_fields.py do.
    for path in ("events", "events/validate"):
        del contract["paths"][f"/api/sextant/v1/{path}"]["post"]["requestBody"]["content"]["application/x-ndjson"]
    skipped = [argument for name in [REVOKING, *LARGE] for argument in ("--exclude-operation-id", name)]
    run_schemathesis(server, contract, tmp_path, "examples,coverage,fuzzing", *skipped)
    only = [argument for name in LARGE for argument in ("--include-operation-id", name)]
    run_schemathesis(server, contract, tmp_path, "examples,fuzzing", *only)
    assert server.client().get("/ready").status_code == 200
