"""Renders the spool's jobs, one after the other, each in a process of its own."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process

from .spool import Job, Spool

MOST_ATTEMPTS = 3
CLEAN_EVERY = 600.0  # seconds
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Easel:
    """Holds at most one renderer. `run()` is its life; `wake()` says that there is a new job."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.current: tuple[Job, Process] | None = None
        self._news = asyncio.Event()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Renders until it is cancelled; the renderer ends with it, and its job is rendered anew at the next start."""
        while True:
            self._news.clear()
            self.spool.clean()
            while job := self.spool.waiting():
                await self._render(job)
            try:
                await asyncio.wait_for(self._news.wait(), CLEAN_EVERY)
            except TimeoutError:
                continue

    def cancel(self, job: Job) -> None:
        """Ends a job, in the middle of its rendering too."""
        if self.current and self.current[0] is job:
            _kill(self.current[1])
        self.spool.finish(job, "cancelled")

    async def _render(self, job: Job) -> None:
        job.status, job.progress = "processing", 0
        self.spool.save(job)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "studio.providers.local.worker",
            str(self.spool.path_of(job)), str(self.spool.output_of(job)),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={**os.environ, **ONE_THREAD},
        )  # fmt: skip
        self.current = job, process
        try:
            if job.final:
                _kill(process)
            reason = await self._follow(job, process)
            self._conclude(job, await process.wait(), reason)
        finally:
            _kill(process)
            self.current = None

    async def _follow(self, job: Job, process: Process) -> str:
        """Takes in progress until the renderer closes its output; its last other line is why it could not."""
        assert process.stdout is not None
        reason = ""
        async for line in process.stdout:
            try:
                job.progress = max(job.progress, min(99, int(float(line) * 100)))
            except ValueError:
                reason = line.decode(errors="replace").strip()
        return reason

    def _conclude(self, job: Job, status: int, reason: str) -> None:
        """Ends the job as its renderer ended. One that died by itself leaves its job for another attempt."""
        if status == 0:
            self.spool.finish(job, "completed")
        elif status == 2:
            self.spool.finish(job, "failed", error=reason)
        elif not job.final:
            job.attempts += 1
            if job.attempts < MOST_ATTEMPTS:
                self.spool.save(job)
            else:
                self.spool.finish(job, "failed", error="The renderer stopped three times; it may lack memory.")


def _kill(process: Process) -> None:
    if process.returncode is None:
        try:
            process.send_signal(signal.SIGKILL)
        except ProcessLookupError:
            return
