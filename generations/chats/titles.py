"""A better title than a conversation's first words: asked of the model that gave the first reply.

Only where its owner wants it; it is asked once, for a few words about the first of what was said. Whatever goes wrong,
the first words stay; they do too where a lent key has a limit, which a title's cost would escape.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import DatabaseError

from accounts import budget, keys
from accounts.connect import connect
from accounts.models import ProviderKey
from generations.chats import folders
from generations.chats.posting import first_words
from generations.models import Conversation, Message, ReplyState
from generations.money import lent_words
from studio.database import query
from studio.lib.crypto import Undecryptable
from studio.providers import streaming
from studio.providers.base import ProviderError
from studio.providers.chat import ChatMessage, ChatSpec, Delta
from studio.providers.transports import Transports

log = structlog.get_logger(__name__)

READ = 1000  # characters of what was said
MOST_TOKENS = 12
PATIENCE = 15.0  # seconds
LONGEST = 80  # characters
TASK = """\
Name this conversation in two to five words, in its own language. Answer with the name alone.

{said}

Name:"""

_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_AROUND = " \t\"'“”„«»‘’`*_#.:-"
_PREFACE = re.compile(r"\A(?:title|name)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Nameless:
    """A conversation that still has its first words for a title, and whom to ask for a better one."""

    conversation: Conversation
    provider: str
    key: ProviderKey | None
    spec: ChatSpec


async def after(reply_id: UUID, transports: Transports) -> None:
    """When a reply has ended: names its conversation, if it is to be named."""
    try:
        async with asyncio.timeout(PATIENCE):
            nameless = await query(wanted, reply_id)
            if nameless is None:
                return
            title = cleaned(await _asked(nameless, transports))
            if title:
                await query(_give, nameless.conversation, title)
    except (ProviderError, Undecryptable, DatabaseError, TimeoutError) as error:
        log.info("a conversation keeps its first words", reply=str(reply_id), reason=type(error).__name__)


def wanted(reply_id: UUID) -> Nameless | None:
    """Only after the first reply, whole, to the first message of a conversation that nobody has named."""
    found = Message.objects.select_related("conversation", "parent", "key").filter(
        pk=reply_id,
        state=ReplyState.DONE,
        deleted_at=None,
        parent__parent=None,
        conversation__owner__names_chats=True,
        conversation__is_title_own=False,
        conversation__deleted_at=None,
    )
    reply = found.first()
    if reply is None or reply.parent is None or reply.conversation.title != first_words(reply.parent.text):
        return None
    if reply.conversation.messages.filter(parent__parent=None, parent__isnull=False, pk__lt=reply.pk).exists():
        return None
    if reply.key is not None and not keys.may_use(reply.conversation.owner_id, reply.key):
        return None
    if lent_words.uncountable(reply.conversation.owner_id, reply.key):
        return None
    if reply.key is not None and budget.limit(reply.key) is not None and not budget.take(reply.key).granted:
        return None
    said = f"{reply.parent.text[: READ * 2 // 3]}\n\n{reply.text}"[:READ]
    messages = (ChatMessage("user", TASK.format(said=said)),)
    spec = ChatSpec(reply.model, messages, {"max_tokens": MOST_TOKENS}, stream=False)
    return Nameless(reply.conversation, reply.provider, reply.key, spec)


def cleaned(answer: str) -> str:
    """The title in what a model answered; "" where there is none."""
    lines = [line.strip(_AROUND) for line in _THOUGHT.sub("", answer).splitlines()]
    line = next(filter(None, lines), "")
    return folders.one_line(_PREFACE.sub("", line), LONGEST).strip(_AROUND)


async def _asked(nameless: Nameless, transports: Transports) -> str:
    provider = connect(nameless.provider, nameless.key, transports)
    answer = Delta()
    async for delta in streaming.chat(provider, nameless.spec):
        answer.add(delta)
    return answer.text


def _give(conversation: Conversation, title: str) -> None:
    """Unless it was named meanwhile."""
    same = Conversation.objects.filter(pk=conversation.pk, title=conversation.title, is_title_own=False)
    if same.update(title=title):
        conversation.touch(title=title)
