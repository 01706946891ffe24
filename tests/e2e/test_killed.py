"""kill -9 of the web process, the worker or both, while people make things: nothing is lost, nothing is sent twice."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from studio.lib.ids import uuid7
from tests.e2e.browser import PASSWORD
from tests.e2e.studio import Studio, descendants
from tests.fake_provider import Remote, run_process

ROUNDS = 6
PART = {"web": "uvicorn", "worker": "manage.py worker"}
ENDED = re.compile(r"is-(succeeded|failed|cancelled|unconfirmed)")


class Person:
    """Someone at work without a browser; a request that meets a dead server is sent again, as a person would."""

    def __init__(self, studio: Studio) -> None:
        self.client = httpx.Client(base_url=studio.url, follow_redirects=True, timeout=20)

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def get(self, path: str) -> str:
        for _ in range(400):
            with suppress(httpx.TransportError):
                response = self.client.get(path)
                if response.status_code == 200:
                    return response.text
            time.sleep(0.05)
        raise AssertionError(f"{path} never came")

    def post(self, path: str, data: dict[str, str]) -> None:
        page = self.get("/create/" if "sessionid" in self.client.cookies else path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        for _ in range(400):
            with suppress(httpx.TransportError):
                response = self.client.post(path, data={**data, "csrfmiddlewaretoken": token[1]})
                assert response.status_code == 200, response.text[:2000]
                return
            time.sleep(0.05)
        raise AssertionError(f"{path} was never answered")


@pytest.fixture
def remote() -> Iterator[Remote]:
    with run_process(polls=3, latency=0.15) as running:
        yield running


@pytest.fixture
def fragile(tmp_path: Path, migrated: Path, remote: Remote) -> Iterator[Studio]:
    running = Studio(tmp_path, STUDIO_WAYSCLOUD_GPU_URL=remote.url)
    shutil.copy(migrated, running.data)
    running.start()
    yield running
    running.stop()


def kill(studio: Studio, part: str) -> None:
    assert studio.process
    for pid in descendants(studio.process.pid):
        with suppress(OSError):
            words = (Path("/proc") / str(pid) / "cmdline").read_text().replace("\0", " ")
            if PART[part] in words:
                os.kill(pid, signal.SIGKILL)
                return


def test_whatever_is_killed_each_click_is_made_once(fragile: Studio, remote: Remote) -> None:
    with Person(fragile) as person:
        cards = make_while_killing(person, fragile)
    assert len(cards) == ROUNDS
    assert all("is-succeeded" in card or "is-unconfirmed" in card for card in cards), cards
    received = remote.counts()["received"]
    assert all(count == 1 for count in received.values()), received
    assert len(received) + sum("is-unconfirmed" in card for card in cards) >= ROUNDS, "a click was lost"


def make_while_killing(person: Person, studio: Studio) -> list[str]:
    """Clicks and kills by turns; returns the cards of the gallery when all has ended."""
    person.post("/account/signup/", {"email": "ada@example.com", "password1": PASSWORD})
    person.post("/keys/add/wayscloud-gpu/", {"label": "Mine", "secret": "wayscloud_gpu_abc12_secret"})
    offer = re.search(r'model=([^"&]*image-flux-fast)"', person.get("/models/"))
    assert offer
    model = unquote(offer[1])
    price = re.search(r'name="price" value="([^"]*)"', person.get(f"/create/?model={offer[1]}"))
    assert price
    for number in range(ROUNDS):
        click = {
            "model": model,
            "prompt": f"picture {number}",
            "count": "1",
            "price": price[1],
            "group": str(uuid7()),
            "o-aspect_ratio": "1:1",
        }
        person.post("/jobs/", click)
        time.sleep(random.random() * 0.6)
        for part in (("web",), ("worker",), ("web", "worker"))[number % 3]:
            kill(studio, part)
    for _ in range(600):
        cards = re.findall(r'<article class="card [^"]*"', person.get("/gallery/"))
        if len(cards) == ROUNDS and all(ENDED.search(card) for card in cards):
            break
        time.sleep(0.1)
    return cards
