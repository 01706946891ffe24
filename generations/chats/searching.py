"""Finding conversations by their titles and by what was said in them, in the database's own full-text index.

Every word has to be there, in one message or in the title; `generations.fulltext` says what one can write. The index is
in the migration `0004_chat_search`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils.safestring import SafeString

from accounts.models import User
from generations.fulltext import Part, marked, parts, pattern, snippet, to_match, to_tsquery
from generations.models import Conversation, Message

HITS = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation, and where it has the words: in a message, of which `snippet` shows the place, or in its title."""

    conversation: Conversation
    title: SafeString
    snippet: SafeString
    message: UUID | None


def find(user: User, query: str, limit: int = HITS) -> list[Hit]:
    """The person's conversations that have it, those written in last first."""
    wanted = parts(query)
    if all(part.is_unwanted for part in wanted):
        return []
    rows = _rows(user, wanted, limit)
    conversations = Conversation.objects.select_related("folder").in_bulk([conversation for conversation, _ in rows])
    texts = dict(Message.objects.filter(pk__in=[message for _, message in rows if message]).values_list("pk", "text"))
    looked_for = pattern(wanted)
    return [
        Hit(
            conversations[conversation],
            marked(conversations[conversation].title or "Untitled", looked_for),
            snippet(texts[message], looked_for) if message else SafeString(),
            message,
        )
        for conversation, message in rows
        if conversation in conversations and (message is None or message in texts)
    ]


# -- Asking the index ------------------------------------------------------------------------------------------------
_SQLITE = """
    SELECT conversation.id, MAX(message.id) FROM generations_chatsearch
    JOIN generations_chatsearch_entry entry ON entry.id = generations_chatsearch.rowid
    JOIN generations_conversation conversation ON conversation.id = entry.conversation_id
    LEFT JOIN generations_message message ON message.id = entry.message_id
    WHERE generations_chatsearch MATCH %s AND conversation.owner_id = %s AND conversation.deleted_at IS NULL
    AND message.deleted_at IS NULL
    GROUP BY conversation.id ORDER BY conversation.written_at DESC, conversation.id DESC LIMIT %s
"""
_POSTGRESQL = """
    SELECT hit.conversation, hit.message FROM (
        SELECT DISTINCT ON (conversation) conversation, message, written_at FROM (
            SELECT conversation.id AS conversation, NULL::uuid AS message, conversation.written_at
            FROM generations_conversation conversation
            WHERE studio_searchable(conversation.title) @@ to_tsquery('simple', %(query)s)
            AND conversation.owner_id = %(owner)s AND conversation.deleted_at IS NULL
            UNION ALL
            SELECT conversation.id, message.id, conversation.written_at
            FROM generations_message message
            JOIN generations_conversation conversation ON conversation.id = message.conversation_id
            WHERE studio_searchable(message.text) @@ to_tsquery('simple', %(query)s)
            AND conversation.owner_id = %(owner)s AND conversation.deleted_at IS NULL
            AND message.deleted_at IS NULL
        ) every ORDER BY conversation, message DESC NULLS LAST
    ) hit ORDER BY hit.written_at DESC, hit.conversation DESC LIMIT %(limit)s
"""


def _rows(user: User, wanted: list[Part], limit: int) -> list[tuple[UUID, UUID | None]]:
    """Conversations, each with its newest message that has the words; None where only its title has."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL, {"query": to_tsquery(wanted), "owner": user.pk, "limit": limit})
            return list(cursor.fetchall())
        cursor.execute(_SQLITE, [to_match(wanted), user.pk, limit])
        return [(UUID(conversation), UUID(message) if message else None) for conversation, message in cursor.fetchall()]
