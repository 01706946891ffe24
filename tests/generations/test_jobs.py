"""What people do with jobs, at every state."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts import offered
from generations import jobs, outcomes
from generations.jobs import Order
from generations.models import Job, Output
from generations.models.states import Charge, State
from generations.organising import trash
from studio.lib.ids import uuid7
from studio.providers.base import Cost, Progress, ProviderError, Quote
from studio.providers.base import Output as RemoteOutput
from tests.generations.conftest import GPU, IMAGE, PAID, make_job, timeline

pytestmark = pytest.mark.django_db

SOON = timezone.now() + timedelta(minutes=5)


def at_provider(key, state=State.RUNNING, **fields) -> Job:
    return make_job(key, state=state, remote_id="r-1", charge=Charge.UNKNOWN, due_at=SOON, **fields)


class TestCreate:
    def test_a_click_makes_one_group(self, key):
        made = jobs.create(key.owner, [Order(GPU, key, IMAGE, "fox", {"seed": seed}, PAID) for seed in (1, 2)])
        assert [job.settings["seed"] for job in made] == [1, 2]
        assert len({job.group for job in made}) == 1
        assert made[0].quoted == Cost(Decimal("2"), "NOK")
        assert made[0].state == State.QUEUED
        assert made[0].due_at <= timezone.now()

    def test_the_same_click_twice_makes_them_once(self, key):
        orders, group = [Order(GPU, key, IMAGE, "fox", {}, PAID)] * 2, uuid7()
        assert jobs.create(key.owner, orders, group=group) == jobs.create(key.owner, orders, group=group)
        assert Job.objects.count() == 2

    def test_a_price_that_is_not_known_is_not_made_up(self, key):
        [job] = jobs.create(key.owner, [Order(GPU, key, IMAGE, "fox", {}, Quote(None, "unknown"))])
        assert job.quoted is None


class TestVerbs:
    def test_only_one_of_two_may_send(self, key):
        job = make_job(key)
        twin = Job.objects.get(pk=job.pk)
        moment = timezone.now()
        assert job.begin_sending(submitter="one", answer_by=moment, deadline=moment)
        assert not twin.begin_sending(submitter="two", answer_by=moment, deadline=moment)
        assert Job.objects.get(pk=job.pk).submitter == "one"
        assert timeline(job) == ["created", "sent"]

    def test_what_was_read_while_it_waited_puts_nothing_back_that_is_on_its_way(self, key):
        job = make_job(key)
        late = Job.objects.get(pk=job.pk)
        assert job.begin_sending(submitter="one", answer_by=SOON, deadline=SOON)
        assert not late.put_back(due_at=SOON, kind="unavailable", why="Its picture could not be brought.")
        assert Job.objects.get(pk=job.pk).state == State.SUBMITTING
        assert job.put_back(due_at=SOON, kind="unavailable", why="It could not be reached.")

    def test_a_verb_that_loses_writes_nothing(self, key):
        job = make_job(key, state=State.SUCCEEDED)
        before = Job.objects.get(pk=job.pk).changed_at
        assert not job.fail(kind="x", message="y", charge=Charge.NO, among=[State.QUEUED])
        assert Job.objects.get(pk=job.pk).changed_at == before
        assert timeline(job) == ["created"]

    def test_an_answer_that_comes_after_it_was_lost_is_still_taken(self, key):
        job = make_job(key, state=State.SUBMITTING)
        assert outcomes.lost(job, "silence")
        assert outcomes.accepted(job, Progress("r-9", "running"), due_at=SOON)
        job.refresh_from_db()
        assert (job.state, job.remote_id) == (State.RUNNING, "r-9")

    def test_a_job_is_accepted_once(self, key):
        job = make_job(key, state=State.SUBMITTING)
        assert outcomes.accepted(job, Progress("r-1", "pending"), due_at=SOON)
        assert not outcomes.accepted(job, Progress("r-2", "pending"), due_at=SOON)
        assert Job.objects.get(pk=job.pk).remote_id == "r-1"


class TestReceive:
    def test_the_state_never_moves_back(self, key):
        job = at_provider(key)
        outcomes.receive(job, Progress("r-1", "pending"))
        assert Job.objects.get(pk=job.pk).state == State.RUNNING

    @pytest.mark.parametrize(
        ("actual", "charge"),
        [(None, Charge.YES), (Cost(Decimal(2), "NOK"), Charge.YES), (Cost(Decimal(0), "NOK"), Charge.NO)],
    )
    def test_success_is_charged_as_the_provider_says(self, key, actual, charge):
        job = at_provider(key)
        outcomes.receive(
            job, Progress("r-1", "succeeded", outputs=(RemoteOutput("image", "https://x/y"),), actual=actual)
        )
        job.refresh_from_db()
        assert (job.state, job.charge, job.actual) == (State.SAVING, charge, actual)
        assert job.outputs.get().remote_url == "https://x/y"

    def test_success_twice_makes_its_outputs_once(self, key):
        job = at_provider(key)
        done = Progress("r-1", "succeeded", outputs=(RemoteOutput("image", "https://x/y"),))
        outcomes.receive(job, done)
        outcomes.receive(Job.objects.get(pk=job.pk), done)
        assert job.outputs.count() == 1

    def test_success_without_a_result_is_a_failure(self, key):
        job = at_provider(key)
        outcomes.receive(job, Progress("r-1", "succeeded"))
        assert (job.state, job.error_kind, job.charge) == (State.FAILED, "output", Charge.UNKNOWN)
        assert "gave no result" in job.error
        assert not jobs.resave(job)

    @pytest.mark.parametrize(("actual", "charge"), [(None, Charge.UNKNOWN), (Cost(Decimal(0), "NOK"), Charge.NO)])
    def test_a_failure_says_what_is_known_of_the_charge(self, key, actual, charge):
        job = at_provider(key)
        outcomes.receive(
            job, Progress("r-1", "failed", message="No GPU.", error_kind="content_filtered", actual=actual)
        )
        assert (job.state, job.error, job.error_kind, job.charge) == (
            State.FAILED,
            "No GPU.",
            "content_filtered",
            charge,
        )

    @pytest.mark.parametrize("end", ["failed", "cancelled"])
    def test_what_was_taken_at_the_start_may_have_been_given_back(self, key, end):
        job = at_provider(key)
        outcomes.receive(job, Progress("r-1", "running", actual=Cost(Decimal(2), "credits")))
        outcomes.receive(job, Progress("r-1", end))
        assert (job.charge, job.actual) == (Charge.UNKNOWN, Cost(Decimal(2), "credits"))

    def test_a_free_job_is_never_said_to_be_charged(self, key):
        job = at_provider(key, quoted_amount=0)
        outcomes.receive(job, Progress("r-1", "failed"))
        assert job.charge == Charge.NO

    def test_an_estimate_of_nothing_is_no_promise(self, key):
        job = make_job(key, quoted_amount=0, quoted_unit="USD", quote_is_estimate=True)
        assert job.begin_sending(submitter="one", answer_by=SOON, deadline=SOON)
        assert job.charge == Charge.UNKNOWN
        outcomes.accepted(
            job, Progress("r-1", "succeeded", outputs=(RemoteOutput("image", "https://x.test/a"),)), due_at=SOON
        )
        assert Job.objects.get(pk=job.pk).charge == Charge.YES


class TestCancel:
    def test_before_it_was_sent(self, key):
        job = make_job(key)
        outcome = jobs.cancel(job)
        assert outcome.over
        assert outcome.message == "Cancelled before it was sent: no charge."
        assert (job.state, job.charge, job.due_at) == (State.CANCELLED, Charge.NO, None)

    @pytest.mark.parametrize("state", [State.SUBMITTING, State.UNCONFIRMED])
    def test_while_nobody_knows_whether_it_arrived(self, key, state):
        job = make_job(key, state=state, due_at=SOON)
        outcome = jobs.cancel(job)
        job.refresh_from_db()
        assert outcome.asked
        assert (job.state, job.due_at) == (state, SOON)
        assert job.cancel_requested_at

    @pytest.mark.parametrize("state", [State.PENDING, State.RUNNING])
    def test_at_the_provider(self, key, state):
        job = at_provider(key, state)
        outcome = jobs.cancel(job)
        job.refresh_from_db()
        assert outcome.asked
        assert "may be charged" in outcome.message
        assert job.due_at <= timezone.now()
        assert "already" in jobs.cancel(job).message
        assert timeline(job).count("cancel_requested") == 1

    def test_what_is_made_is_not_cancelled(self, key):
        job = make_job(key, state=State.SAVING)
        outcome = jobs.cancel(job)
        assert not outcome.over
        assert not outcome.asked
        assert "made already" in outcome.message

    @pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.CANCELLED])
    def test_what_is_over(self, key, state):
        job = make_job(key, state=state)
        assert "over" in jobs.cancel(job).message
        assert Job.objects.get(pk=job.pk).state == state

    def test_a_job_put_back_with_a_wish_to_cancel_ends(self, key):
        job = make_job(key, state=State.SUBMITTING, cancel_requested_at=timezone.now())
        outcomes.not_sent(job, ProviderError("unavailable", "No.", sent=False), again_at=SOON)
        assert (job.state, job.charge) == (State.CANCELLED, Charge.NO)


class TestRetry:
    def test_what_was_not_charged_needs_no_confirmation(self, key):
        job = make_job(key, state=State.FAILED, charge=Charge.NO)
        again = jobs.retry(job, confirmed=False)
        assert again.parent == job
        assert (again.state, again.prompt, again.quoted) == (State.QUEUED, job.prompt, job.quoted)
        assert again.webhook_token != job.webhook_token
        assert timeline(job)[-1] == "retried"

    @pytest.mark.parametrize("charge", [Charge.UNKNOWN, Charge.YES])
    def test_what_may_have_been_charged_does(self, key, charge):
        job = make_job(key, state=State.FAILED, charge=charge)
        with pytest.raises(jobs.NeedsConfirmation):
            jobs.retry(job, confirmed=False)
        assert Job.objects.count() == 1
        assert jobs.retry(job, confirmed=True).parent == job

    @pytest.mark.parametrize("state", [State.QUEUED, State.SUBMITTING, State.RUNNING, State.SAVING])
    def test_what_is_under_way_is_not_retried(self, key, state):
        with pytest.raises(jobs.NotPossible):
            jobs.retry(make_job(key, state=state), confirmed=True)

    def test_a_provider_that_the_operator_withholds_makes_nothing_more(self, key):
        job = make_job(key, state=State.FAILED)
        offered.withhold(GPU)
        with pytest.raises(jobs.NotPossible, match="does not offer its provider"):
            jobs.retry(job, confirmed=True)
        offered.offer(GPU)
        assert jobs.retry(job, confirmed=True).parent == job

    def test_an_unconfirmed_job_is_given_up_with_it(self, key):
        job = make_job(key, state=State.UNCONFIRMED, charge=Charge.UNKNOWN)
        with pytest.raises(jobs.NeedsConfirmation):
            jobs.retry(job, confirmed=False)
        jobs.retry(job, confirmed=True)
        job.refresh_from_db()
        assert (job.state, job.error_kind, job.charge) == (State.FAILED, "lost", Charge.UNKNOWN)

    def test_without_its_key_it_cannot_be(self, key):
        job = make_job(key, state=State.FAILED)
        key.delete()
        with pytest.raises(jobs.NotPossible, match="gone"):
            jobs.retry(job, confirmed=True)


class TestUnconfirmed:
    def lost_job(self, key) -> Job:
        job = make_job(key, state=State.UNCONFIRMED, charge=Charge.UNKNOWN)
        job.leave_to_person(candidates=[{"remote_id": "r-1"}, {"remote_id": "r-2"}], why="several")
        return job

    def test_the_person_chooses_among_the_candidates(self, key):
        job = self.lost_job(key)
        assert not jobs.adopt(job, "r-3")
        assert jobs.adopt(job, "r-2")
        job.refresh_from_db()
        assert (job.state, job.remote_id) == (State.PENDING, "r-2")
        assert not jobs.adopt(job, "r-1")

    def test_one_that_is_another_jobs_is_not_adopted(self, key):
        at_provider(key)
        assert not jobs.adopt(self.lost_job(key), "r-1")

    def test_giving_up_says_that_it_may_have_been_charged(self, key):
        job = self.lost_job(key)
        assert jobs.give_up(job)
        assert not jobs.give_up(job)
        assert (job.state, job.charge) == (State.FAILED, Charge.UNKNOWN)


class TestDelete:
    def test_it_can_be_undone(self, key):
        job = make_job(key, state=State.SUCCEEDED)
        assert jobs.hide(job)
        assert not jobs.hide(job)
        assert jobs.unhide(job)
        assert Job.objects.get(pk=job.pk).deleted_at is None

    def test_what_is_in_flight_is_cancelled_first(self, key):
        queued, running = make_job(key), at_provider(key)
        jobs.hide(queued)
        jobs.hide(running)
        queued.refresh_from_db()
        running.refresh_from_db()
        assert queued.state == State.CANCELLED
        assert running.cancel_requested_at
        assert running.deleted_at

    def test_the_purge_takes_files_with_it_after_thirty_days(self, key, media):
        media.mkdir()
        old, recent = (make_job(key, state=State.SUCCEEDED) for _ in range(2))
        for job, days in ((old, 31), (recent, 29)):
            file = Path(media, f"{days}.png")
            file.write_bytes(b"x")
            Output.objects.create(job=job, position=0, name="image", file=file.name, thumbnail=f"{days}.webp")
            Job.objects.filter(pk=job.pk).update(deleted_at=timezone.now() - timedelta(days=days))
        assert trash.purge() == 1
        assert [path.name for path in media.iterdir()] == ["29.png"]
        assert Job.objects.get() == recent


class TestWebhooks:
    @pytest.fixture(autouse=True)
    def _public(self, settings):
        settings.PUBLIC_URL = "https://studio.example.com"

    def path(self, job: Job) -> str:
        return jobs.webhook_url(job).removeprefix("https://studio.example.com")

    def test_a_call_makes_the_job_due_and_is_not_believed(self, client, key):
        job = at_provider(key)
        answer = client.post(self.path(job), {"status": "failed"}, content_type="application/json")
        assert answer.status_code == 204
        job.refresh_from_db()
        assert job.due_at <= timezone.now()
        assert job.state == State.RUNNING
        assert timeline(job) == ["created"]

    def test_it_rejects_get(self, client, key):
        assert client.get(self.path(at_provider(key))).status_code == 405

    def test_a_wrong_token_is_not_found(self, client, key):
        job = at_provider(key)
        for wrong in (f"{job.pk.hex}.wrong", f"{uuid4().hex}.{job.webhook_token}", "nonsense", f"{job.pk.hex}."):
            assert client.post(f"/webhooks/{wrong}/").status_code == 404
        assert Job.objects.get(pk=job.pk).due_at == SOON

    def test_needs_no_csrf_token(self, key):
        assert Client(enforce_csrf_checks=True).post(self.path(at_provider(key))).status_code == 204

    def test_a_job_that_is_over_is_left_alone(self, client, key):
        job = make_job(key, state=State.SUCCEEDED, due_at=None)
        assert client.post(self.path(job)).status_code == 204
        assert Job.objects.get(pk=job.pk).due_at is None

    def test_without_a_public_address_there_is_none(self, settings, key):
        settings.PUBLIC_URL = ""
        assert jobs.webhook_url(make_job(key)) == ""
