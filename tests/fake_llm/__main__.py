"""`python -m tests.fake_llm --port 9000`: prints its address, then serves until it is stopped."""

from __future__ import annotations

import argparse
import os
import sys
import threading

from tests.fake_llm.app import App
from tests.fake_llm.llm import FakeLlm
from tests.fakes import listen, server


def end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="fake_llm", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--speed", type=float, default=1.0, help="divides every pause")
    parser.add_argument("--keyed", type=int, default=0, help="1: it answers nobody without a key")
    parser.add_argument("--with-parent", type=int, default=0, help="1: it ends when its standard input does")
    given = parser.parse_args()
    if given.with_parent:
        threading.Thread(target=end_with_parent, daemon=True).start()
    llm = FakeLlm(speed=given.speed, keyed=bool(given.keyed))
    sock = listen(llm, given.port)
    server(App(llm, lambda: print(llm.url, flush=True))).run(sockets=[sock])


if __name__ == "__main__":
    main()
