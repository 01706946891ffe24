"""Who may reach what: not yours is 404, signed out is the sign-in page, and changes are POST alone."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from generations.models import Job
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db

PAGES = ("create", "gallery")
VERBS_WITHOUT_JOB = ("job-create", "quote", "gallery-delete", "gallery-restore")
VERBS = ("job-cancel", "job-give-up", "job-adopt", "job-resave", "job-delete")
MEDIA = (("output", ()), ("output-preview", ("thumbnail",)), ("output-preview", ("preview",)))


def addresses(job: Job) -> list[str]:
    """Every address with an id in it."""
    return [
        reverse("job", args=[job.pk]),
        reverse("job-retry", args=[job.pk]),
        *(reverse(name, args=[job.pk]) for name in VERBS),
        *(reverse(name, args=[job.pk, 0, *more]) for name, more in MEDIA),
    ]


def ask(client: Client, address: str, **options):
    is_verb = any(address.endswith(f"/{verb.removeprefix('job-')}/") for verb in VERBS)
    return (client.post if is_verb else client.get)(address, **options)


@pytest.fixture
def bobs(bob, keep) -> Job:
    job = make_job(bob)
    keep(job)
    return job


def test_what_is_anothers_is_not_there(as_alice, bobs):
    for address in addresses(bobs):
        assert ask(as_alice, address).status_code == 404, address
    assert as_alice.post(reverse("job-retry", args=[bobs.pk])).status_code == 404
    assert Job.objects.get() == bobs
    assert bobs.events.count() == 1


def test_the_operator_sees_no_more_than_anybody(as_operator, bobs):
    for address in addresses(bobs):
        assert ask(as_operator, address).status_code == 404, address


def test_its_owner_finds_it(as_bob, bobs):
    for name, more in MEDIA:
        assert as_bob.head(reverse(name, args=[bobs.pk, 0, *more])).status_code == 200
    assert as_bob.get(reverse("job", args=[bobs.pk])).status_code == 200


def test_what_never_was_is_not_there(as_alice):
    for address in addresses(Job(pk=uuid4())):
        assert ask(as_alice, address).status_code == 404, address


def test_who_is_signed_out_is_sent_to_sign_in(client, bobs):
    for address in [*addresses(bobs), *map(reverse, PAGES)]:
        answer = ask(client, address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith(reverse("account_login") + "?next=/"), address
    for name in VERBS_WITHOUT_JOB:
        assert client.post(reverse(name))["Location"].startswith(reverse("account_login")), name


def test_a_part_of_a_page_is_not_swapped_for_the_sign_in_page(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/gallery/?q=fox"}
    answer = client.post(reverse("job-create"), headers=headers)
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next=%2Fgallery%2F%3Fq%3Dfox"
    assert answer.content == b""


def test_elsewhere_is_not_come_back_to(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://evil.example/phish"}
    answer = client.get(reverse("gallery"), headers=headers)
    assert answer["HX-Redirect"] == f"{reverse('account_login')}?next=%2Fcreate%2F"


def test_changes_are_post_alone(as_bob, bobs):
    for name in VERBS:
        assert as_bob.get(reverse(name, args=[bobs.pk])).status_code == 405, name
    for name in VERBS_WITHOUT_JOB:
        assert as_bob.get(reverse(name)).status_code == 405, name


def test_pages_are_not_posted_to(as_bob, bobs):
    for address in (*map(reverse, PAGES), reverse("job", args=[bobs.pk]), reverse("output", args=[bobs.pk, 0])):
        assert as_bob.post(address).status_code == 405, address


def test_changes_want_the_token_of_our_own_pages(bob, bobs):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)
    for name in VERBS:
        assert strict.post(reverse(name, args=[bobs.pk])).status_code == 403, name
    for name in VERBS_WITHOUT_JOB:
        assert strict.post(reverse(name)).status_code == 403, name


def test_a_deleted_job_is_gone_with_its_media(as_bob, bobs):
    as_bob.post(reverse("job-delete", args=[bobs.pk]))
    for address in addresses(bobs):
        assert ask(as_bob, address).status_code == 404, address


def test_the_front_page_leads_those_who_are_signed_in_to_work(client, as_alice):
    assert as_alice.get("/")["Location"] == reverse("create")
    assert b"Sign in" in Client().get("/").content
