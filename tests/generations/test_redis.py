"""The queue on a real Redis: a worker takes its tasks from there, and a job is made as on the database's queue."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
import redis

from tests.generations.conftest import make_job, until_state
from tests.generations.test_killed import ROOT, database_url, remote  # noqa: F401  the fixture is used by name

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("redis-server"), reason="no redis-server on this machine"),
]


@pytest.fixture
def redis_url() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        url = f"redis://127.0.0.1:{port}/0"
        with redis.Redis.from_url(url) as client:
            for _ in range(100):
                with suppress(redis.ConnectionError):
                    if client.ping():
                        break
                time.sleep(0.05)
        yield url
        server.terminate()
        server.wait()


def test_a_job_is_made_with_the_queue_on_redis(remote, key, settings, redis_url):  # noqa: F811
    job = make_job(key)
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "STUDIO_DATA": str(settings.DATA),
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis_url,
        "STUDIO_WAYSCLOUD_GPU_URL": remote.url,
        "STUDIO_PRIVATE_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "manage.py", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
    try:
        until_state(job, "succeeded", seconds=60)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(20)
