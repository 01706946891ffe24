"""That SQLite takes the index that was made for a question: it knows no statistics, so it does so at any size."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations.models import Album, AlbumItem, JobTag, Tag
from generations.search import Search, looking
from studio import frame
from tests.generations.pages.conftest import make_job

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by what is in the tables"),
]


def plans(ask) -> str:
    """Of all that is asked of jobs, one after the other."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    lines = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if 'FROM "generations_output"' in query["sql"]:
                continue
            cursor.execute("EXPLAIN QUERY PLAN " + query["sql"].replace("%", "%%"))
            lines += [row[3] for row in cursor.fetchall()]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "COVERING INDEX job_gallery "),
        ("aspect=square&seed=1", "COVERING INDEX job_gallery "),
        ("kind=video", "job_gallery_model "),
        ("provider=local", "job_gallery_model "),
        ("model=x", "job_gallery_model "),
        ("state=look", "job_gallery_state "),
        ("state=running", "job_gallery_state "),
        ("favourite=1", "job_favourites "),
        ("colour=red", "job_colours "),
        ("stars=4", "job_stars "),
        ("sort=stars", "job_stars "),
        ("sort=price&unit=NOK", "job_prices "),
        ("sort=duration", "job_durations "),
    ],
)
def test_a_filter_has_an_index(alice, monkeypatch, query, index):
    make_job(alice, "failed")
    make_job(alice, "failed")
    monkeypatch.setattr(looking, "STEP", 1)
    said = plans(lambda: Search.parse(query).page(alice))
    assert index in said
    may_sort = query in {"colour=red", "stars=4"}  # a few, once it is known that they are few
    assert may_sort or "TEMP B-TREE" not in said


@pytest.mark.parametrize("field", ["album", "tag"])
def test_an_albums_or_a_tags_list_is_read_in_its_order(alice, field):
    job = make_job(alice)
    album, tag = Album.objects.create(owner=alice, title="Best"), Tag.objects.create(owner=alice, name="sea")
    AlbumItem.objects.create(album=album, job=job, place=1)
    JobTag.objects.create(tag=tag, job=job)
    asked = {"album": f"album={album.pk}", "tag": "tag=sea"}[field]
    said = plans(lambda: Search.parse(asked).page(alice))
    assert {"album": "(album_id=?)", "tag": "(tag_id=?)"}[field] in said
    assert "TEMP B-TREE" not in said


def test_what_runs_is_counted_without_reading_the_list(alice):
    assert "job_gallery_state " in plans(lambda: frame.read(alice))
