"""The OpenAI dialect: what is asked, and which models there are."""

from __future__ import annotations

import json
import random

import pytest

from studio.providers import verbs
from studio.providers.base import Json, ProviderError, Request, Response
from studio.providers.chat import ChatMessage, ChatModel, ChatSpec
from studio.providers.flows import drive
from studio.providers.openai import OpenAI, base_of
from studio.providers.wayscloud_llm import WaysCloudLlm

openai = OpenAI()
HELLO = (ChatMessage("user", "Hello"),)


def models(payload: Json) -> list[ChatModel]:
    return list(openai.parse_models({"models": payload}))


def model(**row: Json) -> ChatModel:
    (found,) = models([{"id": "m", **row}])
    return found


# -- The address of a server -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("http://host:11434", "http://host:11434/v1"),
        (" http://host:11434/ ", "http://host:11434/v1"),
        ("http://host:11434/v1", "http://host:11434/v1"),
        ("http://host:11434/v1/", "http://host:11434/v1"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
        ("https://api.openai.com", "https://api.openai.com/v1"),
        ("https://host/v1/chat/completions", "https://host/v1"),
        ("https://host/v1/models/", "https://host/v1"),
        ("https://host/v1/llm/chat", "https://host/v1/llm"),
        ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
        ("HTTPS://API.Example.com/V1", "https://api.example.com/V1"),
        ("127.0.0.1:11434", "http://127.0.0.1:11434/v1"),
        ("localhost:1234", "http://localhost:1234/v1"),
        ("ollama:11434", "http://ollama:11434/v1"),
        ("box.lan:8000/v1", "http://box.lan:8000/v1"),
        ("192.168.1.5", "http://192.168.1.5/v1"),
        ("api.openai.com", "https://api.openai.com/v1"),
        ("8.8.8.8:8000", "https://8.8.8.8:8000/v1"),
        ("[::1]:8000", "http://[::1]:8000/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_a_server_s_base_is_read_out_of_what_people_type(typed: str, base: str) -> None:
    assert base_of(typed) == base
    assert base_of(base) == base


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "begins with http"),
        ("http://", "begins with http"),
        ("ftp://host", "begins with http"),
        ("javascript:alert(1)", "no address"),
        ("http://host:99999", "no address"),
        ("http://host:port", "no address"),
        ("http://[::1", "no address"),
        ("http://a b", "begins with http"),
        ("http://me:secret@host", "user name or password"),
        ("http://host/v1?key=1", "without what follows"),
        ("http://host/v1#top", "without what follows"),
    ],
)
def test_what_is_no_address_is_said_in_words(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        base_of(typed)


# -- What is asked -----------------------------------------------------------------------------------------------------
def test_a_key_goes_as_a_bearer() -> None:
    assert openai.headers("sk-1") == {"Authorization": "Bearer sk-1"}


def test_a_stream_asks_for_its_usage_and_an_answer_at_once_does_not() -> None:
    request = openai.build_chat(ChatSpec("m", HELLO))
    assert (request.method, request.path, request.idempotent) == ("POST", "/chat/completions", False)
    assert request.json == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    body = openai.build_chat(ChatSpec("m", HELLO, stream=False)).json
    assert (body["stream"], "stream_options" in body) == (False, False)


def test_settings_go_beside_the_messages_where_they_were_given() -> None:
    numbers: dict[str, Json] = {"temperature": 0, "top_p": 0.5, "max_tokens": 7}
    given = numbers | {"tools": [], "tool_choice": "auto", "region": None, "agent_id": ""}
    body = openai.build_chat(ChatSpec("m", HELLO, given)).json
    assert {name: body.get(name, ...) for name in given} == {**given, "region": ..., "agent_id": ...}


def test_settings_replace_nothing_that_belongs_to_the_request() -> None:
    body = openai.build_chat(ChatSpec("m", HELLO, {"model": "other", "stream": False, "messages": []})).json
    assert (body["model"], body["stream"], len(body["messages"])) == ("m", True, 1)


def test_pictures_are_parts_of_the_content() -> None:
    body = openai.build_chat(ChatSpec("m", (ChatMessage("user", "What is it?", ("data:image/png;base64,AA==",)),))).json
    assert body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is it?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
            ],
        }
    ]


def test_a_reply_that_is_continued_stands_last_and_no_field_says_so() -> None:
    spec = ChatSpec("m", (*HELLO, ChatMessage("assistant", "Good mor")), continues=True)
    body = openai.build_chat(spec).json
    assert body["messages"][-1] == {"role": "assistant", "content": "Good mor"}
    assert set(body) == {"model", "messages", "stream", "stream_options"}


# -- Refusals of a field -----------------------------------------------------------------------------------------------
def refused(body: Json, status: int = 400, **settings: Json) -> Request | None:
    request = openai.build_chat(ChatSpec("m", HELLO, settings))
    return openai.simpler(request, Response(status, json.dumps(body).encode()))


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_knows_no_stream_options_is_asked_without(status: int) -> None:
    body = {"error": {"message": "Unrecognized request argument supplied: stream_options"}}
    simpler = refused(body, status)
    assert simpler
    assert set(simpler.json) == {"model", "messages", "stream"}
    assert openai.simpler(simpler, Response(status, json.dumps(body).encode())) is None


def test_the_longest_reply_is_named_as_newer_models_want_it() -> None:
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    simpler = refused({"error": {"message": said}}, max_tokens=9)
    assert simpler
    assert (simpler.json["max_completion_tokens"], "max_tokens" in simpler.json) == (9, False)


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "context too long"), *((status, "stream_options") for status in (404, 408, 429, 500))],
)
def test_nothing_else_is_sent_again(status: int, said: str) -> None:
    assert refused({"detail": said}, status, max_tokens=9) is None


# -- A key's check -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("dialect", [openai, WaysCloudLlm()], ids=["openai", "wayscloud"])
def test_a_check_reads_the_list_of_models_which_costs_nothing(dialect: OpenAI) -> None:
    request = dialect.build_check()
    assert (request.method, request.path) == ("GET", dialect.models_path)
    dialect.parse_check(Response(200, b'{"object": "list", "data": []}'))
    dialect.parse_check(Response(200, b"[]"))


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b'{"error": {"message": "Incorrect API key provided"}}', "invalid_key"),
        (404, b"404 page not found", "not_found"),
        (200, b'{"status": "Ollama is running"}', "malformed"),
        (200, b"Ollama is running", "malformed"),
        (200, b"<html>", "malformed"),
        (200, b"", "malformed"),
        (302, b"", "malformed"),
        (503, b"", "unavailable"),
    ],
)
def test_a_check_that_meets_no_list_of_models_fails(status: int, body: bytes, kind: str) -> None:
    with pytest.raises(ProviderError) as caught:
        openai.parse_check(Response(status, body))
    assert (caught.value.kind, caught.value.sent) == (kind, False)


# -- Models ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "payload",
    [
        {"object": "list", "data": [{"id": "a", "created": 1}, {"id": "b"}, {"id": "a"}]},
        [{"id": "a"}, {"id": "b"}],
        {"models": [{"name": "x"}], "data": [{"id": "a"}, "no row", None, {"id": ""}, {"id": 7.5}, {}, {"id": "b"}]},
    ],
)
def test_models_are_read_out_of_every_list(payload: Json) -> None:
    assert [found.id for found in models(payload)] == ["a", "b"]


@pytest.mark.parametrize("payload", [None, {}, [], "models", 7, {"data": None}, {"data": {}}, {"error": {}}])
def test_an_odd_list_has_no_models(payload: Json) -> None:
    assert models(payload) == []


def test_a_model_that_only_has_an_id_is_called_by_it() -> None:
    assert model(owned_by="meta") == ChatModel("m", "m", maker="meta")
    assert model(owned_by="library").maker == ""


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("/models/SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf"),
        ("unsloth/Qwen3-8B-GGUF/Qwen3-8B.gguf", "Qwen3-8B.gguf"),
        ("C:\\models\\phi.gguf", "phi.gguf"),
        ("/srv/models/mistral/", "mistral"),
        ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        ("llama3.2:3b", "llama3.2:3b"),
        ("/", "/"),
    ],
)
def test_a_model_that_is_called_by_its_file_has_the_file_s_name(said: str, name: str) -> None:
    (found,) = models([{"id": said}])
    assert (found.id, found.name) == (said, name)


def test_what_openrouter_says_of_a_model_is_read() -> None:
    found = model(
        id="openai/gpt-4o", name="OpenAI: GPT-4o", description="The\nomni model.", context_length=128_000,
        architecture={"modality": "text+image->text", "input_modalities": ["text", "image"]},
        top_provider={"context_length": 64_000},
    )  # fmt: skip
    assert found == ChatModel(
        "openai/gpt-4o", "OpenAI: GPT-4o", description="The omni model.", sees=True, context=128_000
    )


@pytest.mark.parametrize(
    ("row", "context"),
    [
        ({"context_window": 8192}, 8192),
        ({"max_model_len": 4096}, 4096),
        ({"max_context_length": 32_768}, 32_768),
        ({"top_provider": {"context_length": 5}}, 5),
        ({"meta": {"n_ctx_train": 2048}}, 2048),
        ({"meta": {"n_ctx_train": 2048, "n_ctx": 1024}}, 1024),
        ({"context_length": "8192"}, None),
        ({"context_length": True}, None),
        ({"context_length": -1, "context_window": 9}, 9),
        ({"context_length": 10**30}, None),
        ({"context_length": None, "meta": None}, None),
    ],
)
def test_the_context_is_read_from_every_name(row: dict[str, Json], context: int | None) -> None:
    assert model(**row).context == context


@pytest.mark.parametrize(
    ("row", "sees"),
    [
        ({}, None),
        ({"architecture": {"input_modalities": ["text"]}}, False),
        ({"architecture": {"modality": "text+image->text"}}, True),
        ({"architecture": {"modality": "text->text"}}, False),
        ({"architecture": "gguf"}, None),
        ({"capabilities": ["completion", "vision"]}, True),
        ({"capabilities": ["completion", "multimodal"]}, True),
        ({"capabilities": ["completion"]}, False),
        ({"capabilities": ["unheard-of"]}, None),
        ({"capabilities": {"vision": True}}, True),
        ({"capabilities": {"vision": False}}, False),
        ({"capabilities": {"vision": "yes"}}, None),
        ({"supports_image_input": True}, True),
        ({"type": "vlm"}, True),
        ({"type": "llm"}, False),
        ({"type": "chat"}, None),
        ({"type": 7, "capabilities": 7, "architecture": 7}, None),
    ],
)
def test_whether_it_sees_is_known_only_where_it_is_said(row: dict[str, Json], sees: bool | None) -> None:
    assert model(**row).sees is sees


@pytest.mark.parametrize(
    "row",
    [
        {"type": "embedding"},
        {"type": "embeddings"},
        {"type": "image"},
        {"type": "moderation"},
        {"active": False},
        {"supports_chat": False},
        {"capabilities": ["embedding"]},
        {"capabilities": {"completion_chat": False}},
        {"architecture": {"output_modalities": ["image"]}},
        {"architecture": {"modality": "text->audio"}},
    ],
)
def test_a_model_that_its_server_says_cannot_chat_is_left_out(row: dict[str, Json]) -> None:
    assert models([{"id": "m", **row}]) == []
    assert models([{"id": "text-embedding-3"}])  # its name alone says nothing


@pytest.mark.parametrize("seed", range(10))
def test_whatever_a_list_says_is_read(seed: int) -> None:
    dice = random.Random(seed)
    names = ["name", "type", "architecture", "modality", "input_modalities", "capabilities", "meta", "context_length"]
    values: list[Json] = [
        None,
        True,
        7,
        -1.5,
        "",
        "text->image",
        "vlm",
        [],
        ["vision", None, {}],
        {},
        {"vision": []},
        [[]],
    ]
    for _ in range(200):
        row = {name: dice.choice(values) for name in dice.choices(names, k=4)}
        for found in models([{"id": "m", **row, "architecture": {name: dice.choice(values) for name in names}}]):
            assert isinstance(found.name, str)
            assert found.sees in (None, True, False)


# -- Where the list is -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("missing", ["", "/v1/llm/models"])
def test_wayscloud_s_list_is_found_at_either_address(missing: str) -> None:
    asked = []

    def send(request: Request) -> Response:
        asked.append(request.path)
        return Response(404) if request.path == missing else Response(200, b'{"data": [{"id": "m"}]}')

    payloads = drive(verbs.catalogue(WaysCloudLlm()), send, lambda _: None)
    assert [found.id for found in WaysCloudLlm().parse_models(payloads)] == ["m"]
    assert asked == ["/v1/llm/models", "/v1/models"][: 2 if missing else 1]
