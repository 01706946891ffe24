"""What a person does with provider keys: the verbs, with a provider on loopback."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts import keys
from accounts.keys import Status
from accounts.models import ProviderKey
from generations.models import Job
from studio.providers.registry import DIALECTS
from tests.accounts.conftest import BAD_SECRET, GPU, OTHER_SECRET, SECRET, make_key


def defaults(owner) -> list[str]:
    return [key.label for key in owner.provider_keys.filter(is_default=True)]


def add(owner, label="Main", secret=SECRET):
    return keys.add(owner, provider=GPU, label=label, secret=secret)


def test_an_accepted_key_is_saved_encrypted(alice, gpu):
    _, answer = add(alice)
    key = alice.provider_keys.get()
    assert answer.message == "WAYSCloud GPU Studio accepted the key."
    assert (key.status, key.is_default, key.is_enabled, key.last_error) == (Status.ACCEPTED, True, True, "")
    assert key.tested_at
    assert key.reveal() == SECRET
    assert SECRET not in str(ProviderKey.objects.values().get())
    assert key.hint == "wayscloud_gpu_…aaTt"


def test_a_refused_key_is_not_saved(alice, gpu):
    _, answer = add(alice, secret=BAD_SECRET)
    assert answer.refused
    assert "did not accept the key" in answer.message
    assert not ProviderKey.objects.exists()


def test_a_key_for_another_service_is_refused(alice, gpu):
    gpu.fault("list", "status", status=403)
    _, answer = add(alice)
    assert answer.refused
    assert "does not allow this" in answer.message
    assert not ProviderKey.objects.exists()


def test_a_key_without_money_is_accepted_and_says_so(alice, gpu):
    gpu.fault("list", "status", status=402)
    key, answer = add(alice)
    assert key.status == Status.ACCEPTED
    assert "too little credit" in answer.message


def test_a_provider_out_of_reach_leaves_it_untested(alice, gpu_away):
    key, answer = add(alice)
    assert (key.status, key.tested_at) == (Status.UNTESTED, None)
    assert "cannot be reached" in answer.message
    assert alice.provider_keys.get().last_error == answer.message


@pytest.mark.parametrize(("do", "more"), [("html", {}), ("drop", {}), ("status", {"status": 422})])
def test_an_answer_that_tells_nothing_leaves_it_untested(alice, gpu, do, more):
    gpu.fault("list", do, **more)
    key, _ = add(alice)
    assert key.status == Status.UNTESTED


def test_the_first_of_several_is_the_default(alice, gpu):
    add(alice, "Main")
    add(alice, "Other", OTHER_SECRET)
    assert defaults(alice) == ["Main"]


def test_defaults_are_each_persons_own(alice, bob, gpu):
    add(alice)
    add(bob)
    assert (defaults(alice), defaults(bob)) == (["Main"], ["Main"])


@pytest.mark.django_db(transaction=True)
def test_keys_added_at_once_have_one_default(alice, gpu):
    together = threading.Barrier(3)

    def one(number: int) -> None:
        together.wait(10)
        try:
            add(alice, f"Key {number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, range(3)))
    assert alice.provider_keys.count() == 3
    assert len(defaults(alice)) == 1


def test_another_is_made_the_default(alice):
    make_key(alice, "Main", is_default=True)
    other = make_key(alice, "Other")
    assert keys.make_default(other)
    assert defaults(alice) == ["Other"]


def test_a_disabled_key_is_not_made_the_default(alice):
    make_key(alice, "Main", is_default=True)
    assert not keys.make_default(make_key(alice, "Off", is_enabled=False))
    assert defaults(alice) == ["Main"]


@pytest.mark.parametrize("verb", [keys.disable, keys.delete])
def test_the_default_is_passed_on_to_an_enabled_key(alice, verb):
    main = make_key(alice, "Main", is_default=True)
    make_key(alice, "Off", is_enabled=False)
    make_key(alice, "Next")
    make_key(alice, "Last")
    verb(main)
    assert defaults(alice) == ["Next"]


@pytest.mark.parametrize("verb", [keys.disable, keys.delete])
def test_without_an_enabled_key_there_is_no_default(alice, verb):
    verb(make_key(alice, is_default=True))
    assert defaults(alice) == []


def test_a_key_that_is_switched_on_alone_is_the_default(alice):
    key = make_key(alice, is_enabled=False)
    keys.enable(key)
    assert defaults(alice) == ["Main"]


def test_a_replaced_key_keeps_its_place(alice, gpu):
    key = make_key(alice, is_default=True, status=Status.REFUSED, last_error="No.")
    answer = keys.replace(key, OTHER_SECRET)
    assert answer.status == Status.ACCEPTED
    saved = alice.provider_keys.get()
    assert saved.reveal() == OTHER_SECRET
    assert (saved.hint, saved.status, saved.last_error) == ("wayscloud_gpu_…bbUu", Status.ACCEPTED, "")
    assert saved.is_default


def test_a_refused_replacement_changes_nothing(alice, gpu):
    key = make_key(alice, status=Status.ACCEPTED)
    assert keys.replace(key, BAD_SECRET).refused
    saved = alice.provider_keys.get()
    assert (saved.reveal(), saved.status) == (SECRET, Status.ACCEPTED)


def test_testing_again_remembers_a_refusal(alice, gpu):
    key = make_key(alice, secret=BAD_SECRET, status=Status.ACCEPTED)
    assert keys.test(key).refused
    saved = alice.provider_keys.get()
    assert saved.status == Status.REFUSED
    assert saved.last_error_at
    assert "did not accept the key" in saved.last_error


def test_testing_in_vain_keeps_what_was_known(alice, gpu_away):
    keys.test(make_key(alice, status=Status.ACCEPTED))
    saved = alice.provider_keys.get()
    assert saved.status == Status.ACCEPTED
    assert "cannot be reached" in saved.last_error


def test_a_key_that_can_no_longer_be_read_says_so(alice, gpu):
    key = make_key(alice)
    ProviderKey.objects.update(ciphertext="lost")
    key.refresh_from_db()
    assert keys.test(key).message == keys.UNREADABLE


def test_the_jobs_of_a_deleted_key_stay(alice):
    key = make_key(alice)
    job = Job.objects.create(
        owner=alice, provider=GPU, key=key, kind="image", model="m", model_name="M", prompt="a red fox"
    )
    keys.delete(key)
    job.refresh_from_db()
    assert job.key is None


def test_only_providers_that_need_a_key_are_offered(db):
    assert [provider.name for provider in keys.providers()] == [
        provider.name for provider in DIALECTS.values() if provider.needs_key
    ]
    assert "local" not in {provider.name for provider in keys.providers()}
