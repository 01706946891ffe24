"""Several child processes as one: they start together, one that dies is started again, and all of them stop.

Each child leads a session of its own, so a Ctrl-C reaches only us and what it leaves behind can be ended as a
group. Beside each stands a guard, a shell that waits for our end of a pipe to close: however we die, it ends them.

To stop a child, SIGTERM goes to its main process alone: a cluster that forwards it to its workers itself hangs when
they have had it already. Only after `grace` seconds is the whole group killed.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

from studio.lib.retry_after import backoff

TICK = 0.25  # seconds between looks at the callbacks; a death is noticed at once
STEADY = 10.0  # a child that lived this many seconds had started well
GUARD = """
read -r _
kill -s TERM "$1"
tenths=$2
while [ "$tenths" -gt 0 ] && kill -s 0 -- "-$1"; do sleep 0.1; tenths=$((tenths - 1)); done
kill -s KILL -- "-$1"
"""


class Say(Protocol):
    """One event for the log, such as `say("child.died", child="web", status="exit 1")`."""

    def __call__(self, event: str, /, **fields: object) -> object: ...


@dataclass(frozen=True, kw_only=True)
class Child:
    """What to run. `env` is added to ours.

    `ready` is asked until it says yes. `watch` is asked with the child's age in seconds and may answer why the
    child has to be killed and started again. Both are asked four times a second, so they must be quick.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    watch: Callable[[float], str | None] | None = None


class Supervisor:
    """Runs the children until SIGINT or SIGTERM; a second signal does not wait for their grace to end.

    `on_ready` is called once, when every child has been ready.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        say: Say,
        grace: float = 10.0,
        on_ready: Callable[[], object] | None = None,
        longest_pause: float = 30.0,
    ) -> None:
        self._runners = [_Runner(child, say, grace, longest_pause) for child in children]
        self._say = say
        self._grace = grace
        self._on_ready = on_ready
        self._signals: list[int] = []

    def run(self) -> None:
        """Returns when every child has ended. Call it from the main thread of a process without other threads."""
        with self._listening() as wake_up:
            try:
                self._keep_up(wake_up)
            finally:
                self._stop(wake_up)

    def _keep_up(self, wake_up: int) -> None:
        while not self._signals:
            now = time.monotonic()
            for runner in self._runners:
                runner.tick(now)
            self._announce()
            _wait(wake_up, TICK)
        self._say("stopping", signal=signal.Signals(self._signals[0]).name)

    def _announce(self) -> None:
        if self._on_ready and all(runner.was_ready for runner in self._runners):
            on_ready, self._on_ready = self._on_ready, None
            on_ready()

    def _stop(self, wake_up: int) -> None:
        for runner in self._runners:
            runner.terminate()
        signals, deadline = len(self._signals), time.monotonic() + self._grace
        while any(runner.is_running() for runner in self._runners):
            if time.monotonic() > deadline or len(self._signals) > signals:
                break
            _wait(wake_up, TICK)
        for runner in self._runners:
            runner.kill()
        self._say("stopped")

    @contextmanager
    def _listening(self) -> Iterator[int]:
        """Yields a descriptor that becomes readable with each signal, a child's death among them."""
        wake_up, write = os.pipe()
        os.set_blocking(wake_up, False)
        os.set_blocking(write, False)
        before_fd = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        before = {
            signal.SIGINT: signal.signal(signal.SIGINT, self._note),
            signal.SIGTERM: signal.signal(signal.SIGTERM, self._note),
            signal.SIGCHLD: signal.signal(signal.SIGCHLD, _ignore),
        }
        try:
            yield wake_up
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before_fd)
            os.close(wake_up)
            os.close(write)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._signals.append(number)


class _Runner:
    """One child through all of its lives."""

    def __init__(self, child: Child, say: Say, grace: float, longest_pause: float) -> None:
        self._child = child
        self._say = say
        self._grace = grace
        self._longest_pause = longest_pause
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at = 0.0
        self._early_deaths = 0
        self._is_ready = False
        self.was_ready = False

    def tick(self, now: float) -> None:
        if self._process is None:
            if now >= self._start_again_at:
                self._start(now)
        elif not self.is_running():
            self._bury(now, "it ended")
        elif reason := self._complaint(now):
            self._bury(now, reason)
        elif not self._is_ready and (self._child.ready is None or self._child.ready()):
            self._is_ready = self.was_ready = True
            self._say("child.ready", child=self._child.name, seconds=round(now - self._started_at, 1))

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def terminate(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> str:
        """Ends the whole group and says how its main process ended."""
        if self._process is None or self._guard is None:
            return ""
        with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            os.killpg(self._process.pid, signal.SIGKILL)
        status = self._process.wait()
        self._guard.kill()
        self._guard.communicate()
        self._process = self._guard = None
        return f"exit {status}" if status >= 0 else signal.Signals(-status).name

    def _start(self, now: float) -> None:
        self._process = subprocess.Popen(  # noqa: S603  # the operator's own commands
            list(self._child.argv),
            env=os.environ | self._child.env,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._guard = _guard(self._process.pid, self._grace)
        self._started_at = now
        self._is_ready = False
        self._say("child.started", child=self._child.name, pid=self._process.pid)

    def _complaint(self, now: float) -> str | None:
        return self._child.watch(now - self._started_at) if self._child.watch else None

    def _bury(self, now: float, reason: str) -> None:
        """Ends what is left of it and plans its next start: at once, or later and later when it keeps dying early."""
        status = self.kill()
        self._early_deaths = 0 if now - self._started_at >= STEADY else self._early_deaths + 1
        pause = 0.0
        if self._early_deaths > 1:
            pause = 0.5 + backoff(self._early_deaths - 1, base=0.5, cap=self._longest_pause)
        self._start_again_at = now + pause
        self._say("child.died", child=self._child.name, reason=reason, status=status, again_in_seconds=round(pause, 1))


def _guard(pid: int, grace: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603
        ["/bin/sh", "-c", GUARD, "guard", str(pid), str(round(grace * 10))],
        stdin=subprocess.PIPE,  # nothing is ever written to it, and no other child inherits its end
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait(wake_up: int, seconds: float) -> None:
    if select.select([wake_up], [], [], seconds)[0]:
        with suppress(BlockingIOError):
            os.read(wake_up, 4096)


def _ignore(number: int, frame: FrameType | None) -> None:
    """Just so that the signal wakes us up."""
