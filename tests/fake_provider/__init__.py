"""A provider to test against: it speaks one of several wire formats, counts what it receives and fails on demand.

In a test:

    with serve_in_thread(FakeProvider(polls=2)) as fake:
        fake.url, fake.jobs, fake.counts()
        fake.fault("create", "hang", after=True, prompt="a red fox", times=1)

As a process of its own: `with run_process(seconds=3) as remote:` in Python, `python -m tests.fake_provider --port 9000`
by hand; `POST /_control` then takes what `FakeProvider.control` takes, `GET /_control` answers `counts()`.

It speaks GPU Studio's format unless told otherwise: `FakeProvider(wire="wavespeed", models=800)`,
`run_process(wire="wavespeed", models=800)`, `--wire wavespeed --models 800`. wire.py says how to add another.
"""

from tests.fake_provider.faults import Fault
from tests.fake_provider.jobs import Job
from tests.fake_provider.provider import FakeProvider
from tests.fake_provider.server import Remote, run_process, serve_in_thread

__all__ = ["FakeProvider", "Fault", "Job", "Remote", "run_process", "serve_in_thread"]
