"""A job's family on its pages, and among whom it is shown: the filmstrip of the list that it was opened from."""

import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Membership, Team
from generations.models import Job, JobSource
from tests.generations.pages.conftest import form, make_job, make_paid_job

pytestmark = pytest.mark.django_db


def page(client, name: str, job: Job, **query: str) -> str:
    response = client.get(reverse(name, args=[job.pk]), query)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def test_what_is_reused_in_create_is_a_remix_of_it(as_alice, alice, engine):
    job = make_job(alice)
    html = as_alice.get(f"/create/?from={job.pk}").content.decode()
    assert f'<input type="hidden" name="from" value="{job.pk}"' in html
    as_alice.post(reverse("job-create"), {**form(), "from": str(job.pk)})
    made = JobSource.objects.get(source=job)
    assert (made.kind, made.job.prompt) == ("remix", "a red fox")


def test_what_is_not_ones_own_can_be_reused_where_it_is_shared_only(as_bob, alice, bob, engine):
    team = Team.objects.create(name="Posters")
    Membership.objects.create(team=team, user=bob, role="member")
    hidden, shared = make_job(alice, prompt="hidden"), make_job(alice, prompt="shared", team=team)
    assert ">shared</textarea>" in as_bob.get(f"/create/?from={shared.pk}").content.decode()
    assert ">hidden</textarea>" not in as_bob.get(f"/create/?from={hidden.pk}").content.decode()
    for job in (hidden, shared):
        as_bob.post(reverse("job-create"), {**form(), "from": str(job.pk)})
    assert [step.source for step in JobSource.objects.all()] == [shared]


LINK = "https://pictures.example/a.png?token=secret"


def test_of_a_teammates_link_others_see_the_host_alone(as_alice, as_bob, alice, bob, engine):
    team = Team.objects.create(name="Posters")
    Membership.objects.create(team=team, user=bob, role="member")
    settings = {"input_image": LINK, "seed": 42, "rows": [{"clip": LINK}]}
    first = make_job(alice, settings=settings, team=team)
    again = make_job(
        alice, settings={**settings, "input_image": f"{LINK}2", "negative_prompt": "https://[odd"}, team=team
    )
    JobSource.objects.create(job=again, source=first, kind="remix")
    compared = f"{reverse('compare')}?job={first.pk}&job={again.pk}"
    pages = [compared, reverse("job-lineage", args=[again.pk]), f"/create/?from={first.pk}"]
    for page_of in pages:
        assert "token=secret" not in as_bob.get(page_of).content.decode(), page_of
    for page_of in pages[:2]:
        assert as_bob.get(page_of).content.decode().count("pictures.example") > 1, "and that they differ"
        assert "token=secret" in as_alice.get(page_of).content.decode(), "one's own is seen whole"
    created = as_bob.get(pages[2]).content.decode()
    assert "What it began from is left out: it is not yours." in created
    assert 'value="42"' in created
    assert "is left out" not in as_alice.get(pages[2]).content.decode()


def test_the_page_shows_one_step_each_way_and_leads_to_the_whole(as_alice, gpu, keep):
    first = make_paid_job(gpu, "succeeded", prompt="a red fox", charge="yes", actual_amount=2, actual_unit="NOK")
    keep(first)
    job = make_paid_job(gpu, "succeeded", prompt="a grey fox", charge="yes", actual_amount=3, actual_unit="NOK")
    JobSource.objects.create(job=job, source=first, kind="remix")
    again = make_paid_job(gpu, parent=job, prompt="a grey fox", charge="unknown")
    kin = re.findall(r'(?s)class="kin-job" href="/jobs/([^/]+)/".*?class="small">([^<]+)<', page(as_alice, "job", job))
    assert kin == [(str(first.pk), "Remix"), (str(again.pk), "Another try")]
    whole = page(as_alice, "job-lineage", job)
    assert "3 jobs, 5.00 NOK, perhaps 2.00 NOK more" in whole
    assert "this branch, 2 jobs: 3.00 NOK, perhaps 2.00 NOK more" in whole
    assert "<del>red</del><ins>grey</ins>" in whole
    assert whole.count('aria-current="true"') == 1
    assert (whole.count("<ul "), whole.count("<li>")) == (whole.count("</ul>"), whole.count("</li>")) == (3, 3)


def test_a_family_that_cost_nothing_says_so(as_alice, alice):
    assert "1 job, nothing charged" in page(as_alice, "job-lineage", make_job(alice))


def test_the_menu_says_that_what_is_of_the_gallery_is_in_the_gallery(as_alice, alice):
    current = re.compile(r'class="rail-item" href="([^"]+)" aria-current="page"')
    of_it = ["/albums/", "/tags/", "/trash/", "/links/", "/compare/", f"/jobs/{make_job(alice).pk}/"]
    for address in of_it:
        assert current.findall(as_alice.get(address).content.decode()) == ["/gallery/"], address
    assert current.findall(as_alice.get("/settings/").content.decode()) == []


def test_a_page_that_is_told_of_a_change_keeps_its_family(alice):
    job = make_job(alice)
    told = render_to_string("generations/_changes.html", {"jobs": [job], "as_page": True, "is_owner": True})
    assert re.search(rf'id="kin-{job.pk}" hx-preserve>\s*</section>', told)


def test_the_filmstrip_is_of_the_list_it_was_opened_from(as_alice, alice, bob):
    older, clip, job = make_job(alice), make_job(alice, kind="video"), make_job(alice)
    make_job(bob)
    everything = re.findall(r'class="filmstrip-job" href="([^"]+)"', page(as_alice, "job", job))
    assert everything == [f"/jobs/{one.pk}/" for one in (job, clip, older)]
    html = page(as_alice, "job", job, **{"in": "kind=image&nonsense=1"})
    pictures = re.findall(r'class="filmstrip-job" href="([^"]+)"', html)
    assert pictures == [f"/jobs/{one.pk}/?in=kind%3Dimage" for one in (job, older)]
    assert 'href="/gallery/?kind=image" data-key="Escape"' in html
    assert f'href="/jobs/{older.pk}/?in=kind%3Dimage" rel="next"' in html
    gallery = as_alice.get("/gallery/?kind=image").content.decode()
    assert f'href="/jobs/{job.pk}/?in=kind%3Dimage"' in gallery


def test_a_browser_that_hides_the_details_gets_the_page_so(as_alice, alice):
    job = make_job(alice)
    assert "is-unpinned" not in page(as_alice, "job", job)
    as_alice.cookies["details"] = "hidden"
    assert 'class="main main-viewer is-unpinned"' in page(as_alice, "job", job)
