"""A gallery of any size, by the database itself: a million jobs in a minute.

One job in two shows a lake, one in three is a clip, one in twenty failed, one in fifty has stars, one in two is its
team's, one in a thousand has the tag "keep". They come one a minute, the newest now.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.db import connection, transaction

from accounts.models import Membership, Team, User
from generations.models import Job, JobTag, Output, Tag
from generations.models.found import likeness

NOW = int(time.time() * 1000)
EVERY = 60_000  # milliseconds
HEX = {"sqlite": "printf('%0{digits}x', {value})", "postgresql": "lpad(to_hex(({value})::bigint), {digits}, '0')"}
SERIES = {
    "sqlite": "WITH RECURSIVE series(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM series WHERE n < {last}) ",
    "postgresql": "WITH series(n) AS (SELECT generate_series({first}::bigint, {last}::bigint)) ",
}
PROMPT = (
    "'A ' || CASE n % 2 WHEN 0 THEN 'lake' ELSE 'city' END || ' at ' || CASE n % 3 WHEN 0 THEN 'dawn' ELSE 'night' END"
    " || ', in the manner of painter' || (n % 5000) || ', number' || n"
)


def fill(size: int) -> tuple[User, Team]:
    """So many finished jobs, each with a saved result, of a new person and a team of hers."""
    person = User.objects.create_user(f"bench{size}@example.com")
    team = Team.objects.create(name=f"Bench {size}")
    Membership.objects.create(team=team, user=person, role="owner")
    first = Job.objects.order_by("pk").count() + 1
    with transaction.atomic(), connection.cursor() as cursor:
        _unfed(cursor)
        with _unindexed(cursor):
            _insert(cursor, Job, _job(size, first, person, team), first, first + size - 1)
            _insert(cursor, Output, _output(size, first), first, first + size - 1)
            _feed(cursor, person)
    tag = Tag.objects.create(owner=person, name="keep")
    ids = Job.objects.filter(owner=person, has_seed=True).values_list("pk", flat=True)
    JobTag.objects.bulk_create([JobTag(tag=tag, job_id=pk) for pk in ids.iterator()], batch_size=2000)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "VACUUM ANALYZE generations_job, generations_jobsearch, generations_output, generations_jobtag"
            )
    return person, team


def _id(size: int, first: int) -> str:
    """One that is of version 7, as an expression."""
    digits = HEX[connection.vendor]
    moment = digits.format(digits=12, value=f"{NOW} - ({first + size} - n) * {EVERY}")
    text = f"{moment} || '7' || '000' || '8' || '000' || {digits.format(digits=12, value='n')}"
    return f"({text})::uuid" if connection.vendor == "postgresql" else text


def _job(size: int, first: int, person: User, team: Team) -> dict[str, str]:
    own_id = _id(size, first)
    return {
        "id": own_id,
        "group": own_id,
        "owner_id": str(person.pk),
        "team_id": f"CASE n % 2 WHEN 0 THEN {team.pk} END",
        "provider": "CASE n % 4 WHEN 0 THEN 'wayscloud-gpu' ELSE 'local' END",
        "kind": "CASE n % 3 WHEN 0 THEN 'video' ELSE 'image' END",
        "model": "'model-' || (n % 7)",
        "model_name": "'Model ' || (n % 7)",
        "prompt": PROMPT,
        "state": "CASE n % 20 WHEN 0 THEN 'failed' ELSE 'succeeded' END",
        "stars": "CASE n % 50 WHEN 0 THEN 1 + (n / 50) % 5 ELSE 0 END",
        "aspect": "CASE n % 5 WHEN 0 THEN '9:16' ELSE '16:9' END",
        "seconds": "CASE n % 3 WHEN 0 THEN 1 + n % 9 ELSE 0 END",
        "has_seed": "n % 1000 = 0",
        "likeness": f"'{likeness('a lake')}'",
        "quoted_amount": "n % 41",
        "quoted_unit": "'NOK'",
    }


def _output(size: int, first: int) -> dict[str, str]:
    return {
        "job_id": _id(size, first),
        "name": "'image'",
        "file": "'x.png'",
        "kind": "'image'",
        "content_type": "'image/png'",
        "size": "1",
        "width": "1024",
        "height": "576",
        "previews": "'ready'",
        "thumbnail": "'t.webp'",
        "preview": "'p.webp'",
    }


def _insert(cursor, model, expressions: dict[str, str], first: int, last: int) -> None:
    sample = model(**({"prompt": "x", "settings": {}, "due_at": None} if model is Job else {"position": 0}))
    names, values, constants = [], [], []
    for field in model._meta.concrete_fields:
        if field.generated or (field.primary_key and field.column not in expressions):
            continue
        names.append(connection.ops.quote_name(field.column))
        if field.column in expressions:
            values.append(expressions[field.column].replace("%", "%%"))
        else:
            values.append("CAST(%s AS timestamptz)" if _is_moment(field) else "%s")
            constants.append(field.get_db_prep_save(getattr(sample, field.attname), connection))
    series = SERIES[connection.vendor].format(first=first, last=last)
    table = connection.ops.quote_name(model._meta.db_table)
    asked = f"{series}INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM series"
    if connection.vendor == "postgresql":
        asked = f"INSERT INTO {table} ({', '.join(names)}) {series} SELECT {', '.join(values)} FROM series"
    cursor.execute(asked, constants)


def _is_moment(field) -> bool:
    return connection.vendor == "postgresql" and field.get_internal_type() == "DateTimeField"


@contextmanager
def _unindexed(cursor) -> Iterator[None]:
    """PostgreSQL makes an index of a million rows sooner than it puts them into one."""
    if connection.vendor != "postgresql":
        yield
        return
    editor = connection.schema_editor()
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("DROP INDEX jobsearch_words")
    for index in Job._meta.indexes:
        cursor.execute(f"DROP INDEX {index.name}")
    yield
    for index in Job._meta.indexes:
        cursor.execute(str(index.create_sql(Job, editor)))
    cursor.execute("CREATE INDEX jobsearch_words ON generations_jobsearch USING gin (words)")


# -- The full-text index, in one go ----------------------------------------------------------------------------------
def _unfed(cursor) -> None:
    if connection.vendor == "postgresql":
        cursor.execute("ALTER TABLE generations_job DISABLE TRIGGER jobsearch_feed")
        return
    for when in ("new", "changed", "gone"):
        cursor.execute(f"DROP TRIGGER jobsearch_{when}")


def _feed(cursor, person: User) -> None:
    made = import_module("generations.migrations.0006_search")
    if connection.vendor == "postgresql":
        words = made.WORDS.format(row="job")
        theirs = f"SELECT id, {words} FROM generations_job job WHERE owner_id = {person.pk}"
        cursor.execute(f"INSERT INTO generations_jobsearch {theirs}")
        cursor.execute("ALTER TABLE generations_job ENABLE TRIGGER jobsearch_feed")
        return
    cursor.execute("INSERT INTO generations_jobsearch(generations_jobsearch) VALUES ('delete-all')")
    cursor.execute("DELETE FROM generations_jobsearch_entry")
    for statement in [*made.FILL, *made.FEED]:
        cursor.execute(statement)
