"""Callbacks: never believed, refused where their signature is wrong, and heeded at once otherwise."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from accounts import keys, signatures
from accounts.keyring import keyring
from accounts.models import ProviderKey
from generations import callbacks, jobs
from generations.models import Job
from generations.models.states import State
from studio.providers.base import ModelInfo
from tests.fake_provider import FakeProvider, serve_in_thread
from tests.fake_provider.wavespeed import signed
from tests.generations.conftest import PAID, VIDEO, make_job, shift_at_work, until, until_state

WAVESPEED = "wavespeed"
MODEL = ModelInfo("wavespeed-ai/flux-dev", "FLUX dev", "image")
SECRET = "whsec_0123456789abcdef"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _public(settings):
    settings.PUBLIC_URL = "https://studio.example.com"


@pytest.fixture
def wave(alice) -> ProviderKey:
    key = ProviderKey(owner=alice, provider=WAVESPEED, label="Work")
    key.conceal("wsk_0123456789abcdef0123456789abcdef")
    key.webhook_ciphertext = keyring().encrypt(SECRET)
    key.save()
    return key


@pytest.fixture
def job(wave) -> Job:
    """One that is asked after in an hour."""
    [job] = jobs.create(wave.owner, [jobs.Order(WAVESPEED, wave, MODEL, "a red fox", {}, PAID)])
    later = timezone.now() + timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(state=State.RUNNING, remote_id="r-1", due_at=later)
    job.refresh_from_db()
    return job


def call(client, job: Job, body: bytes = b"{}", secret: str | None = SECRET, at: float | None = None, **headers):
    path = jobs.webhook_url(job).removeprefix("https://studio.example.com")
    if secret is not None:
        headers = signed(secret, uuid4().hex, int(time.time() if at is None else at), body) | headers
    return client.post(path, body, content_type="application/json", headers=headers)


def is_due(job: Job) -> bool:
    job.refresh_from_db()
    return job.due_at is not None and job.due_at <= timezone.now()


def tasks() -> list[str]:
    return [SignedPackage.loads(queued.payload)["func"] for queued in OrmQ.objects.all()]


def test_a_genuine_call_makes_the_job_due_and_says_nothing_else(client, job):
    answer = call(client, job, b'{"status": "completed", "outputs": ["https://evil.example/1.png"]}')
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_due(job)
    assert job.state == State.RUNNING
    assert not job.outputs.exists()


@pytest.mark.parametrize(("secret", "ago"), [("whsec_another", 0), (None, 0), (SECRET, 3600), (SECRET, 2**30)])
def test_a_signature_that_is_wrong_missing_or_old_is_refused(client, job, secret, ago, caplog):
    assert call(client, job, secret=secret, at=time.time() - ago).status_code == 401
    assert not is_due(job)
    assert "webhook.forged" in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("generations")]
    assert not any(secret in line for line in ours for secret in (SECRET, job.webhook_token))
    assert tasks() == [callbacks.LEARN_TASK]  # the account may have a new one
    call(client, job, secret="whsec_another")
    assert len(tasks()) == 1


def test_a_body_that_was_changed_on_its_way_is_refused(client, job):
    headers = signed(SECRET, "1", int(time.time()), b"{}")
    assert call(client, job, b'{"a": 1}', secret=None, **headers).status_code == 401


def test_where_no_secret_is_known_the_address_is_enough(client, job):
    ProviderKey.objects.update(webhook_ciphertext="")
    assert call(client, job, secret=None).status_code == 204
    assert is_due(job)


def test_a_secret_that_cannot_be_read_any_more_asks_for_nothing(client, job):
    ProviderKey.objects.update(webhook_ciphertext="nonsense")
    assert call(client, job, secret=None).status_code == 204


def test_a_large_body_is_not_read(client, job):
    assert call(client, job, b"x" * (callbacks.LARGEST + 1)).status_code == 413
    assert not is_due(job)


@pytest.mark.parametrize("state", [State.QUEUED, State.SAVING, State.SUCCEEDED])
def test_a_job_that_is_not_at_the_provider_is_left_alone(client, job, state):
    Job.objects.update(state=state)
    assert call(client, job).status_code == 204
    assert not is_due(job)


def test_one_that_was_lost_is_looked_up_at_once(client, job):
    Job.objects.update(state=State.UNCONFIRMED)
    assert call(client, job).status_code == 204
    assert is_due(job)


def test_nobody_guesses_an_address(client, job):
    for name in ("x", f"{job.pk.hex}.", f"{job.pk.hex}.{'0' * 43}", f"{uuid4().hex}.{job.webhook_token}"):
        assert client.post(f"/webhooks/{name}/").status_code == 404
    assert not is_due(job)
    assert client.get(f"/webhooks/{job.pk.hex}.{job.webhook_token}/").status_code == 405


class TestSecret:
    @pytest.fixture
    def fake(self, settings):
        with serve_in_thread(FakeProvider(wire=WAVESPEED)) as provider:
            settings.PROVIDER_URLS = {**settings.PROVIDER_URLS, WAVESPEED: provider.url}
            yield provider

    def test_it_is_asked_for_once_and_kept_encrypted(self, fake, wave):
        ProviderKey.objects.update(webhook_ciphertext="")
        assert signatures.learn(wave.pk)
        wave.refresh_from_db()
        secret = fake.wire.secret(wave.reveal())
        assert keyring().decrypt(wave.webhook_ciphertext) == secret
        assert secret not in wave.webhook_ciphertext

    def test_a_provider_that_does_not_tell_leaves_it_as_it_was(self, fake, wave):
        fake.fault("*", "status", status=404)
        assert not signatures.learn(wave.pk)
        wave.refresh_from_db()
        assert keyring().decrypt(wave.webhook_ciphertext) == SECRET

    def test_another_secret_key_forgets_it(self, fake, wave):
        assert keys.replace(wave, "wsk_another0123456789abcdef0123456789").status == "accepted"
        wave.refresh_from_db()
        assert wave.webhook_ciphertext == ""

    def test_a_provider_that_signs_nothing_is_not_asked(self, key):
        assert not signatures.signs(key.provider)
        assert not signatures.learn(key.pk)

    def test_the_worker_has_it_asked_for_when_it_first_sends(self, fake, wave):
        ProviderKey.objects.update(webhook_ciphertext="")
        fake.polls = None
        [job] = jobs.create(wave.owner, [jobs.Order(WAVESPEED, wave, MODEL, "a red fox", {}, PAID)])
        with shift_at_work():
            until(lambda: fake.creates)
            until_state(job, State.RUNNING, State.PENDING)
        assert callbacks.LEARN_TASK in tasks()
        assert "webhook" in str(fake.last["create"])


def test_a_video_of_gpu_studio_is_fetched_when_it_calls(fake, key, settings, live_server):
    """The whole way: the address is sent along, the provider calls it, and the job is asked after at once."""
    settings.PUBLIC_URL = live_server.url
    fake.polls, fake.seconds = None, 1.5
    job = make_job(key, model=VIDEO)
    with shift_at_work(wait=lambda step: 600):
        until_state(job, State.PENDING, State.RUNNING)
        assert fake.last["create"]["body"]["webhook_url"] == jobs.webhook_url(job)
        until_state(job, State.SUCCEEDED)
        until(lambda: fake.webhooks)
    assert [call["status"] for call in fake.webhooks] == [204]
    assert fake.requests["status"] <= 2


def test_an_image_of_gpu_studio_is_sent_without_an_address(fake, key):
    """Its reference has callbacks for video only."""
    job = make_job(key)
    with shift_at_work():
        until_state(job, State.SUCCEEDED)
    assert "webhook_url" not in fake.last["create"]["body"]
    assert fake.webhooks == []
