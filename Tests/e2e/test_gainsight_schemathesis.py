"""schemathesis makes requests from Gainsight PX's contract, and holds every answer of the operations that are served against it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from support.gainsight import MISSING, GainsightClient, gainsight
from support.server import Launch, Sextant

CHECKS = [
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
]  # fmt: skip
EXAMPLES = 12
SEED = 20240513
LIMIT_SECONDS = 240
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def px(launch: Launch) -> GainsightClient:
    server: Sextant = launch()
    return gainsight(server.client())


def operations(contract: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in contract["paths"].values() for method, operation in path.items() if method in METHODS]


def make_strict(contract: dict[str, Any]) -> None:
    """The vendor's document leaves open what an error must hold, and names few of the statuses that bad input gets."""
    error = contract["components"]["schemas"]["ExternalApiError"]
    error["required"] = ["externalapierror"]
    error["properties"]["externalapierror"]["required"] = ["status", "message", "debugMessage", "subErrors"]
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/ExternalApiError"}}}
    for operation in operations(contract):
        operation["responses"].setdefault("default", {"description": "Any other error", "content": content})


def put_addresses_together(contract: dict[str, Any]) -> None:
    """The document's paths lie below /v1 but for those that have a server of their own."""
    paths = {}
    for name, path in contract["paths"].items():
        servers = path.pop("servers", None)
        paths[name if servers else f"/v1{name}"] = path
    contract["paths"] = paths
    contract.pop("servers", None)


def test_gainsight_contract(px: GainsightClient, tmp_path: Path) -> None:
    answer = requests.get(f"{px.base_url}/openapi/gainsight-px.yaml", timeout=30)
    contract: dict[str, Any] = yaml.safe_load(answer.text)
    assert len(operations(contract)) == 55
    put_addresses_together(contract)
    make_strict(contract)
    file = tmp_path / "contract.yaml"
    file.write_text(yaml.safe_dump(contract, sort_keys=False), encoding="utf-8")
    command = [
        *[str(Path(sys.executable).with_name("schemathesis")), "run", str(file), "--url", px.base_url],
        *["--header", f"X-APTRINSIC-API-KEY: {px.key}", "--checks", ",".join(CHECKS)],
        *["--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", str(SEED)],
        *["--no-shrink", "--continue-on-failure", "--workers", "1", "--request-timeout", "30"],
        *["--generation-database", "none", "--suppress-health-check", "all", "--warnings", "off", "--no-color"],
    ]
    # What this server does not have yet answers 501.
    for operation in operations(contract):
        if f"gainsight-px.{operation['operationId']}" in MISSING:
            command += ["--exclude-operation-id", operation["operationId"]]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    print(result.stdout[-2_000:])
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-2_000:]
    assert "Tested:" in result.stdout, "schemathesis tested nothing"
    assert px.product.get("/ready").status_code == 200
