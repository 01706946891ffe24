"""WAYSCloud's LLM API, by its public reference: every sample, letter by letter."""

from __future__ import annotations

import json

import pytest

from studio.providers.base import Json, ProviderError, Response
from studio.providers.chat import ChatMessage, ChatSpec, Delta, Usage
from studio.providers.wayscloud_llm import KNOWN, WaysCloudLlm

from .samples import answered, sample

wayscloud = WaysCloudLlm()
OSLO = (ChatMessage("system", "You are a helpful assistant."), ChatMessage("user", "What is the capital of Norway?"))
HELLO = (ChatMessage("system", "You are a helpful assistant."), ChatMessage("user", "Hello!"))
STORY = (ChatMessage("user", "Write a story"),)
CODE = (ChatMessage("user", "Help me code"),)


def sent(spec: ChatSpec, *, less: str) -> Json:
    body = dict(wayscloud.build_chat(spec).json)
    del body[less]
    return body


# -- The samples -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "spec", "less"),
    [
        (
            "curl",
            ChatSpec("qwen3-235b-thinking", OSLO, {"temperature": 0.7, "max_tokens": 256}, stream=False),
            "stream",
        ),
        ("request", ChatSpec("mixtral-8x7b", HELLO, {"temperature": 0.7, "max_tokens": 100}, stream=False), "stream"),
        ("streaming", ChatSpec("qwen3-80b-instruct", STORY, {"max_tokens": 500}), "stream_options"),
        (
            "agent",
            ChatSpec("deepseek-v3", CODE, {"agent_id": "ephemeral", "tools": [], "tool_choice": "auto"}, stream=False),
            "stream",
        ),
    ],
)
def test_the_sample_requests_are_what_we_send(name: str, spec: ChatSpec, less: str) -> None:
    assert sent(spec, less=less) == json.loads(sample("wayscloud_llm", name))


def test_the_sample_reply_is_read() -> None:
    assert wayscloud.reader().read_whole(answered("wayscloud_llm", "completion")) == Delta(
        text="The capital of Norway is Oslo.",
        usage=Usage(prompt=24, completion=8),
        finish="stop",
        model="qwen3-235b-thinking",
    )


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("models", ["mixtral-8x7b", "qwen3-80b-instruct", "deepseek-v3"]),
        ("models_short", ["mixtral-8x7b", "qwen3-80b-instruct"]),
    ],
)
def test_the_sample_lists_of_models_are_read(name: str, ids: list[str]) -> None:
    found = wayscloud.parse_models({"models": json.loads(sample("wayscloud_llm", name))})
    assert [model.id for model in found] == ids
    assert [model.name for model in found] == ids
    assert {model.maker for model in found} == {"wayscloud"}
    assert found[0].description == "Fast, multilingual (good for Norwegian)"


# -- What differs from the dialect -------------------------------------------------------------------------------------
def test_the_key_goes_in_its_own_header() -> None:
    assert wayscloud.headers("wayscloud_llm_abc12_SECRET") == {"X-API-Key": "wayscloud_llm_abc12_SECRET"}
    assert wayscloud.needs_secret
    assert not wayscloud.has_address


def test_every_address() -> None:
    assert wayscloud.build_check().path == "/v1/llm/models"
    assert wayscloud.build_catalogue()["models"].path == "/v1/llm/models"
    assert wayscloud.other_paths == {"/v1/llm/models": "/v1/models"}
    assert wayscloud.build_chat(ChatSpec("m", STORY)).path == "/v1/chat/completions"


def test_its_parameters_are_those_of_the_reference() -> None:
    options = {option.name: option for option in wayscloud.options}
    assert set(options) == {"temperature", "max_tokens", "top_p", "tools", "tool_choice", "agent_id", "region"}
    assert [choice.value for choice in options["region"].choices] == ["oslo"]
    body = wayscloud.build_chat(ChatSpec("m", STORY, {"region": "oslo", "agent_id": "studio"})).json
    assert (body["region"], body["agent_id"]) == ("oslo", "studio")


def test_the_live_list_says_which_models_there_are_and_the_reference_what_they_are() -> None:
    rows = [{"id": "deepseek-r1"}, {"id": "brand-new"}, {"id": "deepseek-v3", "description": "Its own words"}]
    found = wayscloud.parse_models({"models": {"data": rows}})
    assert [(model.id, model.description) for model in found] == [
        ("deepseek-r1", "Advanced reasoning"),
        ("brand-new", ""),
        ("deepseek-v3", "Its own words"),
    ]
    assert wayscloud.parse_models({"models": {"data": []}}) == ()


@pytest.mark.parametrize("payload", [None, "odd", {"data": None}])
def test_where_the_list_cannot_be_read_the_reference_s_models_stand_in(payload: Json) -> None:
    found = wayscloud.parse_models({"models": payload})
    assert [model.id for model in found] == [
        "mixtral-8x7b", "qwen3-80b-instruct", "qwen3-80b-thinking", "deepseek-v3", "deepseek-r1", "llama-3.1-405b",
    ]  # fmt: skip
    assert {model.description for model in found} == set(KNOWN.values())


# -- Refusals ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"detail": {"code": "AUTH_FAILED", "message": "Bad key"}}, "invalid_key", "Bad key"),
        (400, {"error": {"code": "AUTH_FAILED", "message": "Bad key"}}, "invalid_key", "Bad key"),
        (402, {"detail": "Payment required"}, "insufficient_credits", "Payment required"),
        (403, {"error": {"code": "INSUFFICIENT_PERMISSIONS", "message": "A GPU key"}}, "forbidden", "A GPU key"),
        (404, {"message": "No such model"}, "not_found", "No such model"),
        (
            422,
            {"detail": [{"loc": ["body", "model"], "msg": "field required"}]},
            "bad_request",
            "model: field required",
        ),
        (400, {"error": {"code": "INVALID_PARAMETER", "message": "top_p", "details": {}}}, "bad_request", "top_p"),
        (429, {"detail": "Too many"}, "rate_limited", "Too many"),
        (500, {"error": "Broken"}, "unavailable", "Broken"),
        (502, None, "unavailable", "HTTP 502"),
    ],
)
def test_refusals_of_every_shape_are_read(status: int, body: Json, kind: str, words: str) -> None:
    with pytest.raises(ProviderError) as caught:
        wayscloud.reader().read_whole(Response(status, json.dumps(body).encode() if body else b""))
    error = caught.value
    assert (error.kind, error.status, error.sent) == (kind, status, status >= 500)
    assert words in error.message
