"""A Studio of its own for a benchmark of pages: an empty database, gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def empty_studio() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "studio.settings", "STUDIO_DATA": scratch, "STUDIO_LOG_FORMAT": "text"}
        import django  # noqa: PLC0415  the settings read the environment once

        django.setup()
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        from studio.asgi import set_aside_what_stays  # noqa: PLC0415

        set_aside_what_stays()
        yield
