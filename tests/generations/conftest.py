"""A fake provider, alice's key for it, her jobs, and a shift that works for them."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
import uvloop
from django.conf import settings as site
from django.db import connection

from accounts.models import ProviderKey, User
from generations import jobs
from generations.models import Job
from generations.shift import loop
from generations.shift.loop import Shift
from generations.shift.report import Report
from studio.providers.base import Cost, ModelInfo, Quote
from tests.fake_provider import FakeProvider, serve_in_thread

GPU = "wayscloud-gpu"
IMAGE = ModelInfo("image-flux-fast", "FLUX Fast", "image")
VIDEO = ModelInfo("video-kling-lite", "Kling Lite", "video")
PAID = Quote(Cost(Decimal("2"), "NOK"))
SECRET = "wayscloud_gpu_abc12_0123456789abcdef"


@pytest.fixture(autouse=True)
def _quick_shifts(monkeypatch):
    """A shift looks at the clock more often than in real life, so that no test waits for that."""
    for name, seconds in {"TICK": 0.02, "IDLE_TICK": 0.03, "NOTE_EVERY": 0.05}.items():
        monkeypatch.setattr(loop, name, seconds)


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def fake(settings, media) -> Iterator[FakeProvider]:
    with serve_in_thread(FakeProvider(polls=2)) as provider:
        settings.PROVIDER_URLS = {**site.PROVIDER_URLS, GPU: provider.url}
        yield provider


def make_key(owner: User, secret: str = SECRET, **fields: Any) -> ProviderKey:
    key = ProviderKey(owner=owner, provider=GPU, label="Work", **fields)
    key.conceal(secret)
    key.save()
    return key


@pytest.fixture
def key(alice) -> ProviderKey:
    return make_key(alice)


def make_job(key: ProviderKey, prompt: str = "a red fox", model: ModelInfo = IMAGE, **fields: Any) -> Job:
    """A queued job; `fields` put it into another state."""
    [job] = jobs.create(key.owner, [jobs.Order(key.provider, key, model, prompt, {}, PAID)])
    if fields:
        Job.objects.filter(pk=job.pk).update(**fields)
        job.refresh_from_db()
    return job


@contextmanager
def shift_at_work(**options: Any) -> Iterator[dict[str, Report | None]]:
    """A shift in a thread, quicker than in real life; its report is in the dict when it has ended."""
    options = {"wait": lambda step: 0.05, **options}
    over = threading.Event()
    result: dict[str, Report | None] = {}

    def work() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            result["report"] = runner.run(Shift(stop=over.is_set, **options).run())

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield result
    finally:
        over.set()
        thread.join(30)
        assert not thread.is_alive()


def until(condition: Callable[[], Any], seconds: float = 15) -> Any:
    """Waits for it to be so, and answers what it said."""
    give_up_at = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < give_up_at, f"it did not come to pass within {seconds} s"
        time.sleep(0.02)
    return answer


def until_state(job: Job, *states: str, seconds: float = 15) -> Job:
    def there() -> bool:
        job.refresh_from_db()
        return job.state in states

    try:
        until(there, seconds)
    except AssertionError:
        raise AssertionError(f"it is {job.state} ({job.error}), not {' or '.join(states)}: {timeline(job)}") from None
    return job


def timeline(job: Job) -> list[str]:
    return [event.kind for event in job.events.all()]


def write_elsewhere(person: User) -> None:
    """As another process would, on a connection of its own."""

    def write() -> None:
        User.objects.filter(pk=person.pk).update(name="Busy")
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
