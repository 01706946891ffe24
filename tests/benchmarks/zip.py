"""A ZIP of 2 GB, streamed by the web process to one client: how fast, and with how much more memory.

Its memory is looked at while the ZIP comes. Then another client leaves in the middle.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import httpx

from tests.benchmarks.figures import table
from tests.e2e.studio import Studio, descendants

FILES, EACH = 40, 2**31 // 40  # bytes
EMAIL = "bench@example.com"
SESSION = """
import datetime
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.conf import settings
from accounts.models import User
from generations.models import Job, Output
owner = User.objects.create_user({email!r})
for number in range({files}):
    job = Job.objects.create(owner=owner, provider="local", kind="video", model="m", model_name="M", state="succeeded",
        prompt=f"A long clip, take {{number}}", due_at=None)
    Output.objects.create(job=job, position=0, name="video", remote_url="", file=f"bench-{{number}}.mp4", kind="video",
        content_type="video/mp4", size={each}, sha256="0" * 64, previews="ready")
session = SessionStore()
session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(owner.pk), settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = owner.get_session_auth_hash()
session.create()
print("SESSION " + session.session_key)
"""


def main() -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as scratch:
        studio = Studio(Path(scratch) / "data")
        studio.start(ready="/", within=300)
        try:
            said = studio.manage("shell", "-c", SESSION.format(email=EMAIL, files=FILES, each=EACH))
            fill(Path(scratch) / "data" / "media")
            with httpx.Client(
                base_url=studio.url, cookies={"sessionid": said.split("SESSION ")[1].split()[0]}
            ) as client:
                rows = measure(client, web_process(studio))
        finally:
            studio.stop()
    table("A ZIP of 2 GB", rows)


def fill(folder: Path) -> None:
    """Real bytes: a hole in a file would be read without its disk."""
    folder.mkdir(parents=True, exist_ok=True)
    piece = os.urandom(2**20)
    for number in range(FILES):
        with (folder / f"bench-{number}.mp4").open("wb") as file:
            for _ in range(EACH // len(piece)):
                file.write(piece)
            file.write(piece[: EACH % len(piece)])


def measure(client: httpx.Client, pid: int) -> list[tuple[str, str]]:
    page = client.get("/gallery/")
    token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"csrfmiddlewaretoken": token, "query": "?"}
    before = most = memory(pid)
    read_before = bytes_read(pid)
    began, came, first = time.perf_counter(), 0, 0.0
    with client.stream("POST", "/gallery/zip/", data=form, timeout=60) as answer:
        answer.raise_for_status()
        announced = int(answer.headers["content-length"])
        for piece in answer.iter_raw(2**20):
            first = first or time.perf_counter() - began
            came += len(piece)
            most = max(most, memory(pid))
    seconds = time.perf_counter() - began
    assert came == announced, (came, announced)
    assert bytes_read(pid) - read_before > came, "this is not the process that sent it"
    with client.stream("POST", "/gallery/zip/", data=form, timeout=60) as answer:
        next(answer.iter_raw(2**20))
    read = bytes_read(pid)
    time.sleep(1)
    after = bytes_read(pid)
    time.sleep(2)
    return [
        ("bytes, as announced", f"{came:,}"),
        ("first byte", f"{first * 1000:.0f} ms"),
        ("rate", f"{came / seconds / 2**20:.0f} MB/s"),
        ("memory more, at its most", f"{(most - before) / 1024:.0f} MB (target: < 64)"),
        ("read on within a second after a client left", f"{(after - read) / 2**20:.0f} MB"),
        ("and two seconds later", f"{(bytes_read(pid) - after) / 2**20:.0f} MB (target: 0)"),
    ]


def web_process(studio: Studio) -> int:
    assert studio.process
    for pid in descendants(studio.process.pid):
        if "uvicorn" in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
            return pid
    raise RuntimeError("There is no web process.")


def memory(pid: int) -> int:
    """kB of its own: what pages of files are kept for others does not count."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:"))


def bytes_read(pid: int) -> int:
    return int(Path(f"/proc/{pid}/io").read_text().split("rchar: ")[1].split()[0])


if __name__ == "__main__":
    main()
