"""The full-text index of conversations: their titles, and what their messages say.

The database keeps it up to date by itself. On SQLite it is an FTS5 table without content, fed by triggers; `…_entry`
gives its rows numbers that last (the tables' own may change). A migration that makes one of the two tables anew drops
its triggers: it has to run `FEED` again. On PostgreSQL it is two indexes over `studio_searchable(text)`.
"""

from django.db import migrations

TABLES = [
    """
    CREATE TABLE generations_chatsearch_entry (
        id integer PRIMARY KEY,
        conversation_id char(32) NOT NULL,
        message_id char(32) NULL UNIQUE
    )
    """,
    """
    CREATE UNIQUE INDEX chatsearch_title ON generations_chatsearch_entry (conversation_id) WHERE message_id IS NULL
    """,
    """
    CREATE VIRTUAL TABLE generations_chatsearch
    USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2', prefix='2 3')
    """,
]

MESSAGE, TITLE = "message_id = {row}.id", "conversation_id = {row}.id AND message_id IS NULL"
NUMBER = "(SELECT id FROM generations_chatsearch_entry WHERE {which})"
FORGET = (
    "INSERT INTO generations_chatsearch(generations_chatsearch, rowid, text) VALUES ('delete', {number}, old.{text});"
)
LEARN = "INSERT INTO generations_chatsearch(rowid, text) VALUES ({number}, new.{text});"


def _triggers(name, table, text, which, columns, values):
    old, new = (NUMBER.format(which=which.format(row=row)) for row in ("old", "new"))
    forget, learn = FORGET.format(number=old, text=text), LEARN.format(number=new, text=text)
    enter = f"INSERT INTO generations_chatsearch_entry({columns}) VALUES ({values});"  # noqa: S608  our own words
    leave = f"DELETE FROM generations_chatsearch_entry WHERE {which.format(row='old')};"  # noqa: S608
    changes = f"AFTER UPDATE OF {text} ON {table} WHEN old.{text} IS NOT new.{text}"
    return [
        f"CREATE TRIGGER chatsearch_{name}_new AFTER INSERT ON {table} BEGIN {enter} {learn} END",
        f"CREATE TRIGGER chatsearch_{name}_changed {changes} BEGIN {forget} {learn} END",
        f"CREATE TRIGGER chatsearch_{name}_gone AFTER DELETE ON {table} BEGIN {forget} {leave} END",
    ]


FEED = [
    *_triggers(
        "message", "generations_message", "text", MESSAGE, "conversation_id, message_id", "new.conversation_id, new.id"
    ),
    *_triggers("title", "generations_conversation", "title", TITLE, "conversation_id", "new.id"),
]
FILL = [
    """
    INSERT INTO generations_chatsearch_entry (conversation_id, message_id)
    SELECT conversation_id, id FROM generations_message
    """,
    "INSERT INTO generations_chatsearch_entry (conversation_id) SELECT id FROM generations_conversation",
    """
    INSERT INTO generations_chatsearch (rowid, text)
    SELECT entry.id, COALESCE(message.text, conversation.title) FROM generations_chatsearch_entry entry
    LEFT JOIN generations_message message ON message.id = entry.message_id
    LEFT JOIN generations_conversation conversation ON conversation.id = entry.conversation_id
    """,
]
SQLITE = [*TABLES, *FEED, *FILL]
SQLITE_BACK = [
    *(f"DROP TRIGGER chatsearch_{name}_{when}" for name in ("message", "title") for when in ("new", "changed", "gone")),
    "DROP TABLE generations_chatsearch",
    "DROP TABLE generations_chatsearch_entry",
]

# Without accents and marks, as SQLite's tokenizer reads it, and so much of it as a tsvector surely holds. It is dear,
# and says so, for the plan to ask the index rather than each row.
POSTGRESQL = [
    r"""
    CREATE FUNCTION studio_searchable(said text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000
    AS $$ BEGIN
        RETURN to_tsvector('simple'::regconfig, regexp_replace(regexp_replace(
            normalize(left(said, 150000), NFD), '[\u0300-\u036f]', '', 'g'),
            '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'));
    END $$
    """,
    "CREATE INDEX chatsearch_message ON generations_message USING gin (studio_searchable(text))",
    "CREATE INDEX chatsearch_title ON generations_conversation USING gin (studio_searchable(title))",
]
POSTGRESQL_BACK = [
    "DROP INDEX chatsearch_title",
    "DROP INDEX chatsearch_message",
    "DROP FUNCTION studio_searchable(text)",
]


def _run(statements):
    def run(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            for statement in statements[schema_editor.connection.vendor]:
                cursor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("generations", "0003_chat")]

    operations = [
        migrations.RunPython(
            _run({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
            _run({"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}),
        )
    ]
