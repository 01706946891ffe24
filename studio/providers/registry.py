"""Every provider that Studio speaks to. A new one is a module of its own and a line here."""

from __future__ import annotations

from studio.providers.chat_dialect import ChatDialect
from studio.providers.dialect import Dialect
from studio.providers.local_chat import LocalChat
from studio.providers.local_engine import LocalEngine
from studio.providers.nanobanana import NanoBanana
from studio.providers.openai import OpenAI
from studio.providers.wavespeed import WaveSpeed
from studio.providers.wayscloud_gpu import WaysCloudGpu
from studio.providers.wayscloud_llm import WaysCloudLlm

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        LocalEngine(),
        WaysCloudGpu(),
        WaveSpeed(),
        NanoBanana(),
        LocalChat(),
        WaysCloudLlm(),
        OpenAI(),
    )
}


OTHERS = {"imported": "Imported"}  # what stands in place of a provider on jobs that none of them made


def label(name: str) -> str:
    """For people; the slug, of a provider that is no longer spoken to."""
    return DIALECTS[name].label if name in DIALECTS else OTHERS.get(name, name)


def dialect(name: str) -> Dialect:
    """The dialect of that name. Raises LookupError where there is none."""
    return DIALECTS[name]


def chat_dialect(name: str) -> ChatDialect:
    """The chat dialect of that name. Raises LookupError where there is none."""
    found = DIALECTS[name]
    if not isinstance(found, ChatDialect):
        raise LookupError(name)
    return found
