"""`manage.py check --deploy`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio import checks

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fresh(tmp_path):
    """Runs a command of a fresh installation with such settings."""

    def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "STUDIO_DATA": str(tmp_path / "data"), **environ},
            capture_output=True,
            text=True,
        )

    return run


@pytest.mark.parametrize(
    "environ",
    [{}, {"STUDIO_PUBLIC_URL": "https://studio.example.com", "STUDIO_HOST": "0.0.0.0"}],
    ids=["as it comes", "behind a proxy"],
)
def test_safe_settings_pass_without_a_word(fresh, environ):
    checked = fresh("check", "--deploy", "--fail-level", "WARNING", **environ)
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


def test_what_others_can_read_on_the_way_is_said(fresh):
    checked = fresh("check", "--deploy", "--fail-level", "WARNING", STUDIO_HOST="0.0.0.0")
    assert checked.returncode == 1
    assert "studio.W002" in checked.stderr


def ids(found) -> list[str]:
    return [message.id for message in found]


@pytest.mark.parametrize(
    ("public", "hosts", "listens", "expected"),
    [
        ("", ["127.0.0.1"], "127.0.0.1", []),
        ("", ["127.0.0.1"], "::1", []),
        ("", ["127.0.0.1"], "192.168.1.5", ["studio.W002"]),
        ("http://localhost:8000", ["localhost"], "127.0.0.1", []),
        ("http://studio.example.com", ["studio.example.com"], "127.0.0.1", ["studio.W001"]),
    ],
)
def test_plain_http_is_for_this_machine_alone(settings, public, hosts, listens, expected):
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS, settings.HOST = public, hosts, listens
    assert ids(checks.public_address()) == expected


def test_https_is_fine_on_any_interface(settings):
    settings.SECURE, settings.PUBLIC_URL, settings.HOST = True, "https://studio.example.com", "0.0.0.0"
    assert ids(checks.public_address()) == []


@pytest.mark.parametrize(
    ("debug", "listens", "expected"),
    [(True, "0.0.0.0", ["studio.E003"]), (True, "127.0.0.1", []), (False, "0.0.0.0", [])],
)
def test_debug_is_for_this_machine_alone(settings, debug, listens, expected):
    settings.DEBUG, settings.HOST = debug, listens
    assert ids(checks.debug_for_others()) == expected


@pytest.mark.parametrize(("mode", "expected"), [(0o600, []), (0o640, ["studio.E002"]), (0o604, ["studio.E002"])])
def test_the_secret_is_its_owners_alone(settings, tmp_path, mode, expected):
    settings.DATA = tmp_path
    (tmp_path / "secret_key").write_text("secret")
    (tmp_path / "secret_key").chmod(mode)
    assert ids(checks.secret_key_file()) == expected


def test_without_a_file_there_is_nothing_to_guard(settings, tmp_path):
    settings.DATA = tmp_path
    assert ids(checks.secret_key_file()) == []


def test_a_data_folder_that_cannot_be_written_is_said(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path
    assert ids(checks.data_folder()) == []
    monkeypatch.setattr(os, "access", lambda *args: False)
    assert ids(checks.data_folder()) == ["studio.E001"]
