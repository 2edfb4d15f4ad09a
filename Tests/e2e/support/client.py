"""Speaks to a server as its clients do."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from .polling import wait_until
from .readers import Row, read_rows

EXPORTS = "/api/v1/analytics/exports"
LOOKUPS = f"{EXPORTS}/lookups"
SEXTANT = "/api/sextant/v1"
REQUEST_SECONDS = 60
JOB_SECONDS = 180

Event = dict[str, Any]


@dataclass
class ExportedFile:
    """One file of an export, as a client without the key downloaded it."""

    filename: str
    url: str
    content: bytes
    rows: list[Row] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Export:
    """A completed export: what the server says of it, and its files in the order of their names."""

    job: dict[str, Any]
    files: list[ExportedFile]

    @property
    def rows(self) -> list[Row]:
        return [row for file in self.files for row in file.rows]


class Client:
    """One key and one connection pool; not to be shared between threads."""

    def __init__(self, base_url: str, token: str, verify: bool | str = True, scheme: str = "Token") -> None:
        self.base_url = base_url
        self.token = token
        self.session = requests.Session()
        self.session.verify = verify
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"{scheme} {token}"

    def request(self, method: str, path: str, *, expect: int | None = None, **options: Any) -> requests.Response:
        """One request; redirects are not followed. With `expect`, any other status fails."""
        options.setdefault("timeout", REQUEST_SECONDS)
        response = self.session.request(method, self.base_url + path, allow_redirects=False, **options)
        if expect is not None:
            assert response.status_code == expect, (
                f"{method} {path} answered {response.status_code}, not {expect}: {response.text[:1000]}"
            )
        return response

    def get(self, path: str, *, expect: int | None = 200, **options: Any) -> requests.Response:
        return self.request("GET", path, expect=expect, **options)

    def post(self, path: str, body: Any = None, *, expect: int | None = None, **options: Any) -> requests.Response:
        if body is not None:
            options["json"] = body
        return self.request("POST", path, expect=expect, **options)

    # ---- ingestion

    def identify(self, user_id: str, metadata: dict[str, Any] | None = None, **more: Any) -> None:
        self.post("/v1/identify", {"user_id": user_id, "metadata": metadata or {}, **more}, expect=202)

    def identify_company(self, company_id: str, metadata: dict[str, Any] | None = None) -> None:
        self.post("/v1/companies/identify", {"company_id": company_id, "metadata": metadata or {}}, expect=202)

    def track(self, user_id: str, event_name: str, metadata: dict[str, Any] | None = None, **more: Any) -> None:
        body = {"user_id": user_id, "event_name": event_name, "metadata": metadata or {}, **more}
        self.post("/v1/track", body, expect=202)

    def ingest(self, events: Sequence[Any], **options: Any) -> dict[str, Any]:
        """Sends events in one batch; fails unless the server read it."""
        answer: dict[str, Any] = self.post(f"{SEXTANT}/events", list(events), expect=202, **options).json()
        assert len(answer["results"]) == len(events)
        return answer

    def ingest_all(self, events: Iterable[Event], batch: int = 1000) -> int:
        """Sends events in batches, each of which must be accepted; returns how many there were."""
        pending: list[Event] = []
        count = 0
        for event in events:
            pending.append(event)
            if len(pending) == batch:
                count += self._ingest_new(pending)
                pending = []
        return count + (self._ingest_new(pending) if pending else 0)

    def _ingest_new(self, events: list[Event]) -> int:
        answer = self.ingest(events)
        refused = [result for result in answer["results"] if result["status"] != "accepted"]
        assert not refused, f"{len(refused)} of {len(events)} events were not accepted, the first: {refused[0]}"
        return len(events)

    # ---- SQL

    def sql(self, query: str, **options: Any) -> list[list[Any]]:
        answer = self.post(f"{SEXTANT}/sql", {"query": query, **options}, expect=200).json()
        rows: list[list[Any]] = answer["rows"]
        return rows

    def sql_columns(self, table: str) -> list[dict[str, Any]]:
        """What is said of a table's columns."""
        (described,) = [one for one in self.get(f"{SEXTANT}/sql/tables").json() if one["name"] == table]
        columns: list[dict[str, Any]] = described["columns"]
        return columns

    def count_events(self, condition: str = "true") -> int:
        return int(self.sql(f"select count(*) from events where {condition}")[0][0])

    # ---- exports

    def start_export(self, first_day: str, last_day: str, **body: Any) -> str:
        answer = self.post(EXPORTS, {"from": first_day, "to": last_day, **body}, expect=201).json()
        job_id: str = answer["job_id"]
        return job_id

    def export_job(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = self.get(f"{EXPORTS}/jobs/{job_id}").json()
        return job

    def finish_export(self, job_id: str) -> Export:
        """Waits for the job and downloads its files, without the key."""

        def ended() -> dict[str, Any] | None:
            job = self.export_job(job_id)
            return job if job["status"] in ("completed", "failed") else None

        job = wait_until(ended, f"export job {job_id}", JOB_SECONDS) or {}
        assert job["status"] == "completed", f"the export failed: {job}"
        links = sorted(job["presigned_urls"], key=lambda link: link["filename"])
        return Export(job, [self.download(link["filename"], link["url"]) for link in links])

    def download(self, filename: str, url: str) -> ExportedFile:
        response = requests.get(url, timeout=REQUEST_SECONDS, verify=self.session.verify)
        assert response.status_code == 200, f"{url} answered {response.status_code}: {response.text[:500]}"
        # A .gz file is the file itself, not a transfer encoding that a client would strip.
        assert "Content-Encoding" not in response.headers
        return ExportedFile(filename, url, response.content, read_rows(filename, response.content))

    def export(self, first_day: str, last_day: str, **body: Any) -> Export:
        return self.finish_export(self.start_export(first_day, last_day, **body))

    def manifest(self, job: dict[str, Any]) -> dict[str, Any]:
        response = requests.get(job["manifest"]["url"], timeout=REQUEST_SECONDS, verify=self.session.verify)
        assert response.status_code == 200
        manifest: dict[str, Any] = response.json()
        return manifest

    # ---- background jobs

    def background_job(self, job_id: str) -> dict[str, Any]:
        job: dict[str, Any] = self.get(f"/v1/background_jobs/{quote(job_id, safe='')}").json()
        return job

    def finish_background_job(self, job_id: str) -> dict[str, Any]:
        """Waits until the job has ended, well or not."""

        def ended() -> dict[str, Any] | None:
            job = self.background_job(job_id)
            return job if job["status"] in ("completed", "failed") else None

        return wait_until(ended, f"background job {job_id}", JOB_SECONDS) or {}

    def upload(self, path: str, filename: str, content: bytes, expect: int | None = None) -> requests.Response:
        """Sends a file in the multipart field `file`."""
        return self.request(
            "POST", path, expect=expect, files={"file": (filename, content, "application/octet-stream")}
        )

    # ---- people and catalogue

    def user(self, user_id: str) -> dict[str, Any] | None:
        return self._profile(f"{SEXTANT}/users/{quote(user_id, safe='')}")

    def company(self, company_id: str) -> dict[str, Any] | None:
        return self._profile(f"{SEXTANT}/companies/{quote(company_id, safe='')}")

    def _profile(self, path: str) -> dict[str, Any] | None:
        response = self.get(path, expect=None)
        if response.status_code == 404:
            return None
        assert response.status_code == 200, response.text
        profile: dict[str, Any] = response.json()
        return profile

    def lookup(self, name: str, **query: Any) -> Any:
        return self.get(f"{LOOKUPS}/{name}", params=query).json()


def ndjson(records: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(record, separators=(",", ":")).encode() + b"\n" for record in records)
