from contextlib import closing
from typing import Any

import pytest

from studio.providers.base import ProviderError
from studio.providers.http import HttpProvider
from studio.providers.local.chat import terms
from studio.providers.local_chat import SMOLLM2, LocalChat
from studio.providers.transports import Transports

chat = LocalChat()


def test_it_needs_neither_a_key_nor_an_address() -> None:
    assert not chat.needs_key
    assert not chat.has_address
    assert chat.chats


def test_its_model_is_told_to_people_as_what_it_is() -> None:
    assert chat.parse_models({"models": terms.models()}) == (SMOLLM2,)
    assert SMOLLM2.name == "SmolLM2 135M"
    assert SMOLLM2.maker == "Hugging Face"
    assert "often wrong" in SMOLLM2.description
    assert SMOLLM2.sees is False
    assert SMOLLM2.context == terms.CONTEXT


def test_another_server_in_its_place_names_its_own_models() -> None:
    payload = {"models": {"data": [{"id": "qwen3:4b"}, {"id": SMOLLM2.id}]}}
    assert [model.name for model in chat.parse_models(payload)] == ["qwen3:4b", "SmolLM2 135M"]


@pytest.mark.parametrize("payloads", [{}, {"models": None}, {"models": {"data": None}}, {"models": {"data": [None]}}])
def test_odd_answers_name_no_models(payloads: Any) -> None:
    assert list(chat.parse_models(payloads)) == []


def test_its_settings_say_what_it_does_when_they_are_left_open() -> None:
    said = {option.name: option.help for option in chat.options}
    for name, value in {**terms.DEFAULTS, "max_tokens": terms.LONGEST_REPLY}.items():
        assert name not in said or said[name] == f"{value:,} where it is left open."
    assert {"temperature", "top_p", "max_tokens"} == set(said)


def test_where_it_does_not_run_it_says_what_to_do() -> None:
    with closing(Transports()) as transports, pytest.raises(ProviderError) as away:
        HttpProvider(chat, "", "", transports).catalogue()
    assert (away.value.kind, away.value.sent) == ("unavailable", False)
    assert "“make run” installs it" in str(away.value)
    assert "such as Ollama" in str(away.value)
    assert len(str(away.value)) <= 300  # that much is kept of it
