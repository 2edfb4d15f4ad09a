"""What an error must look like on each surface."""

from typing import Any

import requests


def assert_error(response: requests.Response, status: int | tuple[int, ...], mentions: str = "") -> dict[str, Any]:
    """Checks status, content type and envelope; `mentions` must occur in what the answer says. Returns the body."""
    statuses = status if isinstance(status, tuple) else (status,)
    assert response.status_code in statuses, f"{response.status_code}, not {statuses}: {response.text[:1000]}"
    assert response.headers["Content-Type"].split(";")[0] == "application/json"
    body: dict[str, Any] = response.json()
    if "errors" in body:
        check_userpilot_form(body, response.status_code)
    elif "externalapierror" in body:
        check_gainsight_form(body)
    else:
        check_sextant_form(body)
    assert mentions.lower() in response.text.lower(), f"nothing about {mentions!r} in {response.text[:1000]}"
    return body


def check_userpilot_form(body: dict[str, Any], status: int) -> None:
    assert set(body) == {"errors"} and body["errors"], body
    for error in body["errors"]:
        assert {"details", "error", "error_code", "message"} <= set(error), error
        assert error["details"] is None or isinstance(error["details"], str)
        assert error["error_code"] == str(status), error
        assert isinstance(error["error"], str) and isinstance(error["message"], str) and error["message"]


def check_sextant_form(body: dict[str, Any]) -> None:
    assert set(body) == {"error"}, body
    assert {"code", "message"} <= set(body["error"]) <= {"code", "message", "fields"}
    assert body["error"]["code"] and body["error"]["message"]
    for field in body["error"].get("fields", []):
        assert set(field) == {"field", "message"} and field["message"], field


def assert_userpilot_error(response: requests.Response, status: int, mentions: str = "") -> dict[str, Any]:
    body = assert_error(response, status, mentions)
    assert "errors" in body, f"not the Userpilot form: {body}"
    return body


def assert_sextant_error(
    response: requests.Response, status: int | tuple[int, ...], mentions: str = ""
) -> dict[str, Any]:
    body = assert_error(response, status, mentions)
    assert "error" in body, f"not the form of Sextant's own surface: {body}"
    return body


def check_gainsight_form(body: dict[str, Any]) -> None:
    assert set(body) == {"externalapierror", "message"}, body
    error = body["externalapierror"]
    assert set(error) == {"status", "message", "debugMessage", "subErrors"} and error["message"], error
    assert error["status"].replace("_", "").isupper() and error["debugMessage"] is None
    assert error["subErrors"] is None or all(part["message"] for part in error["subErrors"])


def assert_gainsight_error(response: requests.Response, status: int, mentions: str = "") -> dict[str, Any]:
    """Returns what stands in the envelope."""
    body = assert_error(response, status, mentions)
    assert "externalapierror" in body, f"not Gainsight PX's form: {body}"
    error: dict[str, Any] = body["externalapierror"]
    return error
