"""Real children of a real supervisor, which is a process of its own, as in life."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.lib.process import is_alive

# A child that notes who it is and, when asked, has a worker in its group. It stops on SIGTERM, unless deaf.
CHILD = """
import os, signal, subprocess, sys, time
from studio.lib.process import me
folder, name, *traits = sys.argv[1:]
def note(line):
    with open(os.path.join(folder, name), "a") as file:
        file.write(line + "\\n")
def stop(*_):
    note("stopped politely")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in traits else stop)
if "worker" in traits:
    subprocess.Popen([sys.executable, __file__, folder, name + "-worker", "deaf"])
note(me())
if "brief" in traits:
    sys.exit(3)
while True:
    time.sleep(60)
"""

SUPERVISOR = """
import json, os, sys
from pathlib import Path
from studio.lib.supervise import Child, Supervisor
folder = Path(sys.argv[1])
def say(event, **fields):
    with open(folder / "log", "a") as file:
        file.write(json.dumps({"event": event} | fields) + "\\n")
def child(name, *traits, **options):
    argv = [sys.executable, str(folder / "child.py"), str(folder), name, *traits]
    return Child(name=name, argv=argv, **options)
def noted(name):
    return (folder / name).exists()
"""


class Stage:
    """A folder in which the children leave their identities, and the supervisor its log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "child.py").write_text(CHILD)

    def start(self, script: str) -> subprocess.Popen[bytes]:
        (self.folder / "supervisor.py").write_text(SUPERVISOR + textwrap.dedent(script))
        root = str(Path(__file__).parents[2])
        self.supervisor = subprocess.Popen(
            [sys.executable, str(self.folder / "supervisor.py"), str(self.folder)],
            env=os.environ | {"PYTHONPATH": root},
            start_new_session=True,
        )
        return self.supervisor

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def lives(self, name: str) -> list[str]:
        return [line for line in self.lines(name) if "/" in line]

    def said(self, event: str) -> list[dict[str, Any]]:
        return [entry for entry in map(json.loads, self.lines("log")) if entry["event"] == event]

    def identity(self, name: str, life: int = 0) -> str:
        until(lambda: len(self.lives(name)) > life)
        return self.lives(name)[life]

    def kill(self, identity: str) -> None:
        os.kill(int(identity.split("/")[1]), signal.SIGKILL)

    def end(self) -> None:
        if self.supervisor.poll() is None:
            self.supervisor.terminate()
            self.supervisor.wait(20)
        for path in self.folder.iterdir():
            for identity in self.lives(path.name) if path.suffix == "" and path.name != "log" else []:
                if is_alive(identity):
                    self.kill(identity)


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    """Waits for what has to come; the limit is only for a test that fails."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.end()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_they_start_together_and_stop_politely_together(stage: Stage, number):
    supervisor = stage.start("Supervisor([child('web'), child('worker')], say=say).run()")
    web, worker = stage.identity("web"), stage.identity("worker")
    supervisor.send_signal(number)
    assert supervisor.wait(10) == 0
    assert stage.lines("web") == [web, "stopped politely"]
    assert stage.lines("worker") == [worker, "stopped politely"]
    assert stage.said("stopping")[0]["signal"] == number.name
    assert [entry["child"] for entry in stage.said("child.started")] == ["web", "worker"]


def test_a_childs_group_is_killed_when_its_main_process_stops(stage: Stage):
    """The worker is deaf to SIGTERM; the main process, which alone gets it, is not."""
    supervisor = stage.start("Supervisor([child('web', 'worker')], say=say).run()")
    worker = stage.identity("web-worker")
    supervisor.terminate()
    assert supervisor.wait(10) == 0
    assert stage.lines("web")[-1] == "stopped politely"
    until(lambda: not is_alive(worker))


def test_a_deaf_child_is_killed_after_its_grace(stage: Stage):
    supervisor = stage.start("Supervisor([child('deaf', 'deaf', 'worker')], say=say, grace=0.3).run()")
    deaf, worker = stage.identity("deaf"), stage.identity("deaf-worker")
    supervisor.terminate()
    assert supervisor.wait(10) == 0
    assert not is_alive(deaf)
    until(lambda: not is_alive(worker))


def test_a_second_signal_does_not_wait_for_the_grace(stage: Stage):
    supervisor = stage.start("Supervisor([child('deaf', 'deaf')], say=say, grace=600).run()")
    deaf = stage.identity("deaf")
    supervisor.send_signal(signal.SIGINT)
    until(lambda: stage.said("stopping"))
    assert supervisor.poll() is None
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(10) == 0
    assert not is_alive(deaf)


def test_a_killed_child_is_started_again_at_once_without_what_it_left(stage: Stage):
    stage.start("Supervisor([child('web', 'worker'), child('other')], say=say).run()")
    first, left, other = stage.identity("web"), stage.identity("web-worker"), stage.identity("other")
    stage.kill(first)
    second = stage.identity("web", life=1)
    assert is_alive(second)
    assert not is_alive(first)
    until(lambda: not is_alive(left))
    assert stage.lives("other") == [other]
    (died,) = stage.said("child.died")
    assert (died["child"], died["status"], died["again_in_seconds"]) == ("web", "SIGKILL", 0)


def test_a_child_that_keeps_dying_is_started_later_and_later(stage: Stage):
    supervisor = stage.start("Supervisor([child('brief', 'brief')], say=say, longest_pause=0.1).run()")
    until(lambda: len(stage.said("child.died")) >= 3)
    died = stage.said("child.died")
    assert died[0]["status"] == "exit 3"
    assert died[0]["again_in_seconds"] == 0
    assert all(0.5 <= entry["again_in_seconds"] <= 0.6 for entry in died[1:])
    supervisor.terminate()
    assert supervisor.wait(10) == 0


def test_children_die_with_a_killed_supervisor_and_so_do_their_groups(stage: Stage):
    supervisor = stage.start("Supervisor([child('web', 'worker'), child('deaf', 'deaf')], say=say, grace=0.3).run()")
    family = [stage.identity(name) for name in ("web", "web-worker", "deaf")]
    until(lambda: len(stage.said("child.ready")) == 2)
    supervisor.kill()
    supervisor.wait()
    until(lambda: not any(is_alive(identity) for identity in family))
    assert stage.lines("web")[-1] == "stopped politely"


def test_a_watch_has_a_hung_child_killed_and_started_again(stage: Stage):
    stage.start(
        """
        def hung(age):
            assert age >= 0
            if noted("hang-now"):
                (folder / "hang-now").unlink()
                return "no heartbeat"
        Supervisor([child('cluster', 'deaf', 'worker', watch=hung)], say=say, grace=600).run()
        """
    )
    first, left = stage.identity("cluster"), stage.identity("cluster-worker")
    (stage.folder / "hang-now").touch()
    second = stage.identity("cluster", life=1)
    assert is_alive(second)
    assert not is_alive(first)
    until(lambda: not is_alive(left))
    assert stage.said("child.died")[0]["reason"] == "no heartbeat"
    stage.supervisor.send_signal(signal.SIGTERM)
    until(lambda: stage.said("stopping"))
    stage.supervisor.send_signal(signal.SIGTERM)
    assert stage.supervisor.wait(10) == 0


def test_it_says_once_when_all_are_ready(stage: Stage):
    stage.start(
        """
        Supervisor(
            [child('web', ready=lambda: noted("open")), child('worker')], say=say, on_ready=lambda: say("all ready")
        ).run()
        """
    )
    web = stage.identity("web")
    until(lambda: stage.said("child.ready"))
    assert [entry["child"] for entry in stage.said("child.ready")] == ["worker"]
    assert not stage.said("all ready")
    (stage.folder / "open").touch()
    until(lambda: stage.said("all ready"))
    stage.kill(web)
    until(lambda: len(stage.said("child.ready")) == 3)
    assert len(stage.said("all ready")) == 1


def test_a_callback_that_fails_leaves_nobody_behind(stage: Stage):
    supervisor = stage.start("Supervisor([child('web', watch=lambda age: 1 / (not noted('web')))], say=say).run()")
    web = stage.identity("web")
    assert supervisor.wait(10) == 1
    assert not is_alive(web)


def test_a_child_gets_its_environment_beside_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    stage = Stage(tmp_path)
    monkeypatch.setenv("OURS", "kept")
    stage.start(
        """
        code = "import os; open(os.environ['TO'], 'w').write(os.environ['OURS'] + ' ' + os.environ['ITS'] + '/')"
        env = {"ITS": "own", "TO": str(folder / "web")}
        Supervisor([Child(name="web", argv=[sys.executable, "-c", code], env=env)], say=say).run()
        """
    )
    assert stage.identity("web") == "kept own/"
    stage.supervisor.terminate()
    assert stage.supervisor.wait(10) == 0
