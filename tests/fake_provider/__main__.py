"""`python -m tests.fake_provider --port 9000`: prints its address, then serves until it is stopped."""

from __future__ import annotations

import argparse

from tests.fake_provider.app import App
from tests.fake_provider.provider import FakeProvider
from tests.fake_provider.wires import WIRES
from tests.fakes import listen, server


def main() -> None:
    parser = argparse.ArgumentParser(prog="fake_provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--polls", type=int, default=2, help="reads that complete a job")
    parser.add_argument("--seconds", type=float, help="time that completes a job, instead of reads")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--cancel-status", type=int, default=200, choices=(200, 202, 204))
    parser.add_argument("--any-id", type=int, default=0, help="1: a job id never given out is of a job without end")
    parser.add_argument("--wire", default="gpu", choices=sorted(WIRES))
    known, _ = parser.parse_known_args()
    settings = WIRES[known.wire].settings
    for name, default in settings.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default, help="of the wire")
    given = parser.parse_args()
    fake = FakeProvider(
        wire=given.wire,
        polls=given.polls,
        seconds=given.seconds,
        latency=given.latency,
        cancel_status=given.cancel_status,
        known_only=not given.any_id,
        **{name: getattr(given, name) for name in settings},
    )
    sock = listen(fake, given.port)
    app = App(fake, lambda: print(fake.url, flush=True))
    server(app).run(sockets=[sock])


if __name__ == "__main__":
    main()
