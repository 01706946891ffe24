"""Someone's Studio after some weeks: pictures and clips of many shapes, and a job in each state. See `fill`."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page

from tests.e2e.studio import Studio

LONG = (
    "A wide valley seen from a pass at the first light of an October morning, the river still under mist, larches in "
    "gold along the slopes, one cabin with a lit window, snow on the far ridge, thin clouds that catch the sun before "
    "anything else does, the mood quiet and a little cold, as in an early colour photograph, " * 3
)
# What the built-in engine really makes: model, prompt, settings.
MADE: list[tuple[str, str, dict[str, Any]]] = [
    ("local-paint", "A mountain lake at sunset, mist over the water", {"aspect_ratio": "16:9", "seed": 8}),
    ("local-paint", "A city skyline at dusk, reflections", {"aspect_ratio": "9:16", "seed": 12}),
    ("local-paint", "A ringed planet before a red nebula 🪐✨", {"aspect_ratio": "1:1", "seed": 5}),
    ("local-paint", "بحر هادئ عند الغروب وقارب شراعي صغير", {"aspect_ratio": "4:3", "seed": 8}),
    ("local-paint", LONG, {"aspect_ratio": "4:5", "seed": 3}),
    ("local-paint", "Desert dunes at dawn, pink sky", {"aspect_ratio": "21:9", "seed": 5}),
    ("local-motion", "Waves on the sea at night, stars", {"aspect_ratio": "16:9", "seed": 2, "duration_sec": 2}),
]
# What was paid for and deleted since: provider, model, kind, unit, price.
SPENT = [
    ("wayscloud-gpu", "FLUX Fast", "image", "NOK", "2"),
    ("nanobanana", "Nano Banana Pro", "image", "credits", "6"),
    ("wavespeed", "FLUX Dev", "image", "USD", "0.012"),
    ("nanobanana", "VEO 3.1 Fast", "video", "credits", "20"),
]
STATES = ("queued", "submitting", "pending", "running", "saving", "unconfirmed", "failed", "cancelled")

# Runs inside Studio: the states that no test could hold still are written as rows that nothing is due for.
ROWS = """
import json
from datetime import timedelta
from decimal import Decimal
from uuid import UUID
from django.utils import timezone
from accounts.models import ProviderKey, User
from accounts.notices import tell, webhooks
from generations.links import making
from generations.models import Job, JobEvent, SavedPrompt, ShareLink
from generations.organising import albums, marks, tags

wish = json.loads({wish!r})
owner = User.objects.get(email=wish["email"])
tell(owner, "job_done", "4 done: “A mountain lake at sunset, mist over the water”", "/gallery/")
tell(owner, "mention", "Bob mentions you: “بحر هادئ عند الغروب وقارب شراعي صغير”", "/gallery/")
tell(owner, "job_failed", "1 of 2 failed or need a look: “A harbour town in the rain”", "/gallery/")
webhooks.add(owner, "https://hooks.example.com/services/studio")
keys = {{key.provider: key for key in ProviderKey.objects.filter(owner=owner)}}
key = keys.get("wayscloud-gpu")
told = {{f"key-{{provider}}": str(key.pk) for provider, key in keys.items()}}
for number, state in enumerate(wish["states"]):
    details = {{
        "queued": {{"due_at": timezone.now() + timedelta(days=1)}},  # due at no time, it would wait for a place
        "running": {{"progress": 43}},
        "unconfirmed": {{"charge": "unknown"}},
        "failed": {{"error_kind": "insufficient_credits", "error": "The balance of this key is too low"}},
    }}.get(state, {{}})
    job = Job.objects.create(owner=owner, key=key, provider="wayscloud-gpu", kind="image", model="image-flux-fast",
        model_name="FLUX Fast", prompt=f"A harbour town in the rain, take {{number + 1}}", state=state,
        settings={{"aspect_ratio": ["1:1", "16:9", "4:5"][number % 3]}}, quoted_amount=Decimal(2), quoted_unit="NOK",
        **{{"due_at": None, **details}})
    for kind in ("created", "sent", "accepted", "started", "made", "lost", "failed")[: number + 1]:
        JobEvent.objects.create(job=job, kind=kind)
    told[state] = str(job.pk)
for number, (model, prompt, settings) in enumerate(wish["made"]):
    kind, name = ("video", "Motion") if model == "local-motion" else ("image", "Paint")
    job = Job.objects.create(owner=owner, provider="local", kind=kind, model=model, model_name=name, prompt=prompt,
        settings={{"size": 768, **settings}} if kind == "image" else settings, quoted_amount=0, quoted_unit="")
    told[kind] = told[f"made{{number}}"] = str(job.pk)
for job, source, kind in (("made1", "made0", "remix"), ("made2", "made1", "remix"), ("video", "made1", "input")):
    JobSource.objects.create(job_id=told[job], source_id=told[source], kind=kind)
Job.objects.filter(pk=told["failed"]).update(parent=told["made0"])
for number, (provider, model, kind, unit, price) in enumerate(wish["spent"] * 12):
    at = timezone.now() - timedelta(days=number * 5 // 6, hours=number % 7)
    taken = Decimal(price) * (number % 4 + 1)
    Job.objects.create(owner=owner, key=keys.get(provider), provider=provider, kind=kind, model=model, model_name=model,
        prompt="A test of light", state="succeeded", due_at=None, charge="yes", quoted_amount=taken, quoted_unit=unit,
        actual_amount=taken * (2 if number % 11 == 10 else 1), actual_unit=unit, created_at=at, finished_at=at,
        deleted_at=timezone.now())
SavedPrompt.objects.create(owner=owner, title="Studio portrait", negative="blurred, text",
    text="A portrait of {{subject}} in soft window light, {{film}} film")
SavedPrompt.objects.create(owner=owner, title="Miniature", text="A miniature of {{place}}, tilt-shift, seen from above")
made = [told[name] for name in told if name.startswith("made")]
album = albums.create(owner, "Cover candidates", description="What we show on Friday.")
albums.add(owner, album, [UUID(job) for job in made])
albums.create(owner, "Five stars", query="stars=5")
told["album"] = str(album.pk)
tags.put(owner, [UUID(job) for job in made[:3]], ["sea", "long exposure"])
marks.favourite(Job.objects.filter(pk__in=made[:2]), True)
marks.stars(Job.objects.filter(pk__in=made[1:4]), 4)
marks.colour(Job.objects.filter(pk__in=made[3:5]), "blue")
for name, jobs, terms in (("", ["image"], {{"may_comment": True}}), ("-several", ["made0", "made1", "running"], {{}}),
        ("-locked", ["image"], {{"password": "!"}})):
    link = ShareLink(owner=owner, audience="anyone", expires_at=timezone.now() + timedelta(days=7), **terms)
    found = [Job.objects.get(pk=told[job]) for job in jobs]
    link.job = found[0] if len(found) == 1 else None
    told["token" + name] = making.make(link, [] if link.job else found)
    told["link" + name] = str(link.pk)
print("FILLED " + json.dumps(told))
"""


def fill(studio: Studio, email: str) -> dict[str, str]:
    """The id of a job in each state, and those that the engine makes meanwhile: "made0"…, an "image" and a "video"."""
    wish = json.dumps({"email": email, "made": MADE, "states": STATES, "spent": SPENT})
    said = studio.manage("shell", "-c", ROWS.format(wish=wish))
    ids: dict[str, str] = json.loads(said.rpartition("FILLED ")[2])
    return ids


def fill_chats(studio: Studio, email: str, picture: str) -> dict[str, str]:
    """Conversations by what they show ("chat-full", "chat-beside", …), and what belongs to them."""
    script = (
        f"import json; from tests.e2e.chat_rows import fill; print('FILLED', json.dumps(fill({email!r}, {picture!r})))"
    )
    ids: dict[str, str] = json.loads(studio.manage("shell", "-c", script).rpartition("FILLED ")[2])
    return ids


def fill_team(studio: Studio, email: str) -> dict[str, str]:
    """A "team", what it may "use" of a key, and a job that its owner is "asked" about."""
    script = f"import json; from tests.e2e.team_rows import fill; print('FILLED', json.dumps(fill({email!r})))"
    ids: dict[str, str] = json.loads(studio.manage("shell", "-c", script).rpartition("FILLED ")[2])
    return ids


def wait_until_made(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/gallery/?state=done")
    for _ in range(120):
        if page.locator(".card.is-succeeded").count() == len(MADE):
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise RuntimeError(f"the engine did not make all of them:\n{studio.said()}")
