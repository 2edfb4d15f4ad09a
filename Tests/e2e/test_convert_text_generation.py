"""Texts and code that a language model writes, over a service of our own that speaks OpenAI's protocol: a real one is none of this
machine's."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from support.convert import API, Body, ConvertClient, assert_refused, convert_client, new_key
from support.language_model import Asked, LanguageModel, Writer, by_number
from support.people import new_person
from support.polling import wait_until
from support.server import Launch, Sextant

SERVER_KEY = "sk-of-the-server-4711"
OWN_KEY = "sk-of-the-caller-0815"
SECONDS = 3


@pytest.fixture(scope="module")
def model() -> Iterator[LanguageModel]:
    with LanguageModel() as model:
        yield model


@pytest.fixture(autouse=True)
def as_ever(model: LanguageModel) -> None:
    model.answer = by_number
    model.asked.clear()


@pytest.fixture(scope="module")
def writing(launch: Launch, model: LanguageModel) -> Sextant:
    return launch(
        environment={
            "SEXTANT_AI_URL": model.url, "SEXTANT_AI_KEY": SERVER_KEY, "SEXTANT_AI_MODEL": "some-model",
            "SEXTANT_AI_TIMEOUT": str(SECONDS), "SEXTANT_LOG_LEVEL": "trace",
        }
    )  # fmt: skip


@pytest.fixture
def client(writing: Sextant) -> ConvertClient:
    return convert_client(writing, bearer=True)


def ask(client: ConvertClient, kind: str = "text", **body: object) -> requests.Response:
    asked = {"content": "Buy now"} | ({"parameters": {}, "principle_class": "none"} if kind == "text" else {}) | body
    return client.request("POST", f"/accounts/{client.account_id}/ai/{kind}", asked)


def variants(response: requests.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [variant["content"] for variant in response.json()["data"]["variants"]]


def stream(client: ConvertClient, content: str = "var a = 1") -> requests.Response:
    response = requests.post(
        f"{client.base_url}{API}/accounts/{client.account_id}/ai/code", json={"content": content, "stream": True},
        headers=client.credentials("", b""), stream=True, timeout=60,
    )  # fmt: skip
    response.encoding = "utf-8"
    return response


# ---- texts


def test_variants_of_a_text(client: ConvertClient, model: LanguageModel) -> None:
    given = ask(
        client, content="Buy now", principle_class="cialdini", principle="scarcity", context_content="A sale until Sunday.",
        previousResponses=["Get it today"], parameters={"variationsNumber": 3},
    )  # fmt: skip
    assert variants(given) == ["Variant 1", "Variant 2", "Variant 3"]
    (asked,) = model.asked
    assert asked.path == "/v1/chat/completions" and asked.body["model"] == "some-model"
    assert asked.headers["authorization"] == f"Bearer {SERVER_KEY}"
    assert "Cialdini" in asked.instructions and "scarcity" in asked.instructions and "reciprocity" not in asked.instructions
    assert "Buy now" in asked.material and "A sale until Sunday." in asked.material and "Get it today" in asked.material


@pytest.mark.parametrize(
    ("principle_class", "principle", "told"),
    [
        ("fogg_behavior", "ability", "Fogg"), ("aida", "desire", "AIDA"), ("pas", "agitation", "PAS"), ("fab", "benefits", "FAB"),
        ("aida", None, "attention"),
    ],
)  # fmt: skip
def test_every_way_to_persuade(client: ConvertClient, model: LanguageModel, principle_class: str, principle: str | None, told: str) -> None:
    members: Body = {"principle_class": principle_class} | ({"principle": principle} if principle else {})
    assert variants(ask(client, **members)) == ["Variant 1"]
    assert told in model.asked[0].instructions and (principle or "action") in model.asked[0].instructions


def test_services_that_write_one_text_at_a_time(client: ConvertClient, model: LanguageModel) -> None:
    model.answer = lambda asked, writer: writer.texts(f" Number {len(model.asked)}\n")
    assert variants(ask(client, parameters={"variationsNumber": 3})) == ["Number 1", "Number 2", "Number 3"]
    # Each time the model is told what there is.
    assert "Number 1" in model.asked[2].material and "Number 2" in model.asked[2].material


def test_long_context_is_for_those_who_pay(client: ConvertClient, model: LanguageModel) -> None:
    context = " ".join(f"word{number}" for number in range(1, 251))
    variants(ask(client, context_content=context))
    assert "word200" in model.asked[0].material and "word201" not in model.asked[0].material
    variants(ask(client, context_content=context, openAI_Key=OWN_KEY))
    assert "word250" in model.asked[1].material
    assert model.asked[1].headers["authorization"] == f"Bearer {OWN_KEY}"


def test_keys_stay_out_of_logs_answers_and_disk(client: ConvertClient, model: LanguageModel, writing: Sextant) -> None:
    variants(ask(client, openAI_Key=OWN_KEY))
    model.answer = lambda asked, writer: writer.error(400, f"no good: {asked.headers['authorization']}")
    for members in ({}, {"openAI_Key": OWN_KEY}):
        answer = ask(client, **members)
        assert answer.status_code == 502 and "(400)" in answer.text
        assert SERVER_KEY not in answer.text and OWN_KEY not in answer.text
    model.answer = lambda asked, writer: writer.error(401, "Incorrect API key")
    assert_refused(ask(client, openAI_Key=OWN_KEY), 422, "openAI_Key")
    message = assert_refused(ask(client), 502)["message"]
    assert "SEXTANT_AI_KEY" in message
    log = writing.log.read_text(errors="replace")
    assert "convert.generateTextVariants" in log
    assert SERVER_KEY not in log and OWN_KEY not in log
    for path in writing.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert OWN_KEY.encode() not in content and SERVER_KEY.encode() not in content, path


def test_keys_that_are_none(client: ConvertClient, model: LanguageModel) -> None:
    for key in ("two words", "sk-\r\nX-Other: 1", "sk-ü", "s" * 2_000):
        assert_refused(ask(client, openAI_Key=key), 422, "openAI_Key")
    assert not model.asked
    # An empty one is none.
    assert variants(ask(client, openAI_Key="")) and model.asked[0].headers["authorization"] == f"Bearer {SERVER_KEY}"


def test_what_is_wrong_with_a_request(client: ConvertClient, model: LanguageModel) -> None:
    assert_refused(ask(client, content=" \n"), 422, "content")
    for count in (0, 6, 1.5, "2"):
        assert_refused(ask(client, parameters={"variationsNumber": count}), 422, "variationsNumber")
    assert_refused(ask(client, principle_class="aida", principle="scarcity"), 422)
    assert ask(client, content="x" * 300_000).status_code == 413
    assert_refused(ask(client, "code", content=""), 422, "content")
    assert not model.asked


# ---- what services do wrong


def test_answers_that_cannot_be_used(client: ConvertClient, model: LanguageModel) -> None:
    def broken(asked: Asked, writer: Writer) -> None:
        writer.head(length=10)
        writer.write(b'{"choices"')

    def cut(asked: Asked, writer: Writer) -> None:
        writer.head(length=1_000)
        writer.write(b'{"choices": [')
        writer.handler.close_connection = True

    def huge(asked: Asked, writer: Writer) -> None:
        writer.head()
        for _ in range(64):
            writer.write(b" " * 64 * 1_024)

    cases = {
        "no JSON": (broken, 502), "was not reached": (cut, 502), "more than": (huge, 502),
        "no choices": (lambda _, writer: writer.json({"choices": []}), 502),
        "no text": (lambda _, writer: writer.texts("  "), 502),
        "holds no text": (lambda _, writer: writer.texts(None), 502),
        "ended before": (lambda _, writer: writer.texts("Half a", finish_reason="length"), 502),
        "too long a context": (lambda _, writer: writer.error(400, "too long a context"), 502),
        "(500)": (lambda _, writer: writer.error(500, "\r\n\x00"), 502),
        "(302)": (lambda _, writer: writer.json({}, 302, Location="http://127.0.0.1:1/"), 502),
        "does not write this": (lambda _, writer: writer.texts("", finish_reason="content_filter"), 422),
        "I will not": (lambda _, writer: writer.json({"choices": [{"message": {"refusal": "I will not"}}]}), 422),
    }  # fmt: skip
    for told, (answer, status) in cases.items():
        model.answer = answer  # type: ignore[assignment]
        for kind in ("text", "code"):
            response = ask(client, kind)
            assert response.status_code == status and told in response.json()["message"], (told, response.text)


def test_services_that_are_busy(client: ConvertClient, model: LanguageModel) -> None:
    model.answer = lambda _, writer: writer.error(429, "slow down", Retry_After="17")
    answer = ask(client)
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "17"


def test_services_that_are_slow(client: ConvertClient, model: LanguageModel) -> None:
    def silent(asked: Asked, writer: Writer) -> None:
        time.sleep(SECONDS + 3)

    def trickling(asked: Asked, writer: Writer) -> None:
        writer.head()
        for _ in range(SECONDS * 4 + 8):
            writer.write(b" ")
            time.sleep(0.3)

    for answer in (silent, trickling):
        model.answer = answer
        for kind in ("text", "code"):
            assert "SEXTANT_AI_TIMEOUT" in assert_refused(ask(client, kind), 504)["message"]


def test_who_asks_for_too_much_at_once(client: ConvertClient, model: LanguageModel) -> None:
    held = threading.Event()

    def waiting(asked: Asked, writer: Writer) -> None:
        held.wait(SECONDS)
        by_number(asked, writer)

    model.answer = waiting
    with ThreadPoolExecutor(12) as pool:
        asking = [pool.submit(ask, convert_client_of(client)) for _ in range(12)]
        # Four are being written; the others are told at once.
        wait_until(lambda: sum(asked.done() for asked in asking) >= 8, "the refusals")
        held.set()
        answers = [asked.result() for asked in asking]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 8 and all("Retry-After" in answer.headers for answer in refused)
    assert [answer.status_code for answer in answers if answer not in refused] == [200] * 4
    # Places come back.
    model.answer = by_number
    assert variants(ask(client))


def convert_client_of(client: ConvertClient) -> ConvertClient:
    return ConvertClient(client.base_url, client.account_id, client.application_id, client.secret, bearer=True)


# ---- code


def test_code_in_one_piece(client: ConvertClient, model: LanguageModel) -> None:
    model.answer = lambda _, writer: writer.texts("const a = 1;")
    answer = ask(client, "code", content="var a = 1")
    assert answer.status_code == 200 and answer.json() == {"data": {"content": "const a = 1;"}}
    assert model.asked[0].material == "var a = 1" and not model.asked[0].body.get("stream")


def test_code_as_it_is_written(client: ConvertClient, model: LanguageModel) -> None:
    go_on = threading.Event()

    def answer(asked: Asked, writer: Writer) -> None:
        writer.head(type="text/event-stream")
        writer.write(b": a comment\r\n\r\n")
        writer.event("")
        writer.event("const ")
        assert go_on.wait(30)
        # Cut anywhere, and in the middle of a character.
        data = b'data: {"choices":[{"delta":{"content":"\xc3\xa4 = 1;"}}]}\n\n'
        for cut in range(0, len(data), 7):
            writer.write(data[cut : cut + 7])
        writer.event(finish_reason="stop")
        writer.write(b'data: {"choices":[],"usage":{"total_tokens":3}}\n\ndata: [DONE]\n\n')

    model.answer = answer
    with stream(client) as response:
        assert response.status_code == 200 and response.headers["Content-Type"] == "text/event-stream"
        lines = (line for line in response.iter_lines(decode_unicode=True) if line)
        # The first piece arrives while the second is still to be written.
        assert json.loads(next(lines).removeprefix("data: ")) == {"content": "const "}
        go_on.set()
        assert json.loads(next(lines).removeprefix("data: ")) == {"content": "ä = 1;"}
        assert list(lines) == ["data: [DONE]"]
    assert model.asked[0].body["stream"] is True


def test_streams_that_fail_at_once_are_errors(client: ConvertClient, model: LanguageModel) -> None:
    def nothing(asked: Asked, writer: Writer) -> None:
        writer.head(type="text/event-stream")
        writer.write(b"data: [DONE]\n\n")

    def failing(asked: Asked, writer: Writer) -> None:
        writer.head(type="text/event-stream")
        writer.write(b'data: {"error": {"message": "out of memory"}}\n\n')

    def silent(asked: Asked, writer: Writer) -> None:
        writer.head(type="text/event-stream")
        time.sleep(SECONDS + 3)

    cases = [
        (nothing, 502, "no text"), (failing, 502, "out of memory"), (silent, 504, "seconds"),
        (lambda _, writer: writer.error(500, "broken"), 502, "broken"),
    ]  # fmt: skip
    for answer, status, told in cases:
        model.answer = answer  # type: ignore[assignment]
        with stream(client) as response:
            assert response.status_code == status and told in response.json()["message"], response.text


def test_streams_that_are_cut_do_not_end_as_if_they_were_whole(client: ConvertClient, model: LanguageModel, writing: Sextant) -> None:
    def cut(asked: Asked, writer: Writer) -> None:
        writer.head(type="text/event-stream")
        writer.event("const ")
        time.sleep(0.2)
        writer.handler.close_connection = True

    def too_long(asked: Asked, writer: Writer) -> None:
        writer.head(type="text/event-stream")
        writer.event("const ")
        time.sleep(0.2)
        writer.event(finish_reason="length")

    def stopping(asked: Asked, writer: Writer) -> None:
        writer.head(type="text/event-stream")
        writer.event("const ")
        time.sleep(SECONDS + 3)

    def endless(asked: Asked, writer: Writer) -> None:
        writer.head(type="text/event-stream")
        while True:
            writer.event("x" * 8_192)

    for answer in (cut, too_long, stopping, endless):
        model.answer = answer
        got: list[str] = []
        with pytest.raises(requests.RequestException), stream(client) as response:
            assert response.status_code == 200
            for line in response.iter_lines(decode_unicode=True):
                got.append(line)
        assert got and "data: [DONE]" not in got, answer
    model.answer = by_number
    assert variants(ask(client)), "places of broken streams come back"
    assert SERVER_KEY not in writing.log.read_text(errors="replace")


def test_who_hangs_up_ends_the_writing(client: ConvertClient, model: LanguageModel) -> None:
    ended = threading.Event()

    def endless(asked: Asked, writer: Writer) -> None:
        writer.head(type="text/event-stream")
        try:
            while True:
                writer.event("x")
                time.sleep(0.05)
        except OSError:
            ended.set()
            raise

    model.answer = endless
    response = stream(client)
    next(response.iter_lines())
    response.close()
    assert ended.wait(20)


# ---- who may, and where


def test_who_may(client: ConvertClient, writing: Sextant, model: LanguageModel) -> None:
    for role, status in (("browse", 403), ("review", 403), ("edit", 200)):
        key = new_key(client, role=role, auth_type="secretKey")
        other = ConvertClient(client.base_url, client.account_id, key["key_id"], key["key_secret"], bearer=True)
        assert ask(other).status_code == status and ask(other, "code").status_code == status, role
    person = new_person(writing, "edit").log_in()
    body = {"content": "x", "parameters": {}, "principle_class": "none"}
    person.request("POST", f"/accounts/{client.account_id}/ai/text", body, expect=200)
    person.request("POST", f"/accounts/{client.account_id + 1}/ai/text", body, expect=404)


def test_without_a_service(server: Sextant) -> None:
    client = convert_client(server, bearer=True)
    for kind in ("text", "code"):
        message = assert_refused(ask(client, kind, **({"openAI_Key": OWN_KEY} if kind == "text" else {})), 409)["message"]
        assert "SEXTANT_AI_URL" in message


def test_the_guard_is_kept_for_names(launch: Launch, model: LanguageModel) -> None:
    """A machine of the own network is reached where its number is given, or its network allowed; a name that leads there is not enough."""
    named = {"SEXTANT_AI_MODEL": "m", "SEXTANT_AI_URL": model.url.replace("127.0.0.1", "model.localhost")}
    refused = convert_client(launch(environment=named), bearer=True)
    assert "not in the public internet" in assert_refused(ask(refused), 502)["message"]
    assert not model.asked
    allowed = named | {"SEXTANT_FETCH_NETWORKS": "127.0.0.0/8,::1"}
    assert variants(ask(convert_client(launch(environment=allowed), bearer=True))) == ["Variant 1"]
    model.asked.clear()
    local = {"SEXTANT_AI_MODEL": "m", "SEXTANT_AI_URL": model.url.replace("127.0.0.1", "localhost") + "/"}
    reached = convert_client(launch(environment=local), bearer=True)
    assert variants(ask(reached)) == ["Variant 1"] and model.asked[0].path == "/v1/chat/completions"
    assert "authorization" not in model.asked[0].headers


def test_settings_that_cannot_be(server: Sextant, tmp_path_factory: pytest.TempPathFactory) -> None:
    for settings, told in (
        ({"SEXTANT_AI_URL": "https://api.example.com/v1"}, "SEXTANT_AI_MODEL"),
        ({"SEXTANT_AI_URL": "ftp://api.example.com"}, "SEXTANT_AI_URL"),
        ({"SEXTANT_AI_URL": "https://user:secret@api.example.com"}, "SEXTANT_AI_URL"),
        ({"SEXTANT_AI_TIMEOUT": "0"}, "SEXTANT_AI_TIMEOUT"),
    ):
        other = Sextant(tmp_path_factory.mktemp("settings"), environment=settings)
        refused = other.run("serve", "--data", str(server.data))
        assert refused.returncode != 0 and told in refused.stderr and "secret" not in refused.stderr
