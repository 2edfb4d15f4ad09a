"""How exports reach people and programs: mail, signed links of the server's own, and links of an S3 bucket."""

import email
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from moto.server import ThreadedMotoServer

from support.client import EXPORTS, Client
from support.errors import assert_error
from support.polling import wait_until
from support.server import Launch, Sextant, free_port

DAYS = ("2024-05-01", "2024-06-30")
BUCKET, REGION = "exports", "eu-central-1"


class Mailbox:
    """Takes all mail in and keeps it."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.received.append(envelope)
        return "250 OK"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield mailbox, port
    controller.stop()


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of an S3 server that holds an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    s3(endpoint).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield endpoint
    server.stop()


def s3(endpoint: str):  # type: ignore[no-untyped-def]  # boto3 makes its clients at run time
    return boto3.client(
        "s3", endpoint_url=endpoint, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
    )


@pytest.fixture(scope="module")
def delivering(launch: Launch, mailbox: tuple[Mailbox, int], bucket: str) -> Sextant:
    """A server that sends mail through SMTP and keeps files in S3."""
    return launch(
        {
            "SEXTANT_SMTP_URL": f"smtp://127.0.0.1:{mailbox[1]}",
            "SEXTANT_BLOB_URL": f"s3://{BUCKET}/some/prefix?endpoint={bucket}&region={REGION}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
        }
    )


def load(client: Client) -> None:
    days = [f"2024-05-{day:02d}" for day in range(1, 31)]
    client.ingest_all({"user_id": "ann", "event_name": day, "inserted_at": f"{day}T12:00:00Z"} for day in days)


def text_of(message: Message) -> str:
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return "\n".join(part.decode() for part in parts if isinstance(part, bytes))


# ---- mail


def test_mail_through_smtp(delivering: Sextant, mailbox: tuple[Mailbox, int]) -> None:
    client = delivering.new_environment()
    load(client)
    export = client.export(*DAYS, emails=["ann@example.com", "bob@example.com"])

    def recipients() -> set[str]:
        return {address for envelope in mailbox[0].received for address in envelope.rcpt_tos}

    wait_until(lambda: recipients() >= {"ann@example.com", "bob@example.com"}, "the mail")
    content = mailbox[0].received[-1].content
    assert isinstance(content, bytes)
    message = email.message_from_bytes(content)
    assert message["Subject"] and message["From"] and message["Date"] and message["Message-ID"]
    assert export.job["job_id"] in text_of(message)


def test_no_mail_without_addresses(delivering: Sextant, mailbox: tuple[Mailbox, int]) -> None:
    client = delivering.new_environment()
    before = len(mailbox[0].received)
    client.export(*DAYS)
    marker = client.export(*DAYS, emails=["marker@example.com"])
    wait_until(lambda: len(mailbox[0].received) > before, "the second job's mail")
    new = mailbox[0].received[before:]
    assert [envelope.rcpt_tos for envelope in new] == [["marker@example.com"]]
    assert marker.job["status"] == "completed"


def test_mail_into_a_folder(server: Sextant) -> None:
    client = server.new_environment()
    export = client.export(*DAYS, emails=["ann@example.com"])
    folder = server.data / "mail/new"
    files = wait_until(lambda: folder.is_dir() and list(folder.iterdir()), "the mail") or []
    message = email.message_from_bytes(Path(files[0]).read_bytes())
    assert "ann@example.com" in message["To"] and export.job["job_id"] in text_of(message)


# ---- links of the server's own


def test_a_link_is_its_own_key(server: Sextant) -> None:
    client = server.new_environment()
    load(client)
    export = client.export(*DAYS)
    for file in export.files:
        assert file.url.startswith(server.base_url + "/")
        answer = requests.get(file.url, timeout=30)
        assert answer.status_code == 200 and answer.content == file.content
        assert file.filename in answer.headers["Content-Disposition"]
        assert int(answer.headers["Content-Length"]) == len(file.content)


def test_a_changed_link_opens_nothing(server: Sextant) -> None:
    client = server.new_environment()
    load(client)
    first, second = client.export(*DAYS).files[:2]
    parts = urlsplit(first.url)
    signature = parts.query.rpartition("=")[2]
    flipped = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    tampered = [
        first.url.replace(signature, flipped),
        first.url.replace(signature, ""),
        first.url.removesuffix(f"?{parts.query}"),
        first.url.replace(parts.path, urlsplit(second.url).path),
        first.url.replace("X-Amz-Expires=172800", "X-Amz-Expires=604800"),
        first.url + "&more=1",
        first.url.replace(parts.path, parts.path + "x"),
    ]
    assert all(url != first.url for url in tampered)
    for url in tampered:
        assert_error(requests.get(url, timeout=30), 403)
        # A valid key does not help a link that is not.
        assert_error(client.session.get(url, timeout=30), 403)
    blobs = parts.path.split("/")[1]
    for path in ("..%2f..%2fcontrol.sqlite", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "%00"):
        request = requests.Request("GET", server.base_url).prepare()
        request.url = f"{server.base_url}/{blobs}/{path}?{parts.query}"
        answer = requests.Session().send(request, timeout=30)
        assert answer.status_code in (400, 403, 404), answer.text


def test_links_name_the_public_address(launch: Launch) -> None:
    server = launch({"SEXTANT_PUBLIC_URL": "https://sextant.example/base"})
    client = server.client()
    load(client)
    job_id = client.start_export(*DAYS)
    job = wait_until(lambda: (job := client.export_job(job_id))["status"] == "completed" and job, "the export")
    for link in job["presigned_urls"]:
        assert link["url"].startswith("https://sextant.example/base/")
        local = link["url"].replace("https://sextant.example/base", server.base_url)
        assert requests.get(local, timeout=30).status_code == 200


def test_a_link_that_is_renewed_by_asking_again(server: Sextant) -> None:
    client = server.new_environment()
    load(client)
    export = client.export(*DAYS)
    # The links of a job stay valid for two days from its completion, not from each look at it.
    again = client.get(f"{EXPORTS}/jobs/{export.job['job_id']}").json()
    assert {link["filename"] for link in again["presigned_urls"]} == {file.filename for file in export.files}
    assert all(requests.get(link["url"], timeout=30).status_code == 200 for link in again["presigned_urls"])


# ---- S3


def test_files_in_a_bucket(delivering: Sextant, bucket: str) -> None:
    client = delivering.new_environment()
    load(client)
    for file_format in ("json", "parquet", "avro"):
        export = client.export(*DAYS, format=file_format)
        assert sorted(row["event_name"] for row in export.rows) == [f"2024-05-{day:02d}" for day in range(1, 31)]
        keys = [item["Key"] for item in s3(bucket).list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert all(key.startswith("some/prefix/") for key in keys)
        for file in export.files:
            assert file.url.startswith(f"{bucket}/{BUCKET}/some/prefix/")
            assert "X-Amz-Signature=" in file.url and "X-Amz-Expires=172800" in file.url
            stored = s3(bucket).get_object(Bucket=BUCKET, Key=urlsplit(file.url).path.removeprefix(f"/{BUCKET}/"))
            assert stored["Body"].read() == file.content


def test_a_bucket_that_is_away_fails_the_job_with_a_reason(launch: Launch) -> None:
    server = launch(
        {
            "SEXTANT_BLOB_URL": f"s3://{BUCKET}/x?endpoint=http://127.0.0.1:{free_port()}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
    )
    client = server.client()
    load(client)
    job_id = client.start_export(*DAYS)
    job = wait_until(lambda: (job := client.export_job(job_id))["status"] == "failed" and job, "the failure", 240)
    assert "127.0.0.1" in str(job.get("error", "")) or "connect" in str(job.get("error", "")).lower(), job
    # The rest of the server does not care.
    client.track("ann", "still here")
    assert client.post(EXPORTS, {"from": DAYS[0], "to": DAYS[1]}).status_code == 201
