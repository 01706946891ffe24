"""The models that alice can choose from, and jobs of hers and bob's in every state, with small files of their own."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts.models import ProviderKey, User
from generations.catalogue import renewal
from generations.models import Catalogue, Job, Output
from generations.models.states import State
from studio.lib.ids import uuid7

LOCAL, GPU = "local", "wayscloud-gpu"
ENGINE = "studio-image"
LOCAL_MODEL = f"{LOCAL}/0/{ENGINE}"

LOCAL_PAYLOADS = {
    "engines": [
        {"engine": ENGINE, "name": "Studio Image", "type": "image", "available": True},
        {"engine": "studio-video", "name": "Studio Video", "type": "video", "available": True},
    ],
    "presets": [{"name": "watercolour", "type": "image", "description": "Soft washes"}],
}
GPU_PAYLOADS = {
    "engines": [
        {"engine": "flux", "name": "FLUX", "type": "image", "available": True},
        {"engine": "kling", "name": "Kling", "type": "video", "available": True},
        {"engine": "new", "name": "New", "type": "image", "available": True},
        {"engine": "pro", "name": "Pro", "type": "image", "available": False, "tier_required": "Studio"},
    ],
    "pricing": [
        {"engine": "flux", "unit": "image", "price_per_unit": 2.0, "currency": "NOK"},
        {"engine": "kling", "unit": "second", "price_per_unit": 0.5, "currency": "NOK"},
        {"engine": "pro", "unit": "image", "price_per_unit": 9, "currency": "NOK"},
    ],
}


def remember(provider: str, payloads: dict[str, Any], key: ProviderKey | None = None) -> Catalogue:
    return Catalogue.objects.create(
        provider=provider, key=key, payload=renewal.keep(payloads), fetched_at=timezone.now()
    )


@pytest.fixture
def engine(db) -> Catalogue:
    """The built-in engine's models, as it last named them."""
    return remember(LOCAL, LOCAL_PAYLOADS)


@pytest.fixture
def gpu(alice: User, engine: Catalogue) -> ProviderKey:
    """Alice's key, with a model at 2.00 NOK, one by the second, one without a price and one that she may not use."""
    key = ProviderKey.objects.create(owner=alice, provider=GPU, label="Work", hint="wayscloud_gpu_…wxyz")
    remember(GPU, GPU_PAYLOADS, key)
    return key


def offer(key: ProviderKey, model: str) -> str:
    return f"{GPU}/{key.pk}/{model}"


def form(group: UUID | None = None, **fields: Any) -> dict[str, Any]:
    """What the composer sends."""
    return {"model": LOCAL_MODEL, "prompt": "a red fox", "count": "1", "group": str(group or uuid7()), **fields}


def make_job(owner: User, state: str = State.SUCCEEDED, **fields: Any) -> Job:
    fields = {
        "provider": LOCAL,
        "kind": "image",
        "model": ENGINE,
        "model_name": "Studio Image",
        "prompt": "a red fox",
        "quoted_amount": 0,
        "due_at": None,
        **fields,
    }
    job = Job.objects.create(owner=owner, state=state, **fields)
    job.events.create(kind="created", at=job.created_at)
    return job


def make_paid_job(key: ProviderKey, state: str = State.FAILED, **fields: Any) -> Job:
    fields = {"quoted_amount": 2, "quoted_unit": "NOK", "model": "flux", "model_name": "FLUX", **fields}
    return make_job(key.owner, state, provider=GPU, key=key, **fields)


def png(colour: str = "red") -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 36), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def keep(media: Path) -> Callable[..., Output]:
    """Keeps a file as the result of a job."""

    def keep(job: Job, content: bytes | None = None, position: int = 0, **fields: Any) -> Output:
        content = png() if content is None else content
        stem = f"{job.pk.hex}-{position}"
        for name in (f"{stem}.png", f"{stem}-480.webp", f"{stem}-1200.webp"):
            media.mkdir(exist_ok=True)
            (media / name).write_bytes(content)
        fields = {
            "name": "image",
            "kind": "image",
            "content_type": "image/png",
            "file": f"{stem}.png",
            "thumbnail": f"{stem}-480.webp",
            "preview": f"{stem}-1200.webp",
            "previews": Output.Previews.READY,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "width": 64,
            "height": 36,
            **fields,
        }
        return Output.objects.create(job=job, position=position, remote_url="https://x.example/1", **fields)

    return keep


def queries(client: Client, address: str) -> list[str]:
    """The SQL of one page, when nothing is looked up for the first time."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured]


def long_ago(job: Job, **ago: float) -> Job:
    """Nothing has changed since then."""
    Job.objects.filter(pk=job.pk).update(changed_at=timezone.now() - timedelta(**ago))
    job.refresh_from_db()
    return job
