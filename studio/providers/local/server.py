"""The built-in engine as a process of its own, on this machine only:

    STUDIO_ENGINE_TOKEN=… python -m studio.providers.local.server --port 8101 --spool DIR

Numpy and what draws with it are loaded by its renderers alone, so that it is small while nothing is asked of it."""

import argparse
import os
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import uvicorn

from .api import Api
from .easel import Easel
from .spool import Spool


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until SIGTERM or SIGINT. Port 0 takes a free one; the address is the first line on standard output."""
    options = _options(arguments)
    token = os.environ.pop("STUDIO_ENGINE_TOKEN", "")
    if not token:
        sys.stderr.write("Set STUDIO_ENGINE_TOKEN to a long random text that its clients know as well.\n")
        return 2
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    listener.listen(128)  # whoever reads the address may connect at once
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    spool = Spool(options.spool, keep=timedelta(hours=options.keep_hours), keep_bytes=options.keep_mb * 2**20)
    api = Api(spool, Easel(spool), token=token, base=base)
    config = uvicorn.Config(
        api, log_level="warning", access_log=False, lifespan="on", ws="none", timeout_graceful_shutdown=1
    )
    sys.stdout.write(f"The built-in engine listens on {base}\n")
    sys.stdout.flush()
    # uvicorn raises the signal that stopped it again, once all is closed: here that is a good end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m studio.providers.local.server", description="The built-in engine")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--spool", type=Path, required=True, help="the folder for its jobs and their outputs")
    parser.add_argument("--keep-hours", type=float, default=24.0, help="how long finished jobs are kept (24)")
    parser.add_argument("--keep-mb", type=int, default=4096, help="how large all outputs together may be (4096)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
