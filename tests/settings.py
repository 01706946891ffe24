"""The site's settings for tests: nothing of the host's, nothing in the project's data folder, nothing slow."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from studio import environment

KEPT = {"DATABASE_URL", "REDIS_URL"}  # the suite also runs on other databases

for variable in environment.VARIABLES:
    if variable.name not in KEPT:
        os.environ.pop(variable.name, None)
os.environ["STUDIO_DATA"] = tempfile.mkdtemp(prefix="studio-tests-")
os.environ["STUDIO_OIDC_ISSUER"], os.environ["STUDIO_OIDC_CLIENT_ID"] = "https://login.test", "studio"
atexit.register(shutil.rmtree, os.environ["STUDIO_DATA"], ignore_errors=True)

from studio.settings import *  # noqa: E402, F403  after the environment is set
from studio.settings import DATA, DATABASES, STORAGES  # noqa: E402

OIDC_APP: dict[str, object] = {}  # its code is there; a test that wants a provider says so
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
(Path(DATA) / "static").mkdir(exist_ok=True)  # WhiteNoise warns where there is none
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in real life: threads each have a connection of their own, and wait for each other.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(DATA) / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
