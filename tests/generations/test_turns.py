"""Jobs beyond what a key may run at once wait here, and those who share it take turns."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ProviderKey
from generations import jobs, turns
from generations.models import Job
from generations.models.states import State
from tests.generations.conftest import IMAGE, PAID, make_job, make_key, shift_at_work, timeline, until, until_state

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def narrow(alice) -> ProviderKey:
    """Alice's key for two jobs at once."""
    return make_key(alice, concurrency=2)


def waits(job: Job) -> bool:
    job.refresh_from_db()
    return job.state == State.QUEUED and job.due_at is None


def of(owner, key, prompt="a red fox") -> Job:
    [job] = jobs.create(owner, [jobs.Order(key.provider, key, IMAGE, prompt, {}, PAID)])
    return job


def go(job: Job) -> None:
    """As if it had been sent."""
    Job.objects.filter(pk=job.pk).update(state=State.PENDING, due_at=timezone.now())


def end(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(state=State.SUCCEEDED, due_at=None)


def called() -> set[str]:
    return set(Job.objects.filter(state=State.QUEUED, due_at__isnull=False).values_list("prompt", flat=True))


class TestPlaces:
    def test_the_owners_number_or_else_the_providers(self, alice, monkeypatch):
        monkeypatch.setattr("studio.providers.wayscloud_gpu.WaysCloudGpu.concurrency", None)
        assert turns.places(make_key(alice)) is None
        assert turns.places(make_key(alice, concurrency=3)) == 3
        assert turns.places(make_key(alice, concurrency=0)) == 1
        monkeypatch.setattr("studio.providers.wayscloud_gpu.WaysCloudGpu.concurrency", 5)
        assert turns.places(make_key(alice)) == 5

    def test_those_beyond_wait(self, narrow):
        made = [make_job(narrow) for _ in range(4)]
        assert [turns.admit(job.pk) for job in made] == [True, True, False, False]
        assert [waits(job) for job in made] == [False, False, True, True]
        assert [turns.ahead(job) for job in made] == [None, None, 0, 1]
        assert turns.admit(made[0].pk)  # it keeps its place

    def test_without_a_limit_nobody_waits(self, key, monkeypatch):
        monkeypatch.setattr("studio.providers.wayscloud_gpu.WaysCloudGpu.concurrency", None)
        assert all(turns.admit(make_job(key).pk) for _ in range(30))
        assert not Job.objects.filter(turn_at__isnull=False).exists()

    @pytest.mark.parametrize("state", [State.SUBMITTING, State.PENDING, State.RUNNING, State.UNCONFIRMED])
    def test_what_the_provider_may_be_running_has_a_place(self, narrow, state):
        first, second, third = (make_job(narrow) for _ in range(3))
        for job in (first, second):
            Job.objects.filter(pk=job.pk).update(state=state)
        assert not turns.admit(third.pk)

    @pytest.mark.parametrize("state", [State.SAVING, State.SUCCEEDED, State.FAILED, State.CANCELLED])
    def test_what_it_has_ended_has_none(self, narrow, state):
        first, second, third = (make_job(narrow) for _ in range(3))
        for job in (first, second):
            Job.objects.filter(pk=job.pk).update(state=state)
        assert turns.admit(third.pk)

    def test_one_that_was_lost_gives_its_place_up_when_it_is_left_to_its_owner(self, narrow):
        lost, other, third = (make_job(narrow) for _ in range(3))
        go(other)
        Job.objects.filter(pk=lost.pk).update(state=State.UNCONFIRMED)
        assert not turns.admit(third.pk)
        lost.refresh_from_db()
        lost.leave_to_person(candidates=[], why="Nothing was found.")
        assert turns.release(narrow.pk) == 1

    def test_nobody_overtakes_those_who_wait(self, narrow):
        first, second, third, fourth = (make_job(narrow, prompt=f"fox {n}") for n in range(4))
        for job in (first, second):
            turns.admit(job.pk)
            go(job)
        assert not turns.admit(third.pk)
        end(first)
        assert not turns.admit(fourth.pk)
        assert called() == {"fox 2"}  # the one that waited has the place that was free

    def test_a_wider_limit_calls_at_once_and_a_narrower_one_ends_nothing(self, narrow):
        made = [make_job(narrow) for _ in range(6)]
        for job in made:
            turns.admit(job.pk)
        ProviderKey.objects.update(concurrency=5)
        assert turns.release_all() == 3
        ProviderKey.objects.update(concurrency=1)
        assert turns.release_all() == 0
        assert Job.objects.filter(state=State.QUEUED, due_at__isnull=False).count() == 5
        ProviderKey.objects.update(concurrency=None)  # as many as is usual for the provider
        assert turns.release_all() == 1

    @pytest.mark.parametrize("gone", ["disabled", "deleted"])
    def test_a_key_that_is_no_use_keeps_nobody_waiting(self, narrow, gone):
        made = [make_job(narrow) for _ in range(4)]
        for job in made:
            turns.admit(job.pk)
        if gone == "disabled":
            ProviderKey.objects.update(is_enabled=False)
        else:
            narrow.delete()
        turns.release_all()
        assert not any(waits(job) for job in made)

    def test_one_that_waits_is_cancelled_at_once(self, narrow):
        made = [make_job(narrow) for _ in range(4)]
        for job in made:
            turns.admit(job.pk)
        assert jobs.cancel(made[2]).over
        assert turns.ahead(Job.objects.get(pk=made[3].pk)) in (0, 1)  # pages may show what was so a second ago
        end(made[0])
        turns.release_all()
        assert not waits(made[3])


class TestFairness:
    def test_a_person_with_one_job_does_not_wait_for_another_with_many(self, narrow, alice, bob):
        for number in range(10):
            turns.admit(of(alice, narrow, f"alice {number}").pk)
        turns.admit(of(bob, narrow, "bob 0").pk)
        running = list(Job.objects.filter(turn_at__isnull=False))
        for job in running:
            go(job)
        end(running[0])
        turns.release(narrow.pk)
        assert called() == {"bob 0"}

    def test_with_one_place_people_take_turns(self, alice, bob, operator):
        key = make_key(alice, concurrency=1)
        blocking = of(alice, key, "first")
        assert turns.admit(blocking.pk)
        for number in range(3):
            for name, owner in (("alice", alice), ("bob", bob), ("olga", operator)):
                turns.admit(of(owner, key, f"{name} {number}").pk)
        order = []
        running = blocking
        for _ in range(9):
            end(running)
            assert turns.release(key.pk) == 1
            running = Job.objects.get(state=State.QUEUED, due_at__isnull=False)
            order.append(running.prompt)
            go(running)
        assert order == [f"{name} {number}" for number in range(3) for name in ("bob", "olga", "alice")]

    def test_the_line_says_who_is_next(self, alice, bob):
        key = make_key(alice, concurrency=1)
        turns.admit(of(alice, key, "first").pk)
        made = {}
        for number in range(3):
            made[f"alice {number}"] = of(alice, key)
        for number in range(2):
            made[f"bob {number}"] = of(bob, key)
        for job in made.values():
            turns.admit(job.pk)
            job.refresh_from_db()
        assert {name: turns.ahead(job) for name, job in made.items()} == {
            "bob 0": 0, "alice 0": 1, "bob 1": 2, "alice 1": 3, "alice 2": 4,
        }  # fmt: skip

    def test_a_turn_of_long_ago_does_not_count(self, alice, bob):
        key = make_key(alice, concurrency=1)
        old = of(alice, key)
        Job.objects.filter(pk=old.pk).update(state=State.SUCCEEDED, turn_at=timezone.now() - timedelta(hours=2))
        running = of(bob, key)
        turns.admit(running.pk)
        go(running)
        for owner in (bob, alice):
            turns.admit(of(owner, key, owner.name).pk)
        end(running)
        turns.release(key.pk)
        assert called() == {"Alice"}

    def test_a_page_of_waiting_cards_costs_one_query(self, narrow, django_assert_max_num_queries):
        made = [make_job(narrow) for _ in range(20)]
        for job in made:
            turns.admit(job.pk)
        waiting = list(Job.objects.filter(due_at__isnull=True))
        with django_assert_max_num_queries(1):
            assert [turns.ahead(job) for job in sorted(waiting, key=lambda job: job.pk)] == list(range(18))


class TestAtWork:
    def test_never_more_than_its_number_are_at_the_provider(self, fake, narrow):
        fake.polls = 3
        made = [make_job(narrow, prompt=f"fox {number}") for number in range(9)]
        most = 0

        def all_made() -> bool:
            nonlocal most
            most = max(most, sum(1 for job in list(fake.jobs.values()) if not job.end))
            return not Job.objects.exclude(state=State.SUCCEEDED).exists()

        with shift_at_work() as result:
            until(all_made, 40)
        assert most == 2
        assert result["report"].broken == 0
        assert set(fake.received.values()) == {1}
        assert len(made) == len(fake.received)

    def test_a_change_of_the_limit_is_felt_at_once(self, fake, narrow):
        fake.polls = None
        for number in range(6):
            make_job(narrow, prompt=f"fox {number}")
        with shift_at_work():
            until(lambda: Job.objects.filter(state__in=(State.PENDING, State.RUNNING)).count() == 2)
            ProviderKey.objects.update(concurrency=4)
            until(lambda: len(fake.jobs) == 4, 5)
            ProviderKey.objects.update(is_enabled=False)
            until(lambda: Job.objects.filter(state=State.FAILED).count() == 2, 5)
        assert len(fake.jobs) == 4

    def test_one_that_is_told_too_many_waits_and_is_no_error(self, fake, narrow):
        fake.fault("create", "status", status=429, retry_after=1, times=2)
        job = make_job(narrow)
        with shift_at_work():
            until(lambda: "requeued" in timeline(job))
            job.refresh_from_db()
            assert (job.state, job.error_kind, job.error) == (State.QUEUED, "rate_limited", "")
            until_state(job, State.SUCCEEDED)
        assert job.error_kind == ""
