"""One job's page: what it says and offers in each state, and its verbs."""

import re
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from generations import jobs
from generations.models import Job
from generations.models.states import Charge, State
from tests.generations.pages.conftest import make_job, make_paid_job, queries

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def page(client, job) -> str:
    response = client.get(reverse("job", args=[job.pk]))
    assert response.status_code == 200
    return text_of(response)


VERBS = {"cancel", "retry", "give-up", "adopt", "resave", "delete"}


def offered(html: str, job: Job) -> set[str]:
    """The verbs on what it makes that the page has a form or a link for."""
    return VERBS & set(re.findall(rf'(?:action|href)="/jobs/{job.pk}/([a-z-]+)/"', html))


def verb(client, name, job, *, htmx=False, **fields):
    return client.post(reverse(f"job-{name}", args=[job.pk]), fields, headers=HTMX if htmx else {})


@pytest.mark.parametrize(
    ("state", "fields", "sentence", "verbs"),
    [
        (State.QUEUED, {}, "Queued", {"cancel", "delete"}),
        (State.QUEUED, {"failures": 2}, "Waiting to send it to WAYSCloud GPU Studio again", {"cancel", "delete"}),
        (State.SUBMITTING, {}, "Sending to WAYSCloud GPU Studio…", {"cancel", "delete"}),
        (State.PENDING, {}, "Sent to WAYSCloud GPU Studio, waiting for a place", {"cancel", "delete"}),
        (State.RUNNING, {}, "Generating<", {"cancel", "delete"}),
        (State.RUNNING, {"progress": 0}, "Generating, 0 %", {"cancel", "delete"}),
        (State.RUNNING, {"progress": 43}, "Generating, 43 %", {"cancel", "delete"}),
        (State.SAVING, {"progress": 100}, "Made; saving our copy", {"delete"}),
        (
            State.UNCONFIRMED,
            {"charge": Charge.UNKNOWN},
            "We sent this, and the answer was lost. It may have been charged.",
            {"retry", "give-up", "cancel", "delete"},
        ),
        (
            State.FAILED,
            {"error": "It broke.", "charge": Charge.NO},
            "It broke. Nothing was charged.",
            {"retry", "delete"},
        ),
        (
            State.FAILED,
            {"error": "It broke.", "charge": Charge.YES, "actual_amount": 2, "actual_unit": "NOK"},
            "It broke. It was charged: 2.00 NOK.",
            {"retry", "delete"},
        ),
        (State.FAILED, {}, "It failed, and the provider did not say why. Nothing was charged.", {"retry", "delete"}),
        (State.CANCELLED, {}, "Cancelled. Nothing was charged.", {"retry", "delete"}),
    ],
)
def test_each_state_has_its_sentence_and_its_verbs(as_alice, gpu, state, fields, sentence, verbs):
    job = make_paid_job(gpu, state, **fields)
    html = page(as_alice, job)
    assert sentence in html
    assert offered(html, job) == verbs
    assert f'href="/create/?from={job.pk}"' in html


def test_a_finished_job_offers_its_file_and_says_no_more(as_alice, alice, keep):
    job = make_job(alice)
    output = keep(job)
    html = page(as_alice, job)
    assert 'role="status">\n  ' not in html.split('id="panel-prompt"')[1]
    assert offered(html, job) == {"delete"}
    assert f'href="/media/{job.pk}/0/?download"' in html
    assert output.sha256[:16] in html
    assert "64 × 36" in html


def test_a_clip_can_be_played(as_alice, alice, keep):
    job = make_job(alice, kind="video")
    keep(job, kind="video", content_type="video/mp4", duration=4.2)
    html = page(as_alice, job)
    assert "<video" in html
    assert f'poster="/media/{job.pk}/0/preview/"' in html


def test_a_lost_job_can_be_cancelled_for_when_it_is_found(as_alice, gpu):
    job = make_paid_job(gpu, State.UNCONFIRMED, charge=Charge.UNKNOWN)
    html = text_of(verb(as_alice, "cancel", job, htmx=True, **{"as": "page"}))
    assert "Cancelled as soon as it is found." in html
    assert "cancel" not in offered(html, job)


def test_a_job_being_cancelled_says_so_and_cannot_be_again(as_alice, gpu):
    job = make_paid_job(gpu, State.RUNNING)
    html = text_of(verb(as_alice, "cancel", job, htmx=True, **{"as": "page"}))
    assert "Asking WAYSCloud GPU Studio to cancel…" in html
    assert re.search(r'<button class="button" disabled>', html)


@pytest.mark.parametrize(
    ("kind", "step", "address"),
    [
        ("invalid_key", "Replace the key", "/keys/"),
        ("forbidden", "Check the key", "/keys/"),
        ("insufficient_credits", "See the key", "/keys/"),
        ("content_filtered", "Change the prompt", "/create/?from="),
    ],
)
def test_a_failure_says_the_next_step(as_alice, gpu, kind, step, address):
    html = page(as_alice, make_paid_job(gpu, error_kind=kind, error="No."))
    assert re.search(rf'<a href="{re.escape(address)}[^"]*">{step}</a>', html)


def test_the_price_before_and_the_price_after(as_alice, gpu):
    same = {"actual_amount": 2, "actual_unit": "NOK", "estimated_amount": 2, "estimated_unit": "NOK"}
    assert "differs from the quote" not in page(as_alice, make_paid_job(gpu, State.SUCCEEDED, **same))
    html = page(as_alice, make_paid_job(gpu, State.SUCCEEDED, **{**same, "actual_amount": 3}))
    assert "differs from the quote" in html
    assert "3.00 NOK" in html
    assert "price unknown" in page(as_alice, make_paid_job(gpu, quoted_amount=None, quoted_unit=""))


def test_what_else_the_provider_told_is_there(as_alice, gpu, keep):
    job = make_paid_job(
        gpu, State.SUCCEEDED, actual_amount=2, actual_unit="NOK", remaining_amount=148, inference_seconds=2.51
    )
    keep(job, is_flagged=True)
    page = as_alice.get(reverse("job", args=[job.pk])).content.decode()
    assert re.search(r"Left after it</dt><dd>148\.00\sNOK", page)
    assert "The model itself took 2.5 s." in page
    assert "may be unfit for work" in page


def test_several_files_have_their_tools_beside_them(as_alice, alice, keep):
    job = make_job(alice)
    for position in range(3):
        keep(job, position=position)
    page = as_alice.get(reverse("job", args=[job.pk])).content.decode()
    actions, _, files = page.partition('class="files"')
    assert "?download" not in re.sub(r"(?s).*row actions", "", actions)
    assert [f"/media/{job.pk}/{n}/?download" in files for n in range(3)] == [True] * 3
    assert page.count('data-key="d"') == 1


def test_arrows_lead_to_its_neighbours(as_alice, alice, bob):
    older, job = make_job(alice), make_job(alice)
    make_job(bob)
    newer = make_job(alice)
    html = page(as_alice, job)
    assert re.search(rf'href="/jobs/{newer.pk}/" rel="prev" data-key="ArrowLeft"', html)
    assert re.search(rf'href="/jobs/{older.pk}/" rel="next" data-key="ArrowRight"', html)


def test_what_happened_is_told_in_order(as_alice, gpu):
    job = make_paid_job(gpu, State.RUNNING)
    for kind in ("sent", "accepted", "never_heard_of"):
        job.events.create(kind=kind)
    lines = re.findall(r"</time><span>([^<]+)</span>", page(as_alice, job))
    label = "WAYSCloud GPU Studio"
    assert lines == ["Queued", f"Sent to {label}", f"{label} took it", "Never heard of"]


def test_the_number_of_queries_does_not_grow_with_the_jobs(as_alice, alice, keep):
    job = make_job(alice)
    keep(job)
    keep(make_job(alice, parent=job))
    address = reverse("job", args=[job.pk])
    few = queries(as_alice, address)
    for _ in range(10):
        keep(make_job(alice, parent=job))
        keep(job, position=job.outputs.count())
        job.events.create(kind="started")
    assert len(queries(as_alice, address)) == len(few)


MISCHIEF = '<script>alert(1)</script>" onload="x \u202eשלום 🦊 \'{{ 7 }}&amp;'


@pytest.mark.parametrize(
    "address", ["/gallery/", "/create/", "/create/?from={job.pk}", "/jobs/{job.pk}/", "/jobs/{job.pk}/retry/"]
)
def test_a_prompt_is_text_everywhere(as_alice, alice, engine, keep, address):
    settings = {"negative_prompt": MISCHIEF, "<b>": MISCHIEF}
    job = make_job(alice, State.FAILED, prompt=MISCHIEF, error=MISCHIEF, model_name=MISCHIEF, settings=settings)
    job.events.create(kind="<script>alert(1)</script>")
    html = as_alice.get(address.format(job=job)).content.decode()
    assert "<script>alert" not in html.lower()
    assert '" onload="x' not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&quot;x \u202eשלום 🦊" in html
    for tag in re.findall(r"<[a-z0-9]+[^>]* class=\"[a-z-]*prompt(?:-quote)?\"[^>]*>", html):
        assert 'dir="auto"' in tag, tag


class TestVerbs:
    def test_cancel_before_it_is_sent_costs_nothing(self, as_alice, gpu):
        job = make_paid_job(gpu, State.QUEUED)
        html = text_of(verb(as_alice, "cancel", job, htmx=True))
        assert "Cancelled before it was sent: no charge." in html
        assert html.lstrip().startswith(f'<article class="card r-1-1 is-cancelled" id="job-{job.pk}"')

    def test_without_scripts_each_verb_leads_back_to_the_page_and_says_what_became_of_it(self, as_alice, gpu):
        job = make_paid_job(gpu, State.QUEUED)
        address = reverse("job", args=[job.pk])
        response = as_alice.post(reverse("job-cancel", args=[job.pk]), follow=True)
        assert response.redirect_chain == [(address, 302)]
        assert "Cancelled before it was sent: no charge." in text_of(response)

    def test_a_verb_that_came_too_late_says_so(self, as_alice, gpu):
        job = make_paid_job(gpu, State.SUCCEEDED)
        assert "It was over already." in text_of(verb(as_alice, "cancel", job, htmx=True))
        assert "It has been settled meanwhile." in text_of(verb(as_alice, "give-up", job, htmx=True))
        assert "There is nothing to fetch." in text_of(verb(as_alice, "resave", job, htmx=True))
        assert "not one of the candidates" in text_of(verb(as_alice, "adopt", job, htmx=True, remote_id="x"))
        job.refresh_from_db()
        assert job.state == State.SUCCEEDED

    def test_give_up(self, as_alice, gpu):
        job = make_paid_job(gpu, State.UNCONFIRMED, charge=Charge.UNKNOWN)
        html = text_of(verb(as_alice, "give-up", job, htmx=True, **{"as": "page"}))
        assert "Given up. It may have been charged." in html
        job.refresh_from_db()
        assert (job.state, job.charge) == (State.FAILED, Charge.UNKNOWN)

    def test_adopt_one_of_the_providers_jobs(self, as_alice, gpu):
        job = make_paid_job(gpu, State.UNCONFIRMED)
        candidates = [{"remote_id": name, "created_at": "12:00", "state": "running", "prompt": ""} for name in "ab"]
        job.leave_to_person(candidates=candidates, why="two of them")
        html = page(as_alice, job)
        assert re.findall(r'name="remote_id" value="(\w)"', html) == ["a", "b"]
        assert "Found; watching it again." in text_of(verb(as_alice, "adopt", job, htmx=True, remote_id="b"))
        job.refresh_from_db()
        assert (job.state, job.remote_id) == (State.PENDING, "b")

    def test_fetch_what_was_made_once_more(self, as_alice, gpu, keep):
        job = make_paid_job(gpu, error_kind="output", error="Could not be fetched.", charge=Charge.YES)
        keep(job, file="")
        assert "resave" in offered(page(as_alice, job), job)
        assert "Fetching the result again." in text_of(verb(as_alice, "resave", job, htmx=True))
        job.refresh_from_db()
        assert (job.state, job.charge) == (State.SAVING, Charge.YES)

    def test_delete_leads_to_the_gallery_and_offers_to_undo_it(self, as_alice, alice):
        job = make_job(alice)
        response = as_alice.post(reverse("job-delete", args=[job.pk]), follow=True)
        assert response.redirect_chain == [("/gallery/", 302)]
        assert f'<input type="hidden" name="job" value="{job.pk}">' in text_of(response)
        as_alice.post(reverse("gallery-restore"), {"job": job.pk})
        assert page(as_alice, job)


class TestTryingAgain:
    def test_what_was_not_charged_is_made_at_once(self, as_alice, gpu):
        job = make_paid_job(gpu, settings={"seed": 0})
        response = verb(as_alice, "retry", job)
        again = Job.objects.get(parent=job)
        assert response["Location"] == reverse("job", args=[again.pk])
        assert (again.prompt, again.settings, again.key) == (job.prompt, {"seed": 0}, gpu)

    @pytest.mark.parametrize(
        ("charge", "said"), [(Charge.YES, "The first one was charged"), (Charge.UNKNOWN, "may have been charged")]
    )
    def test_what_may_have_been_charged_is_asked_about_first(self, as_alice, gpu, charge, said):
        job = make_paid_job(gpu, charge=charge)
        response = verb(as_alice, "retry", job)
        assert response.status_code == 409
        assert said in text_of(response)
        assert "Send it as a new job · 2.00 NOK" in text_of(response)
        assert Job.objects.count() == 1

    def test_the_price_is_todays(self, as_alice, gpu):
        job = make_paid_job(gpu, charge=Charge.YES, quoted_amount=1)
        assert "Send it as a new job · 2.00 NOK" in text_of(verb(as_alice, "retry", job))
        verb(as_alice, "retry", job, **self.sent(as_alice, job))
        assert Job.objects.get(parent=job).quoted_amount == 2

    def test_a_price_that_rose_is_told_before_it_is_paid(self, as_alice, gpu):
        job = make_paid_job(gpu, charge=Charge.NO, quoted_amount=1)
        response = verb(as_alice, "retry", job)
        assert response.status_code == 409
        said = text_of(response).replace("\xa0", " ")
        assert "Nothing was charged. The price has changed from 1.00 NOK to 2.00 NOK." in said
        assert Job.objects.count() == 1
        assert verb(as_alice, "retry", job, confirmed="yes", price="1 NOK").status_code == 409
        verb(as_alice, "retry", job, confirmed="yes", price="2 NOK")
        assert Job.objects.get(parent=job).quoted_amount == 2

    def test_a_price_that_fell_is_simply_taken(self, as_alice, gpu):
        job = make_paid_job(gpu, charge=Charge.NO, quoted_amount=3)
        verb(as_alice, "retry", job)
        assert Job.objects.get(parent=job).quoted_amount == 2

    def test_a_model_that_is_gone_keeps_its_old_price(self, as_alice, gpu):
        job = make_paid_job(gpu, charge=Charge.YES, quoted_amount=1, model="gone")
        assert "· 1.00 NOK" in text_of(as_alice.get(reverse("job-retry", args=[job.pk])))

    def test_the_question_alone_makes_nothing(self, as_alice, gpu):
        job = make_paid_job(gpu)
        assert "Try again?" in text_of(as_alice.get(reverse("job-retry", args=[job.pk])))
        assert Job.objects.count() == 1

    def sent(self, client, job) -> dict[str, str]:
        """What the form of the question sends."""
        html = text_of(client.get(reverse("job-retry", args=[job.pk])))
        return dict(re.findall(r'type="hidden" name="(confirmed|tries|price)" value="([^"]*)"', html))

    @pytest.mark.parametrize("state", [State.FAILED, State.UNCONFIRMED])
    def test_a_double_click_makes_one(self, as_alice, gpu, state):
        job = make_paid_job(gpu, state, charge=Charge.UNKNOWN)
        sent = self.sent(as_alice, job)
        first, second = (verb(as_alice, "retry", job, **sent) for _ in range(2))
        assert first["Location"] == second["Location"]
        assert Job.objects.filter(parent=job).count() == 1
        assert job.events.filter(kind="retried").count() == 1

    def test_so_does_one_on_a_card(self, as_alice, gpu):
        job = make_paid_job(gpu, charge=Charge.NO)
        assert verb(as_alice, "retry", job)["Location"] == verb(as_alice, "retry", job)["Location"]
        assert Job.objects.filter(parent=job).count() == 1

    def test_asked_anew_it_makes_another(self, as_alice, gpu):
        job = make_paid_job(gpu, charge=Charge.UNKNOWN)
        for made in (1, 2, 3):
            verb(as_alice, "retry", job, **self.sent(as_alice, job))
            assert Job.objects.filter(parent=job).count() == made
        html = page(as_alice, job)
        assert '<input type="hidden" name="tries" value="3"' in html

    @pytest.mark.parametrize("tries", ["", "x", "-1", "²", "9" * 400])
    def test_an_odd_number_of_tries_is_none(self, as_alice, gpu, tries):
        job = make_paid_job(gpu)
        verb(as_alice, "retry", job)
        verb(as_alice, "retry", job, tries=tries)
        assert Job.objects.filter(parent=job).count() == 1

    def test_what_is_under_way_is_not_made_again(self, as_alice, gpu):
        job = make_paid_job(gpu, State.RUNNING)
        response = as_alice.post(reverse("job-retry", args=[job.pk]), follow=True)
        assert "It is still under way." in text_of(response)
        assert Job.objects.count() == 1

    def test_nobody_takes_its_place_beforehand(self, as_alice, as_bob, gpu, engine):
        job = make_paid_job(gpu, charge=Charge.NO)
        group = str(jobs.uuid5(job.pk, "try 0"))
        as_bob.post("/jobs/", {"model": "local/0/studio-image", "prompt": "mine", "group": group})
        verb(as_alice, "retry", job)
        assert Job.objects.get(parent=job).owner == job.owner


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", [State.FAILED, State.UNCONFIRMED])
def test_two_tries_at_the_same_moment_make_one(alice, gpu, state):
    job = make_paid_job(gpu, state, charge=Charge.UNKNOWN)
    together, answers = Barrier(2), []

    def click() -> None:
        client = Client()
        client.force_login(alice)
        together.wait(10)
        answers.append(verb(client, "retry", job, confirmed="yes", tries="0")["Location"])
        connection.close()

    clicks = [Thread(target=click) for _ in range(2)]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(20)
    again = Job.objects.get(parent=job)
    assert answers == [reverse("job", args=[again.pk])] * 2
