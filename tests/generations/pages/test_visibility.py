"""Who gets to see a job of somebody else's, its files and its uploads; and what they see of it."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, Membership, ProviderKey
from generations.models import Asset, Job
from generations.models.states import State
from generations.organising import bulk
from tests.generations.pages.conftest import form, make_job
from tests.generations.together.cast import browser, make_shared, make_team, person

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def job(team, keep):
    made = make_shared(person("Alice"), team)
    keep(made)
    return made


def addresses(job: Job) -> list[str]:
    return [
        f"/jobs/{job.pk}/",
        f"/jobs/{job.pk}/talk/",
        f"/media/{job.pk}/0/",
        f"/media/{job.pk}/0/thumbnail/",
        f"/media/{job.pk}/0/preview/",
    ]


def answers(name: str, job: Job) -> set[int]:
    client = browser(person(name))
    found = [client.get(address, headers={"HX-Request": "true"}).status_code for address in addresses(job)]
    return set(found)


class TestSeeing:
    def test_the_team_sees_it_and_nobody_else(self, job):
        assert [answers(name, job) for name in ("Alice", "Bob", "Carol", "Dave")] == [{200}, {200}, {200}, {404}]

    def test_what_is_taken_back_is_gone_at_once_also_by_what_a_browser_kept(self, job):
        bobs = browser(person("Bob"))
        seen = bobs.get(f"/media/{job.pk}/0/")
        assert seen["Cache-Control"] == "private, no-cache"
        assert browser(person("Alice")).get(f"/media/{job.pk}/0/")["Cache-Control"].endswith("immutable")
        browser(person("Alice")).post(f"/jobs/{job.pk}/visibility/", {"team": ""})
        assert answers("Bob", job) == {404}
        again = bobs.get(f"/media/{job.pk}/0/", headers={"If-None-Match": seen["ETag"]})
        assert again.status_code == 404

    def test_who_leaves_sees_it_no_more(self, job):
        Membership.objects.filter(user=person("Bob")).delete()
        assert answers("Bob", job) == {404}

    def test_what_is_deleted_is_gone(self, job):
        job.hide()
        assert answers("Bob", job) == {404}

    def test_it_is_looked_at_only(self, job):
        Job.objects.filter(pk=job.pk).update(state=State.FAILED)
        html = browser(person("Bob")).get(f"/jobs/{job.pk}/").content.decode()
        for verb in ("cancel", "retry", "give-up", "adopt", "resave", "delete", "visibility"):
            address = reverse(f"job-{verb}", args=[job.pk])
            assert f'action="{address}"' not in html, verb
            assert browser(person("Bob")).post(address).status_code == 404, verb

    def test_costs_are_shown_and_keys_are_not(self, job):
        key = ProviderKey.objects.create(
            owner=person("Alice"), provider="wayscloud-gpu", label="Secretkey", hint="w…xyz"
        )
        money = {"quoted_amount": 2, "quoted_unit": "NOK", "remaining_amount": 47}
        Job.objects.filter(pk=job.pk).update(key=key, provider="wayscloud-gpu", webhook_token="t0ken", **money)
        seen = {name: browser(person(name)).get(f"/jobs/{job.pk}/").content.decode() for name in ("Alice", "Bob")}
        for secret in ("Secretkey", "w…xyz", "47.00\xa0NOK"):
            assert secret in seen["Alice"], secret
            assert secret not in seen["Bob"]
        assert "2.00\xa0NOK" in seen["Bob"]
        assert "t0ken" not in seen["Bob"]


class TestWhatItBeginsFrom:
    @pytest.fixture
    def asset(self, media):
        media.mkdir(exist_ok=True)
        (media / "a.png").write_bytes(b"picture")
        return Asset.objects.create(
            owner=person("Alice"), name="passport.png", file="a.png", thumbnail="a.png", kind="image",
            content_type="image/png", size=7, sha256="0" * 64,
        )  # fmt: skip

    def test_an_upload_is_seen_as_long_as_a_job_that_uses_it(self, job, asset):
        address, bobs = f"/assets/{asset.pk}/", browser(person("Bob"))
        assert bobs.get(address).status_code == 404
        job.assets.add(asset)
        Job.objects.filter(pk=job.pk).update(settings={"image": f"asset:{asset.pk}"})
        assert (bobs.get(address).status_code, bobs.get(f"{address}thumbnail/").status_code) == (200, 200)
        assert bobs.post(f"{address}delete/").status_code == 404
        html = bobs.get(f"/jobs/{job.pk}/").content.decode()
        assert address in html
        assert "passport" not in html
        job.refresh_from_db()
        job.share_with(None)
        assert bobs.get(address).status_code == 404

    def test_nothing_is_told_of_a_job_that_is_not_shared(self, job, keep):
        private = make_job(person("Alice"), prompt="my secret plan")
        keep(private)
        link = "https://files.example/x.png?token=s3cret"
        Job.objects.filter(pk=job.pk).update(settings={"image": f"output:{private.pk}/0", "other": link})
        html = browser(person("Bob")).get(f"/jobs/{job.pk}/").content.decode()
        assert "files.example" in html
        for hidden in ("secret plan", str(private.pk), "s3cret"):
            assert hidden not in html


class TestChanging:
    def test_one_by_one_and_many_are_written_down(self, team):
        jobs = [make_job(person("Bob")) for _ in range(3)]
        theirs = make_job(person("Alice"))
        bobs = browser(person("Bob"))
        bobs.post(f"/jobs/{jobs[0].pk}/visibility/", {"team": team.pk})
        answer = bobs.post(
            "/jobs/visibility/", {"job": [job.pk for job in [*jobs, theirs]], "team": team.pk}, follow=True
        )
        assert "2 are shared with Lighthouse." in answer.content.decode()
        assert set(Job.objects.filter(team=team)) == set(jobs)
        assert [(entry.action, entry.target) for entry in AuditEntry.objects.order_by("pk")] == [
            ("job.shared", "1 job"),
            ("job.shared", "2 jobs"),
        ]

    def test_all_that_a_search_finds(self, team):
        fox, boat = make_job(person("Bob"), prompt="a red fox"), make_job(person("Bob"), kind="video")
        browser(person("Bob")).post("/jobs/visibility/", {"query": "?kind=video", "job": [fox.pk], "team": team.pk})
        assert list(Job.objects.filter(team=team)) == [boat]

    def test_beyond_a_thousand_it_goes_on_in_a_task_while_one_may_write_there(self, team, monkeypatch):
        monkeypatch.setattr("generations.search.asking.PAGE", 1)
        monkeypatch.setattr("generations.organising.bulk.AT_ONCE", 1)
        tasks: list[tuple[object, ...]] = []
        monkeypatch.setattr("generations.organising.bulk.async_task", lambda name, *sent: tasks.append(sent))
        for _ in range(3):
            make_job(person("Bob"))
        answer = browser(person("Bob")).post("/jobs/visibility/", {"query": "?", "team": team.pk}, headers=HTMX)
        assert "It is shared with Lighthouse. The rest follows in the background." in answer.content.decode()
        assert AuditEntry.objects.get().target == "1 job and more"
        bulk.go_on(*tasks[0])
        assert Job.objects.filter(team=team).count() == 2
        Membership.objects.filter(user=person("Bob")).update(role="viewer")
        bulk.go_on(*tasks[1])
        assert Job.objects.filter(team=team).count() == 2

    @pytest.mark.parametrize("who", ["Carol", "Dave"])
    def test_who_may_not_write_there_shares_nothing(self, team, who):
        job = make_job(person(who))
        assert browser(person(who)).post(f"/jobs/{job.pk}/visibility/", {"team": team.pk}).status_code == 404
        job.refresh_from_db()
        assert job.team is None


class TestCreate:
    def test_a_click_says_who_sees_it_and_may_be_remembered(self, team, engine):
        bob, bobs = person("Bob"), browser(person("Bob"))
        assert 'name="team"' in bobs.get("/create/").content.decode()
        bobs.post("/jobs/", form(team=str(team.pk)))
        bob.refresh_from_db()
        assert bob.shares_with is None
        bobs.post("/jobs/", form(team=str(team.pk), team_usual="yes"))
        bobs.post("/jobs/", form())
        bobs.post("/jobs/", form(team=""))
        assert [job.team for job in Job.objects.filter(owner=bob).order_by("pk")] == [team, team, team, None]

    def test_a_team_that_was_left_meanwhile_stops_the_click(self, team, engine):
        answer = browser(person("Dave")).post("/jobs/", form(team=str(team.pk)))
        assert answer.status_code == 422
        assert "You cannot share with that team any more." in answer.content.decode()
        assert not Job.objects.exists()

    def test_the_settings_of_a_teammates_job_make_ones_own(self, team, engine):
        theirs = make_shared(person("Alice"), team, prompt="a lighthouse")
        assert "a lighthouse" in browser(person("Bob")).get(f"/create/?from={theirs.pk}").content.decode()
        assert "a lighthouse" not in browser(person("Dave")).get(f"/create/?from={theirs.pk}").content.decode()
