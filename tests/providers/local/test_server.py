"""The engine as a process, spoken to over the loopback."""

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from studio.providers.local.asgi import LARGEST_BODY

TOKEN = "a-token-for-the-tests"
QUICK = {"type": "image", "engine": "local-paint", "inputs": {"prompt": "sea at dawn", "size": 256, "seed": 3}}
LONG = {
    "type": "video",
    "engine": "local-motion",
    "inputs": {"prompt": "abstract mesh", "duration_sec": 8, "aspect_ratio": "1:1", "seed": 3},
}


class Engine:
    """A running engine: `client` has its key, `process` is its own."""

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio.providers.local.server", "--port", "0", "--spool", str(spool)],
            env={**os.environ, "STUDIO_ENGINE_TOKEN": TOKEN},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.base = self.process.stdout.readline().split()[-1]
        self.client = httpx.Client(base_url=self.base, headers={"X-API-Key": TOKEN})

    def post(self, body: dict[str, Any], **more: Any) -> dict[str, Any]:
        reply = self.client.post("/v1/gpu/jobs", json={**body, **more})
        assert reply.status_code in {200, 201}, reply.text
        return dict(reply.json())

    def job(self, job_id: str) -> dict[str, Any]:
        return dict(self.client.get(f"/v1/gpu/jobs/{job_id}").json())

    def wait(self, job_id: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while not until(job := self.job(job_id)):
            assert self.process.poll() is None
            time.sleep(0.05)
        return job

    def renderers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.client.close()
        assert self.process.stdout is not None
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        return status


def done(job: dict[str, Any]) -> bool:
    return job["status"] in {"completed", "failed", "cancelled"}


def under_way(job: dict[str, Any]) -> bool:
    return job["progress"] > 5


def gone(pid: int) -> bool:
    """Whether a process ends by itself; one that only waits to be buried has. It may take a moment to die."""
    give_up_at = time.monotonic() + 10
    while time.monotonic() < give_up_at:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine(tmp_path_factory.mktemp("spool"))
    yield engine
    engine.stop()


def test_it_lists_engines_presets_and_prices_to_anybody(engine: Engine) -> None:
    engines = httpx.get(f"{engine.base}/v1/gpu/engines").json()
    assert [(row["engine"], row["type"], row["available"]) for row in engines] == [
        ("local-paint", "image", True),
        ("local-motion", "video", True),
    ]
    assert all("Procedural, no AI model" in row["description"] for row in engines)
    presets = httpx.get(f"{engine.base}/v1/gpu/presets").json()
    assert {"image", "video"} == {row["type"] for row in presets if row["name"] == "cinematic"}
    prices = httpx.get(f"{engine.base}/v1/gpu/pricing").json()
    assert {row["engine"]: row["price_per_unit"] for row in prices} == {"local-paint": 0, "local-motion": 0}
    assert httpx.get(f"{engine.base}/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "wrong"}, {"Authorization": "Bearer wrong"}])
def test_jobs_need_the_key(engine: Engine, headers: dict[str, str]) -> None:
    for reply in (
        httpx.get(f"{engine.base}/v1/gpu/jobs", headers=headers),
        httpx.post(f"{engine.base}/v1/gpu/jobs", headers=headers, json=QUICK),
    ):
        assert reply.status_code == 401
        assert isinstance(reply.json()["detail"], str)


def test_a_bearer_token_will_do(engine: Engine) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.get(f"{engine.base}/v1/gpu/jobs", headers=headers).status_code == 200


def test_a_picture_from_post_to_file(engine: Engine) -> None:
    job = engine.post(QUICK, preset="film", reference="studio-1")
    assert job["status"] in {"queued", "processing"}
    assert (job["output_files"], job["estimated_cost"]["amount"]) == ({}, 0)
    job = engine.wait(job["id"], done)
    assert (job["status"], job["progress"], job["error_message"]) == ("completed", 100, None)
    assert (job["reference"], job["preset"], job["inputs"]["seed"]) == ("studio-1", "film", 3)
    assert job["completed_at"] > job["created_at"]
    picture = httpx.get(job["output_files"]["image"])
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert int(picture.headers["content-length"]) == len(picture.content)


def test_the_same_reference_is_the_same_job(engine: Engine) -> None:
    first, second = engine.post(QUICK, reference="twice"), engine.post(QUICK, reference="twice")
    assert first["id"] == second["id"]
    found = engine.client.get("/v1/gpu/jobs", params={"reference": "twice"}).json()
    assert [job["id"] for job in found] == [first["id"]]
    assert engine.client.get("/v1/gpu/jobs", params={"reference": "never"}).json() == []


def test_the_newest_job_is_listed_first(engine: Engine) -> None:
    first, second = engine.post(QUICK), engine.post(QUICK)
    assert [job["id"] for job in engine.client.get("/v1/gpu/jobs").json()[:2]] == [second["id"], first["id"]]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "JSON object"),
        ({"engine": "local-paint"}, "inputs"),
        ({"engine": "nothing", "inputs": {}}, "local-paint and local-motion"),
        ({"engine": "local-paint", "inputs": {"prompt": ""}}, "prompt"),
        ({**QUICK, "type": "video"}, "is image"),
        ({**QUICK, "preset": "oil"}, "preset"),
        ({**QUICK, "reference": 7}, "reference"),
        ({**QUICK, "inputs": {"prompt": "sea", "size": 9000}}, "size"),
    ],
)
def test_bad_requests_are_refused_in_words(engine: Engine, body: object, words: str) -> None:
    reply = engine.client.post("/v1/gpu/jobs", json=body)
    assert reply.status_code == 400
    assert words in reply.json()["detail"]


def test_what_is_not_json_or_too_large_is_refused(engine: Engine) -> None:
    assert engine.client.post("/v1/gpu/jobs", content=b"{").status_code == 400
    assert engine.client.post("/v1/gpu/jobs", content=b"x" * (LARGEST_BODY + 1)).status_code == 413


def test_a_picture_to_follow_is_painted_from_and_let_go_of(engine: Engine) -> None:
    job = engine.post(with_picture(Image.new("RGB", (320, 180), (200, 60, 20))))
    assert engine.wait(job["id"], done)["status"] == "completed"
    assert "image" not in engine.job(job["id"])["inputs"]
    assert all("image" not in listed["inputs"] for listed in engine.client.get("/v1/gpu/jobs").json())
    assert b"base64" not in (engine.spool / "jobs" / f"{job['id']}.json").read_bytes()


def test_a_picture_that_cannot_be_read_fails_its_job_alone(engine: Engine) -> None:
    bomb = with_picture(Image.new("1", (30_000, 30_000)))
    broken = {**QUICK, "inputs": {**QUICK["inputs"], "image": "data:image/png;base64,AAAA"}}
    for body, why in ((bomb, "cannot be read"), (broken, "cannot be read")):
        job = engine.wait(engine.post(body)["id"], done)
        assert (job["status"], why in job["error_message"]) == ("failed", True)
    assert engine.wait(engine.post(QUICK)["id"], done)["status"] == "completed"


def with_picture(picture: Image.Image) -> dict[str, Any]:
    file = BytesIO()
    picture.save(file, "PNG")
    uri = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return {**QUICK, "inputs": {**QUICK["inputs"], "image": uri}}


@pytest.mark.parametrize("image", ["https://example.com/a.png", "data:text/html;base64,AAAA", 7])
def test_what_is_no_picture_is_refused_at_once(engine: Engine, image: object) -> None:
    body = {**QUICK, "inputs": {**QUICK["inputs"], "image": image}}
    assert engine.client.post("/v1/gpu/jobs", json=body).status_code == 400


@pytest.mark.parametrize("path", ["/", "/v1/gpu/jobs/", "/v1/gpu/jobs/0b5e0a53-8be4-4a53-9d24-2f2b1b1f0a11"])
def test_what_is_not_there_is_404(engine: Engine, path: str) -> None:
    assert engine.client.get(path).status_code == 404


def test_files_of_others_cannot_be_reached(engine: Engine) -> None:
    job = engine.wait(engine.post(QUICK)["id"], done)
    for name in ("other.png", "..%2F..%2Fjobs%2F", f"..%2F..%2Fjobs%2F{job['id']}.json"):
        assert httpx.get(f"{engine.base}/files/{job['id']}/{name}").status_code in {401, 404}


def test_a_job_is_cancelled_in_the_middle(engine: Engine) -> None:
    job = engine.wait(engine.post(LONG)["id"], under_way)
    (renderer,) = engine.renderers()
    reply = engine.client.delete(f"/v1/gpu/jobs/{job['id']}")
    assert (reply.status_code, reply.json()["status"]) == (200, "cancelled")
    after = engine.wait(engine.post(QUICK)["id"], done)
    assert after["status"] == "completed"
    assert gone(renderer)
    assert engine.job(job["id"])["status"] == "cancelled"
    assert engine.job(job["id"])["output_files"] == {}


def test_a_job_is_cancelled_before_its_turn(engine: Engine) -> None:
    first, second = engine.post(LONG), engine.post(QUICK)
    for job in (second, first):
        assert engine.client.delete(f"/v1/gpu/jobs/{job['id']}").json()["status"] == "cancelled"
    assert engine.job(second["id"])["progress"] == 0


def test_a_finished_job_cannot_be_cancelled(engine: Engine) -> None:
    job = engine.wait(engine.post(QUICK)["id"], done)
    assert engine.client.delete(f"/v1/gpu/jobs/{job['id']}").status_code == 409
    assert engine.job(job["id"])["status"] == "completed"


def test_a_renderer_that_dies_is_tried_again(engine: Engine) -> None:
    job = engine.wait(engine.post(LONG)["id"], under_way)
    (renderer,) = engine.renderers()
    os.kill(renderer, signal.SIGKILL)
    engine.wait(job["id"], lambda _: engine.renderers() not in ([], [renderer]))
    assert engine.job(job["id"])["status"] == "processing"
    engine.client.delete(f"/v1/gpu/jobs/{job['id']}")


def test_the_idle_server_holds_no_numpy(engine: Engine) -> None:
    maps = Path(f"/proc/{engine.process.pid}/maps").read_text()
    assert "site-packages" in maps
    assert not [name for name in ("numpy", "PIL", "/av/") if name in maps]


def test_kill_9_loses_nothing(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    finished = engine.wait(engine.post(QUICK)["id"], done)
    picture = httpx.get(finished["output_files"]["image"]).content
    broken = engine.wait(engine.post(LONG, reference="long")["id"], under_way)
    waiting = engine.post(QUICK, reference="quick")
    (renderer,) = engine.renderers()
    assert engine.stop(signal.SIGKILL) == -signal.SIGKILL
    while not gone(renderer):
        time.sleep(0.02)
    engine = Engine(tmp_path)
    assert engine.post(LONG, reference="long")["id"] == broken["id"]
    again = engine.wait(broken["id"], under_way)
    assert again["status"] == "processing"
    engine.client.delete(f"/v1/gpu/jobs/{broken['id']}")
    redone = engine.wait(waiting["id"], done)
    assert httpx.get(redone["output_files"]["image"]).content == picture
    assert engine.job(finished["id"])["status"] == "completed"
    engine.stop()


def test_sigterm_ends_it_and_its_renderer(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.wait(engine.post(LONG)["id"], under_way)
    (renderer,) = engine.renderers()
    assert engine.stop(signal.SIGTERM) == 0
    assert gone(renderer)


def test_it_does_not_start_without_a_token(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "STUDIO_ENGINE_TOKEN"}
    ended = subprocess.run(
        [sys.executable, "-m", "studio.providers.local.server", "--port", "0", "--spool", str(tmp_path)],
        env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert "STUDIO_ENGINE_TOKEN" in ended.stderr
