"""The process that renders one job: `python -m studio.providers.local.worker JOB.json OUTPUT`.

It writes its progress as lines on standard output, a share from 0 to 1 each. Exit status 0 means that the file is
whole, 2 that the job cannot be done (the reason is the last line). It ends at once when its standard input closes,
which is what happens when its parent dies, however that dies."""

import os
import sys
import threading
from pathlib import Path

import orjson

from .job import RenderJob
from .options import BadInputError
from .render import render


def _end_with_parent() -> None:
    os.read(0, 1)
    os._exit(3)


def _say(share: float) -> None:
    sys.stdout.write(f"{share:.4f}\n")
    sys.stdout.flush()


def main(source: str, target: str) -> int:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(10)
    stored = orjson.loads(Path(source).read_bytes())
    out = Path(target)
    out.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        render(RenderJob.checked(stored["engine"], stored["inputs"], stored["preset"]), out, _say)
    except BadInputError as error:
        sys.stdout.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
