"""What lists of jobs are narrowed, sorted and searched by.

The full-text index has each job's prompt; apart from it the note and tags, which are its owner's own; and whose it is.
The database keeps it up to date by itself. On SQLite it is an FTS5 table without content, fed by triggers; `…_entry`
gives its rows numbers in the order of the jobs' ids, which is that of time: the milliseconds that an id begins with,
and a count within them. A migration that makes the table of jobs anew drops its triggers: it has to run `FEED` again.
On PostgreSQL it is a table beside the jobs', which change often and would be read again each time.
"""

import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

from generations.models.found import asked_ratio, has_input, has_seed, likeness, nearest

TABLES = [
    """
    CREATE TABLE generations_jobsearch_entry (
        id integer PRIMARY KEY,
        job_id char(32) NOT NULL UNIQUE
    )
    """,
    """
    CREATE VIRTUAL TABLE generations_jobsearch
    USING fts5(prompt, own, whose, content='', tokenize='unicode61 remove_diacritics 2', prefix='2 3')
    """,
]

DIGITS = "0123456789abcdef"
MILLISECONDS = " + ".join(
    f"(instr('{DIGITS}', substr({{row}}.id, {place}, 1)) - 1) * {16 ** (12 - place)}" for place in range(1, 13)
)
FIRST = f"(({MILLISECONDS}) << 8)"
NEXT = f"""
    SELECT MAX({FIRST}, COALESCE((
        SELECT MAX(id) + 1 FROM generations_jobsearch_entry WHERE id BETWEEN {FIRST} AND {FIRST} + 255
    ), 0))
"""  # noqa: S608  our own words
TEXTS = "{row}.prompt, {row}.note || ' ' || {row}.tag_words"
WHOSE = "'o' || {row}.owner_id || COALESCE(' t' || {row}.team_id, '')"
NUMBER = "(SELECT id FROM generations_jobsearch_entry WHERE job_id = {row}.id)"
ENTER = "INSERT INTO generations_jobsearch_entry(id, job_id) VALUES ((" + NEXT + "), {row}.id);"
LEAVE = "DELETE FROM generations_jobsearch_entry WHERE job_id = {row}.id;"
LEARN = f"INSERT INTO generations_jobsearch(rowid, prompt, own, whose) VALUES ({NUMBER}, {TEXTS}, {WHOSE});"  # noqa: S608
FORGET = (
    "INSERT INTO generations_jobsearch(generations_jobsearch, rowid, prompt, own, whose) "  # noqa: S608
    f"VALUES ('delete', {NUMBER}, {TEXTS}, {WHOSE});"
)
SAID = ("prompt", "note", "tag_words", "owner_id", "team_id")
CHANGED = " OR ".join(f"old.{name} IS NOT new.{name}" for name in SAID)
FEED = [
    f"CREATE TRIGGER jobsearch_new AFTER INSERT ON generations_job BEGIN {(ENTER + LEARN).format(row='new')} END",
    f"CREATE TRIGGER jobsearch_changed AFTER UPDATE OF {', '.join(SAID)} ON generations_job WHEN {CHANGED} "
    f"BEGIN {FORGET.format(row='old')} {LEARN.format(row='new')} END",
    f"CREATE TRIGGER jobsearch_gone AFTER DELETE ON generations_job BEGIN {(FORGET + LEAVE).format(row='old')} END",
]
FILL = [
    f"""
    INSERT INTO generations_jobsearch_entry (id, job_id)
    SELECT ({FIRST.format(row="job")}) + MIN(255, ROW_NUMBER() OVER (PARTITION BY substr(id, 1, 12) ORDER BY id) - 1), id
    FROM generations_job job ORDER BY id
    """,  # noqa: S608
    f"""
    INSERT INTO generations_jobsearch (rowid, prompt, own, whose)
    SELECT entry.id, {TEXTS.format(row="job")}, {WHOSE.format(row="job")}
    FROM generations_jobsearch_entry entry JOIN generations_job job ON job.id = entry.job_id ORDER BY entry.id
    """,  # noqa: S608
]
SQLITE = [*TABLES, *FEED, *FILL]
SQLITE_BACK = [
    *(f"DROP TRIGGER jobsearch_{when}" for when in ("new", "changed", "gone")),
    "DROP TABLE generations_jobsearch",
    "DROP TABLE generations_jobsearch_entry",
]

WORDS = "studio_job_words({row}.prompt, {row}.note, {row}.tag_words, {row}.owner_id, {row}.team_id)"
POSTGRESQL = [
    """
    CREATE FUNCTION studio_job_words(prompt text, note text, tags text, owner bigint, team bigint) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT setweight(studio_searchable(prompt), 'A') || studio_searchable(note || ' ' || tags)
        || array_to_tsvector(array_remove(ARRAY['owner:' || owner, 'team:' || team], NULL)) $$
    """,
    "CREATE TABLE generations_jobsearch (job_id uuid PRIMARY KEY, words tsvector NOT NULL)",
    f"""
    CREATE FUNCTION studio_feed_jobsearch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN
            DELETE FROM generations_jobsearch WHERE job_id = OLD.id;
        ELSE
            INSERT INTO generations_jobsearch (job_id, words) VALUES (NEW.id, {WORDS.format(row="NEW")})
            ON CONFLICT (job_id) DO UPDATE SET words = excluded.words;
        END IF;
        RETURN NULL;
    END $$
    """,  # noqa: S608
    f"""
    INSERT INTO generations_jobsearch (job_id, words)
    SELECT job.id, {WORDS.format(row="job")} FROM generations_job job
    """,  # noqa: S608
    "CREATE INDEX jobsearch_words ON generations_jobsearch USING gin (words)",
    """
    CREATE TRIGGER jobsearch_feed AFTER INSERT OR DELETE ON generations_job
    FOR EACH ROW EXECUTE FUNCTION studio_feed_jobsearch()
    """,
    f"""
    CREATE TRIGGER jobsearch_changed AFTER UPDATE OF {", ".join(SAID)} ON generations_job FOR EACH ROW
    WHEN ({" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in SAID)})
    EXECUTE FUNCTION studio_feed_jobsearch()
    """,
]
POSTGRESQL_BACK = [
    "DROP TRIGGER jobsearch_changed ON generations_job",
    "DROP TRIGGER jobsearch_feed ON generations_job",
    "DROP TABLE generations_jobsearch",
    "DROP FUNCTION studio_feed_jobsearch()",
    "DROP FUNCTION studio_job_words(text, text, text, bigint, bigint)",
]


def _run(statements):
    def run(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            for statement in statements[schema_editor.connection.vendor]:
                cursor.execute(statement)

    return run


def fill(apps, schema_editor):
    """What is known of the jobs that are there: by their settings, and by what came of them."""
    job_model, output_model = apps.get_model("generations", "Job"), apps.get_model("generations", "Output")
    last, rows = None, job_model.objects.order_by("pk").only("pk", "settings", "prompt")
    while batch := list((rows.filter(pk__gt=last) if last else rows)[:2000]):
        last = batch[-1].pk
        shapes, seconds = {}, {}
        measured = output_model.objects.filter(job__in=batch).exclude(file="")
        for output in measured.order_by("job", "-position"):
            if output.width and output.height:
                shapes[output.job_id] = output.width / output.height
            seconds[output.job_id] = max(output.duration or 0, seconds.get(output.job_id, 0))
        for job in batch:
            shape = shapes.get(job.pk) or asked_ratio(job.settings)
            job.aspect = nearest(shape) if shape else ""
            job.seconds = seconds.get(job.pk, 0)
            job.has_seed, job.has_input, job.likeness = has_seed(job), has_input(job), likeness(job.prompt)
        job_model.objects.bulk_update(batch, ["aspect", "seconds", "has_seed", "has_input", "likeness"], batch_size=200)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_teams'),
        ('generations', '0005_organised'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='job',
            name='job_gallery',
        ),
        migrations.RemoveIndex(
            model_name='job',
            name='job_gallery_kind',
        ),
        migrations.RemoveIndex(
            model_name='job',
            name='job_gallery_state',
        ),
        migrations.RemoveIndex(
            model_name='job',
            name='job_team',
        ),
        migrations.AddField(
            model_name='job',
            name='aspect',
            field=models.CharField(blank=True, editable=False, max_length=5),
        ),
        migrations.AddField(
            model_name='job',
            name='has_input',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='job',
            name='has_seed',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='job',
            name='likeness',
            field=models.CharField(blank=True, editable=False, max_length=16),
        ),
        migrations.AddField(
            model_name='job',
            name='price',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('actual_amount', 'quoted_amount'), output_field=models.DecimalField(decimal_places=6, max_digits=18, null=True)),
        ),
        migrations.AddField(
            model_name='job',
            name='price_unit',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(actual_amount__isnull=True, then=models.F('quoted_unit')), default=models.F('actual_unit')), output_field=models.CharField(max_length=12)),
        ),
        migrations.AddField(
            model_name='job',
            name='seconds',
            field=models.FloatField(default=0, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', '-id', 'kind', 'state', 'provider', 'model', 'aspect', 'stars', 'is_favourite', 'colour', 'review', 'has_seed', 'has_input', 'deleted_at', 'team'], name='job_gallery'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'kind', 'provider', 'model', '-id', 'position'], name='job_gallery_model'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'state', '-id', 'position'], name='job_gallery_state'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('is_favourite', True)), fields=['owner', 'is_favourite', '-id', 'position'], name='job_favourites'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('colour__gt', '')), fields=['owner', 'colour', '-id', 'position'], name='job_colours'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('stars__gt', 0)), fields=['owner', '-stars', '-id', 'position'], name='job_stars'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('seconds__gt', 0)), fields=['owner', '-seconds', '-id'], name='job_durations'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('price__gt', 0)), fields=['owner', 'price_unit', '-price', '-id'], name='job_prices'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True)), fields=['owner', 'likeness', '-id', 'position'], name='job_alike'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('team__isnull', False)), fields=['team', '-id', 'owner', 'kind', 'state', 'provider', 'model', 'aspect', 'stars', 'is_favourite', 'colour', 'review', 'has_seed', 'has_input', 'deleted_at'], name='job_team'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('team__isnull', False)), fields=['team', 'owner', '-id', 'position'], name='job_team_person'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('review__gt', ''), ('team__isnull', False)), fields=['team', 'review', '-id', 'position'], name='job_reviews'),
        ),
        migrations.RunPython(
            _run({"sqlite": SQLITE, "postgresql": POSTGRESQL}),
            _run({"sqlite": SQLITE_BACK, "postgresql": POSTGRESQL_BACK}),
        ),
    ]
