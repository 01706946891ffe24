"""`manage.py worker` with shorter waits, for tests that kill it."""

import os
from datetime import timedelta

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
django.setup()

from generations import outcomes  # noqa: E402  needs Django
from generations.shift import claims, pace  # noqa: E402

if __name__ == "__main__":
    pace.LOOKUPS = (0.3, 0.5)
    pace.interval = lambda *_: 0.3
    claims.HOLD = timedelta(seconds=2)
    outcomes.FIRST_LOOKUP = timedelta(seconds=0.3)
    call_command("worker")
