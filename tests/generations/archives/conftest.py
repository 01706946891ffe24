"""Jobs with small files of their own, as the pages' tests have them, and imports as the worker does them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from generations.archives import exporting, importing, running
from generations.models import Archive
from tests.generations.pages.conftest import keep

__all__ = ["keep"]

Take = Callable[..., Archive]


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, said in files.items():
            archive.writestr(name, said)
    return content.getvalue()


@pytest.fixture
def take(media: Path) -> Take:
    """Takes files in for somebody, and answers what came of it."""

    def take(owner: User, **files: bytes) -> Archive:
        given = [SimpleUploadedFile(name.replace("__", "."), content) for name, content in files.items()]
        archive = importing.start(owner, given)
        running.run(archive.pk)
        archive.refresh_from_db()
        return archive

    return take


@pytest.fixture
def exported(media: Path) -> Callable[[User], bytes]:
    def exported(owner: User) -> bytes:
        archive = exporting.start(owner)
        assert archive
        running.run(archive.pk)
        archive.refresh_from_db()
        assert (archive.state, archive.error) == ("done", "")
        return Path(media, archive.file).read_bytes()

    return exported
