import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.lib import process
from studio.lib.process import is_alive, me

ANOTHER = "from studio.lib.process import me; print(me(), flush=True); input()"


@pytest.fixture
def another():
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        yield child
        child.kill()


def test_i_am_alive():
    assert is_alive(me()) is True
    assert me() == me()


def test_another_process_is_told_alive_from_dead(another):
    identity = another.stdout.readline().strip()
    assert identity != me()
    assert is_alive(identity) is True
    another.kill()
    os.waitid(os.P_PID, another.pid, os.WEXITED | os.WNOWAIT)
    assert is_alive(identity) is False  # a zombie, not yet reaped
    another.wait()
    assert is_alive(identity) is False


def test_a_number_that_was_handed_out_again_is_another_process():
    host, pid, start = me().rsplit("/", 2)
    assert is_alive(f"{host}/{pid}/{int(start) - 1}") is False


def test_of_another_host_it_cannot_be_told():
    _, pid, start = me().rsplit("/", 2)
    assert is_alive(f"elsewhere/{pid}/{start}") is None


def test_without_proc_the_number_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, another):
    monkeypatch.setattr(process, "PROC", tmp_path)
    process._host.cache_clear()
    try:
        host, pid, start = me().rsplit("/", 2)
        assert (int(pid), start) == (os.getpid(), "")
        assert is_alive(me()) is True
        another.kill()
        another.wait()
        assert is_alive(f"{host}/{another.pid}/") is False
    finally:
        process._host.cache_clear()
