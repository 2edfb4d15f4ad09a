"""Clients that a generator makes of the server's contracts: they import, call operations, understand the answers."""

import datetime
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
import yaml
from openapi_spec_validator import validate

from support.convert import convert_project
from support.gainsight import gainsight
from support.server import Sextant
from support.serving import new_sdk_key

NAMES = ["userpilot", "sextant", "gainsight-px", "convert", "convert-serving"]
# Forms of bodies that the generator knows by no name of its own. Of several of one body it leaves out those it does not
# know, which it tells.
CONFIGURATION = {"post_hooks": [], "content_type_overrides": {"download/json": "application/json"}}
KNOWN_WARNINGS = {"sextant": ["Unsupported content type application/x-ndjson"] * 2}


def module_name(name: str) -> str:
    return f"generated_{name.replace('-', '_')}"


def base_url(server: Sextant, name: str) -> str:
    """What the contract says itself of where the server is."""
    document = yaml.safe_load(requests.get(f"{server.base_url}/openapi/{name}.yaml", timeout=30).text)
    url: str = document["servers"][0]["url"]
    assert url.startswith(server.base_url)
    return url


@pytest.fixture(scope="module")
def generated(server: Sextant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a client for each contract."""
    folder = tmp_path_factory.mktemp("generated")
    configuration = folder / "configuration.yaml"
    configuration.write_text(yaml.safe_dump(CONFIGURATION))
    generator = str(Path(sys.executable).with_name("openapi-python-client"))
    for name in NAMES:
        url = f"{server.base_url}/openapi/{name}.yaml"
        command = [generator, "generate", "--url", url, "--meta", "none", "--config", str(configuration)]
        made = subprocess.run(
            [*command, "--output-path", str(folder / module_name(name))],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        output = made.stdout + made.stderr
        assert made.returncode == 0, output
        known = KNOWN_WARNINGS.get(name, [])
        assert ("Warning(s)" in output) == bool(known) and all(warning in output for warning in known), output
        assert output.count("WARNING") == len(known) and "Unable" not in output, output
    sys.path.insert(0, str(folder))
    return folder


def imported(name: str, path: str = "") -> ModuleType:
    return importlib.import_module(".".join(part for part in (module_name(name), path) if part))


def client(server: Sextant, name: str, **arguments: Any) -> Any:
    return imported(name).AuthenticatedClient(base_url=base_url(server, name), **arguments)


@pytest.mark.parametrize("name", NAMES)
def test_contracts_are_valid_openapi(server: Sextant, name: str) -> None:
    text = requests.get(f"{server.base_url}/openapi/{name}.yaml", timeout=30).text
    validate(yaml.safe_load(text))
    for foreign in ("userpilot.io", "aptrinsic.com", "convertexperiments"):
        assert foreign not in text
    # The address is the one that the client has asked at.
    other = requests.get(
        f"{server.base_url}/openapi/{name}.yaml", headers={"Host": "sextant.example.com"}, timeout=30
    ).text
    assert "servers: [{url: 'http://sextant.example.com" in other


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_has_a_function_that_imports(server: Sextant, generated: Path, name: str) -> None:
    package = imported(name)
    names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    modules = [importlib.import_module(found) for found in names]
    functions = [module for module in modules if hasattr(module, "sync_detailed")]
    document = yaml.safe_load(requests.get(f"{server.base_url}/openapi/{name}.yaml", timeout=30).text)
    count = sum(
        "operationId" in operation
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    )
    assert len(functions) == count


def test_userpilot_client_sends_and_exports(server: Sextant, generated: Path) -> None:
    environment = server.new_environment()
    caller = client(server, "userpilot", token=environment.token, prefix="Token")
    models = imported("userpilot", "models")
    identify = imported("userpilot", "api.ingestion.identify_user")
    track = imported("userpilot", "api.ingestion.track_event")
    user = models.IdentifyRequest.from_dict({"user_id": "ann", "metadata": {"email": "ann@example.com"}})
    assert identify.sync_detailed(client=caller, body=user).status_code == 202
    event = models.TrackRequest(user_id="ann", event_name="order_paid")
    assert track.sync_detailed(client=caller, body=event).status_code == 202
    trigger = imported("userpilot", "api.export.trigger_export")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    order = models.ExportRequest(from_=today, to=today, format_=models.ExportRequestFormat.CSV)
    created = trigger.sync(client=caller, body=order)
    assert isinstance(created, models.ExportCreated) and created.job_id
    jobs = imported("userpilot", "api.export.list_export_jobs").sync(client=caller)
    assert [job.job_id for job in jobs] == [created.job_id]
    stranger = client(server, "userpilot", token="nothing", prefix="Token")
    refused = imported("userpilot", "api.export.list_export_jobs").sync(client=stranger)
    assert isinstance(refused, models.ErrorResponse) and refused.errors[0].error_code == "401"


def test_sextant_client_sends_batches_and_asks(server: Sextant, generated: Path) -> None:
    environment = server.new_environment()
    caller = client(server, "sextant", token=environment.token, prefix="Token")
    models = imported("sextant", "models")
    ingest = imported("sextant", "api.ingestion.ingest_events")
    event = models.IngestedEvent.from_dict({"event_type": "track", "event_name": "paid", "user_id": "ann"})
    result = ingest.sync(client=caller, body=[event, event])
    assert result.accepted == 2
    segments = imported("sextant", "api.segments.create_segment")
    rule = {"any": [{"event": "paid", "operator": "at_least", "count": 1}]}
    segment = segments.sync(client=caller, body=models.NewSegment.from_dict({"title": "Payers", "rule": rule}))
    assert segment.title == "Payers" and segment.rule.to_dict() == rule
    listed = imported("sextant", "api.segments.list_segments").sync(client=caller)
    assert [one.id for one in listed.data] == [segment.id]


def test_gainsight_client_keeps_users(server: Sextant, generated: Path) -> None:
    field = "X-APTRINSIC-API-KEY"
    key = str(gainsight(server.new_environment()).session.headers[field])
    caller = client(server, "gainsight-px", token=key, prefix="", auth_header_name=field)
    models = imported("gainsight-px", "models")
    create = imported("gainsight-px", "api.users.create_user")
    user = models.UserInput.from_dict({"identifyId": "ann", "email": "ann@example.com"})
    made = create.sync(client=caller, body=user)
    assert made.identify_id == "ann" and made.email == "ann@example.com"
    page = imported("gainsight-px", "api.users.list_users").sync(client=caller)
    assert page.total_hits >= 1 and "ann" in [one.identify_id for one in page.users]
    # These lie beside /v1, and are there for clients that know one address.
    features = imported("gainsight-px", "api.feature_match.list_features_extended").sync_detailed(client=caller)
    assert features.status_code == 200
    absent = imported("gainsight-px", "api.users.get_user").sync(user_id="nobody", client=caller)
    assert absent.externalapierror.status == "NOT_FOUND"


def test_convert_client_makes_goals(server: Sextant, generated: Path) -> None:
    key = server.credentials["convert"]
    caller = client(server, "convert", token=f"{key['application_id']}:{key['secret']}")
    models = imported("convert", "models")
    account = server.credentials["account_id"]
    projects = imported("convert", "api.projects.get_projects_list").sync(
        account_id=account, client=caller, body=models.GetProjectsListRequestData()
    )
    names = {project.id: project.name for project in projects.data}
    project = server.credentials["projects"]["web"]["id"]
    assert project in names
    body = models.NoSettingsGoal.from_dict({"name": "Paid", "type": "code_trigger"})
    made = imported("convert", "api.goals.create_goal").sync(
        account_id=account, project_id=project, client=caller, body=body
    )
    assert made.name == "Paid" and isinstance(made.id, int)
    absent = imported("convert", "api.goals.get_goal").sync(
        account_id=account, project_id=project, goal_id=987_654_321, client=caller
    )
    assert isinstance(absent, models.ErrorData) and absent.code == 404


def test_serving_client_fetches_and_tracks(server: Sextant, generated: Path) -> None:
    project = convert_project(server, "fullstack")
    key = new_sdk_key(project)["sdk_key"]
    caller = imported("convert-serving").Client(base_url=base_url(server, "convert-serving"))
    account = server.credentials["account_id"]
    fetch = imported("convert-serving", "api.project_config.get_project_config")
    config = fetch.sync(account_id=account, project_id=project.id, client=caller)
    assert config.account_id == str(account) and config.project.id == str(project.id)
    models = imported("convert-serving", "models")
    body = models.SendTrackingEventsRequestData.from_dict(
        {"accountId": str(account), "projectId": str(project.id), "enrichData": True, "visitors": []}
    )
    track = imported("convert-serving", "api.experiences_tracking.send_tracking_events_sdk_key")
    answer = track.sync(sdk_key=key, client=caller, body=body)
    assert answer.code == 200
