"""What the worker is called with: the id of an archive to make, or to take in."""

from __future__ import annotations

from uuid import UUID

from generations.archives import exporting, importing, working
from generations.models import Archive

WORK = {Archive.Kind.EXPORT.value: exporting.work, Archive.Kind.IMPORT.value: importing.work}


def run(archive_id: UUID) -> None:
    """Called twice, it is done once."""
    if archive := working.claim(archive_id):
        working.carry_out(archive, WORK[archive.kind])
