"""README keeps step with what there is to set and to run."""

import re
from collections import Counter
from pathlib import Path

import pytest

from studio.environment import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = sorted(
    path.stem
    for path in ROOT.glob("*/management/commands/*.py")
    if path.stem != "__init__" and ".venv" not in path.parts
)


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text()


def test_every_setting_has_one_row_and_nothing_else_has(readme):
    rows = re.findall(r"(?m)^\| `([A-Z][A-Z_]+)` \|", readme)
    assert Counter(rows) == Counter(variable.name for variable in VARIABLES)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_named(readme, command):
    assert f"manage.py {command}" in readme


def test_every_target_of_make_is_there(readme):
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))
    assert set(re.findall(r"`make ([a-z-]+)", readme)) <= targets


def test_what_the_map_names_is_there(readme):
    place = ROOT
    for line in readme.partition("## How it is built")[2].split("```")[1].strip().splitlines():
        if not line.startswith(" "):
            place = ROOT / line.split("/")[0]
        names = re.findall(r"(?<![\w/.])(\w+(?:/|\.py))", line)
        assert names
        for name in names:
            folders = (ROOT, place, place / "providers", place / "views", place / "chats")
            assert any((folder / name).exists() for folder in folders), name
