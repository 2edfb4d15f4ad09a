"""What the command line says about the server, and what the server says about its contracts."""

import re
import subprocess
from pathlib import Path

import requests
import yaml

from support.server import Sextant, binary

MISSING = Path(__file__).with_name("missing_operations.txt")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=120)


def test_missing_operations_only_ever_shrink() -> None:
    """An operation that gets a handler leaves the file; none may be added to it."""
    listed = run("routes", "--missing")
    assert listed.returncode == 0, listed.stderr
    missing = sorted(line.split("\t")[0] for line in listed.stdout.splitlines())
    assert missing == MISSING.read_text().split()
    assert not [name for name in missing if name.startswith(("userpilot.", "sextant."))]


def test_missing_operations_answer_501(server: Sextant) -> None:
    for line in run("routes", "--missing").stdout.splitlines():
        _, method, path = line.split("\t")[:3]
        answer = requests.request(method, server.base_url + re.sub(r"{\w+}", "1", path), json={}, timeout=30)
        assert answer.status_code == 501 and "not served" in answer.json()["message"], line


def test_contracts_are_served_and_readable(server: Sextant) -> None:
    for name in ("userpilot", "sextant", "convert", "convert-serving", "gainsight-px"):
        response = requests.get(f"{server.base_url}/openapi/{name}.yaml", timeout=30)
        assert response.status_code == 200 and yaml.safe_load(response.text)["openapi"].startswith("3.")
    page = requests.get(f"{server.base_url}/docs/userpilot", timeout=30)
    assert page.status_code == 200 and "triggerExport" in page.text
    assert requests.get(f"{server.base_url}/openapi/nothing.yaml", timeout=30).status_code == 404


def test_health_readiness_and_metrics(server: Sextant) -> None:
    assert requests.get(f"{server.base_url}/health", timeout=30).json() == {"status": "ok"}
    assert requests.get(f"{server.base_url}/ready", timeout=30).json() == {"status": "ready"}
    environment = server.new_environment()
    environment.track("ann", "paid")
    metrics = requests.get(f"{server.base_url}/metrics", timeout=30).text
    assert 'sextant_http_requests_total{operation="userpilot.trackEvent",status="202"} 1' in metrics
    assert "# TYPE sextant_event_commit_seconds histogram" in metrics


def test_init_refuses_a_second_run(server: Sextant, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    assert run("init", "--data", data, "--json").returncode == 0
    again = run("init", "--data", data, "--json")
    assert again.returncode != 0 and "already" in again.stderr


def test_serve_needs_a_data_folder_of_its_own(server: Sextant, tmp_path: Path) -> None:
    empty = run("serve", "--data", str(tmp_path / "nothing"))
    assert empty.returncode != 0 and "sextant init" in empty.stderr
    taken = run("serve", "--data", str(server.data), "--port", "0")
    assert taken.returncode != 0 and "Another sextant process" in taken.stderr


def test_import_and_sql_through_the_running_server(server: Sextant, tmp_path: Path) -> None:
    token = server.new_environment().token
    connection = ["--url", server.base_url, "--token", token]
    history = tmp_path / "history.csv"
    history.write_text(
        "event_type,event_name,user_id,source,inserted_at\n"
        "track,paid,ann,backend-http,2024-03-01T10:00:00Z\n"
        "dance,paid,bob,backend-http,2024-03-01T10:00:00Z\n"
    )
    imported = run("import", str(history), *connection)
    assert imported.returncode == 3, imported.stderr
    assert "row 3: event_type must be one of" in imported.stdout and "1 rows imported, 1 not taken" in imported.stdout
    answer = run("sql", "SELECT user_id, count(*) AS n FROM events GROUP BY ALL", *connection)
    assert answer.returncode == 0 and answer.stdout.splitlines() == ["user_id,n", "ann,1"]
    refused = run("sql", "DROP TABLE events", *connection)
    assert refused.returncode != 0 and "400" in refused.stderr
    assert "SEXTANT_TOKEN" in run("sql", "SELECT 1", "--url", server.base_url).stderr
