"""Filters that combine and orders: complete and in order, by whichever way they are found."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from accounts.models import Membership, Team
from generations.models import Album, AlbumItem, Job, JobTag, Output, Tag
from generations.search import Search, asking, finding, looking, scarce, words
from studio.lib.ids import first_at
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db

DAWN = datetime(2026, 3, 1, 12, tzinfo=UTC)


def made_on(moment: datetime, number: int = 0) -> UUID:
    return UUID(int=first_at(int(moment.timestamp() * 1000)).int + number)


def every(query: str, user, **where) -> list[Job]:
    """All pages of it."""
    found, following = [], query
    while True:
        jobs, following = Search.parse(following).page(user, **where)
        found += jobs
        if not following:
            return found
    return found


@pytest.fixture(params=["scarce", "walked", "step by step"])
def way(request, monkeypatch):
    """Few enough to be read whole; so many that the list is walked; and no further on one page than a step."""
    is_scarce, is_slow = request.param == "scarce", request.param == "step by step"
    few = 2000 if is_scarce else 0
    for module in (scarce, words):
        monkeypatch.setattr(module, "FEW", few)
    monkeypatch.setattr(words, "SOME", few)
    monkeypatch.setattr(words, "SMALL", 0)
    monkeypatch.setattr(looking, "AT_ONCE", 2)
    for name in ("STEP", "READING"):
        monkeypatch.setattr(looking, name, 1)
    monkeypatch.setattr(finding, "PATIENCE", 0 if is_slow else 60)
    monkeypatch.setattr(finding, "FURTHER", 0 if is_slow else 60)
    monkeypatch.setattr(asking, "PAGE", 3)


@pytest.fixture
def several(alice) -> list[Job]:
    """Twelve, no two of which are alike in all that can be asked for; the oldest first."""
    jobs = []
    for n in range(12):
        jobs.append(
            make_job(
                alice,
                "failed" if n % 4 == 3 else "succeeded",
                id=made_on(DAWN + timedelta(days=9 * n), n),
                kind="video" if n % 2 else "image",
                model=f"model-{n % 3}",
                provider=("local", "imported", "wayscloud-gpu")[n % 3],
                prompt=f"A {'lake' if n % 3 else 'city'} at dawn {n}",
                settings={"aspect_ratio": ("16:9", "9:16", "1:1")[n % 3], **({"seed": 0} if n % 2 else {})},
                stars=n % 4,
                is_favourite=n % 5 == 0,
                colour="red" if n % 6 == 1 else "",
                seconds=n % 2 * (n % 5),
                quoted_amount=(None, 2, 5)[n % 3],
                quoted_unit="" if n % 3 == 0 else "NOK" if n < 9 else "credits",
                note="for the harbour" if n == 4 else "",
            )
        )
    return jobs


FILTERS = {
    "kind=video": lambda job: job.kind == "video",
    "model=model-1": lambda job: job.model == "model-1",
    "provider=wayscloud-gpu": lambda job: job.provider == "wayscloud-gpu",
    "provider=imported&model=model-1": lambda job: job.provider == "imported",
    "state=failed": lambda job: job.state == "failed",
    "stars=2": lambda job: job.stars >= 2,
    "favourite=1": lambda job: job.is_favourite,
    "colour=red": lambda job: job.colour == "red",
    "aspect=portrait": lambda job: job.settings["aspect_ratio"] == "9:16",
    "aspect=1:1": lambda job: job.settings["aspect_ratio"] == "1:1",
    "seed=1": lambda job: "seed" in job.settings,
    "seed=0": lambda job: "seed" not in job.settings,
    "input=1": lambda job: False,
    "from=2026-04-01": lambda job: job.pk > made_on(datetime(2026, 4, 1, tzinfo=UTC)),
    "to=2026-04-01": lambda job: job.pk < made_on(datetime(2026, 4, 2, tzinfo=UTC)),
    "month=2026-04": lambda job: (
        made_on(datetime(2026, 4, 1, tzinfo=UTC)) < job.pk < made_on(datetime(2026, 5, 1, tzinfo=UTC))
    ),
    "q=lake": lambda job: "lake" in job.prompt,
    "q=harbour": lambda job: "harbour" in job.note,
    "q=dawn+-lake": lambda job: "lake" not in job.prompt,
    "kind=video&q=lake&stars=1": lambda job: job.kind == "video" and "lake" in job.prompt and job.stars >= 1,
    "model=model-2&state=done&seed=1": lambda job: (
        job.model == "model-2" and job.state != "failed" and "seed" in job.settings
    ),
}
ORDERS = {
    "": lambda job: (-job.pk.int,),
    "oldest": lambda job: (job.pk.int,),
    "stars": lambda job: (-job.stars, -job.pk.int),
    "duration": lambda job: (-job.seconds, -job.pk.int),
    "price": lambda job: (-(job.quoted_amount or 0) if job.quoted_unit == "NOK" else 0, -job.pk.int),
}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("sort", ORDERS)
def test_every_filter_in_every_order_is_complete_and_leads_both_ways(alice, several, sort):
    for query, belongs in {"": lambda job: True, **FILTERS}.items():
        wanted = sorted(filter(belongs, several), key=ORDERS[sort])
        asked = f"{query}&sort={sort}&unit=NOK"
        assert every(asked, alice) == wanted, asked
        for place in range(0, len(wanted), 3):
            before, after = Search.parse(asked).around(alice, wanted[place], 2)
            assert before == wanted[max(0, place - 2) : place], asked
            assert after == wanted[place + 1 : place + 3], asked


@pytest.mark.usefixtures("way")
def test_albums_and_tags_combine(alice, bob, several):
    fox, owl = Tag.objects.create(owner=alice, name="Fox"), Tag.objects.create(owner=alice, name="owl")
    JobTag.objects.bulk_create(JobTag(tag=fox, job=job) for job in several[:8])
    JobTag.objects.bulk_create(JobTag(tag=owl, job=job) for job in several[6:])
    album, other = (Album.objects.create(owner=owner, title="Best") for owner in (alice, bob))
    AlbumItem.objects.bulk_create(AlbumItem(album=album, job=job, place=0) for job in several[::2])
    AlbumItem.objects.create(album=other, job=several[0], place=0)
    assert every("tag=fox&tag=Owl", alice) == [several[7], several[6]]
    assert every(f"tag=fox&album={album.pk}", alice) == [several[6], several[4], several[2], several[0]]
    assert every(f"tag=fox&album={album.pk}&q=city", alice) == [several[6], several[0]]
    assert every(f"album={other.pk}", alice) == [], "another's album is none"
    assert every("tag=gone", alice) == []


@pytest.mark.usefixtures("way")
def test_a_team_sees_what_is_shared_with_it(alice, bob, several):
    team = Team.objects.create(name="Us")
    for person in (alice, bob):
        Membership.objects.create(team=team, user=person)
    theirs = make_job(bob, team=team, prompt="A lake", review="approved")
    Job.objects.filter(pk__in=[job.pk for job in several[:5]]).update(team=team)
    shared = [theirs, *several[4::-1]]
    assert every("", bob, team=team) == shared
    assert every(f"person={bob.pk}", alice, team=team) == [theirs]
    assert every("review=approved", alice, team=team) == [theirs]
    assert every("q=lake", bob, team=team) == [job for job in shared if "lake" in job.prompt]
    assert every("q=lake", bob) == [theirs], "one's own gallery is one's own"
    assert every(f"team={team.pk}", alice) == several[4::-1]
    Job.objects.filter(pk=several[1].pk).update(team=None)
    assert several[1] not in every("q=lake", bob, team=team), "the words follow who may see it"


@pytest.mark.usefixtures("way")
def test_a_team_cannot_ask_for_what_its_people_noted_for_themselves(alice, bob, several):
    team = Team.objects.create(name="Us")
    Membership.objects.create(team=team, user=bob)
    tag = Tag.objects.create(owner=alice, name="owl")
    JobTag.objects.bulk_create(JobTag(tag=tag, job=job) for job in several[:2])
    Job.objects.update(team=team)
    Job.objects.filter(pk=several[2].pk).update(tag_words="owl")
    shared = several[::-1]
    marks = ("stars=2", "favourite=1", "colour=red", "key=1", "tag=owl", "sort=stars")
    for query in (*marks, "&".join(marks), "q=dawn+-harbour", "q=dawn+-owl"):
        assert every(query, bob, team=team) == shared, query
        before, after = Search.parse(query).around(bob, several[4], 2, team=team)
        assert (before, after) == ([several[6], several[5]], [several[3], several[2]]), query
    for query in ("q=harbour", "q=owl", "q=dawn+harb", "q=harbour&kind=image"):
        assert every(query, bob, team=team) == [], query
        assert every(query, alice), "one's own gallery has all of it"
    assert every("q=lake&kind=image&stars=1", bob, team=team) == [
        job for job in shared if "lake" in job.prompt and job.kind == "image"
    ]


def test_the_index_follows_what_is_said(alice):
    job = make_job(alice, prompt="A hare")
    Job.objects.filter(pk=job.pk).update(prompt="A fox", note="in the snow", tag_words="winter")
    assert every("q=hare", alice) == []
    assert every("q=fox+snow+wint", alice) == [job]
    job.hide()
    assert every("q=fox", alice) == []
    job.delete()
    again = make_job(alice, prompt="A fox")
    assert every("q=fox", alice) == [again]


def test_prompts_of_the_same_words_are_similar(alice):
    one, two = make_job(alice, prompt="A red fox, snow"), make_job(alice, prompt="Snow: a RED fôx")
    make_job(alice, prompt="A red fox")
    assert every(f"similar={one.pk}", alice) == [two, one]
    assert every(f"similar={made_on(DAWN)}", alice) == []


def test_what_was_saved_is_what_is_found(alice):
    job = make_job(alice, kind="video", settings={"aspect_ratio": "1:1", "image": "asset:x", "seed": 3})
    assert (job.aspect, job.has_seed, job.has_input) == ("1:1", True, True)
    Output.objects.create(
        job=job, position=0, name="a", remote_url="", file="a.mp4", width=720, height=1280, duration=4.5
    )
    Output.objects.create(job=job, position=1, name="b", remote_url="", file="b.mp4", duration=6)
    job.measure()
    assert every("aspect=portrait", alice) == [job]
    job.refresh_from_db()
    assert (job.aspect, job.seconds) == ("9:16", 6)


def test_prices_are_those_that_were_paid(alice):
    paid = make_job(alice, quoted_amount=1, quoted_unit="NOK", actual_amount=9, actual_unit="NOK")
    quoted = make_job(alice, quoted_amount=4, quoted_unit="NOK")
    assert every("sort=price", alice) == [paid, quoted]
