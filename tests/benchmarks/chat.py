"""Many replies at once through one web process, beside the same model read directly and beside nginx relaying it.

    python -m tests.benchmarks.chat [--streams 200] [--rate 100] [--window 10] [--ramp 20] [--parts direct,nginx,…]

Each stream is a conversation whose page is open and in which one message is sent; the model (a process of its own)
answers by the clock, a chunk for each token. Times to the first token begin with the POST, so those of Studio have all
of the request in them: session, form, the records, the claim; they are also given from when the reply was written down
to be asked for. CPU and memory are of the process that relays, within a window in which all streams are under way. What
a token costs in a long reply is measured in a process by itself, without the network: see chat_cost.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from tests.benchmarks.chat_web import ROOT, Prepared, Served, nginx, studio
from tests.benchmarks.figures import percentile, table
from tests.fake_llm import Remote, run_process
from tests.fake_llm.scripts import answer

PARTS = ("direct", "nginx", "studio", "cost")
# The first token that can be shown: "##" before it is nothing yet.
MARKS_OF_THE_MODEL = {"first": '"delta":{"content":" Part"', "last": "[DONE]"}
MARKS_OF_STUDIO = {"first": '"html":', "last": '"done":true'}
TOKEN = "s" * 32


@dataclass
class Run:
    """What one way of reading gave: seconds to the first token and of each stream, and what the relay used."""

    first: list[float]
    took: list[float]
    first_at: list[float] = field(default_factory=list)  # on the wall's clock, in the order of the plan
    written: list[float] = field(default_factory=list)  # to the first token from when the reply was written down
    right: int = 0  # replies that are what the model said
    cpu: float = 0.0  # seconds of it for each token
    busy: float = 0.0  # of one core
    threads: int = 0  # more than before
    grown: int = 0  # kB
    memory: int = 0  # kB


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--ramp", type=float, default=20.0)
    parser.add_argument("--window", type=float, default=10.0)
    parser.add_argument("--parts", default=",".join(PARTS))
    given = parser.parse_args()
    parts = given.parts.split(",")
    runs: dict[str, Run] = {}
    with run_process() as llm:
        if "direct" in parts:
            runs["direct"] = read(given, plan_of_the_model(given, llm, llm.url), None)
        if "nginx" in parts:
            with nginx(llm.url) as relay:
                if relay is None:
                    print("nginx is not installed (Debian: nginx-light): nothing to compare the CPU with.")
                else:
                    runs["nginx"] = read(given, plan_of_the_model(given, llm, f"http://127.0.0.1:{relay.port}"), relay)
        if "studio" in parts:
            with ExitStack() as stack:
                served, prepared = stack.enter_context(studio(llm.url, given.streams + 3))
                warm_up(given, served, prepared)
                runs["studio"] = compared(read(given, plan_of_studio(given, served, prepared), served), prepared, given)
    if runs:
        title = f"Chat: {given.streams} streams of {given.rate} tokens a second through one process"
        table(title, list(rows(runs, given)))
    if "cost" in parts:
        subprocess.run([sys.executable, "-m", "tests.benchmarks.chat_cost"], cwd=ROOT, check=True)
    return 0


def compared(run: Run, prepared: Prepared, given: argparse.Namespace) -> Run:
    """With what the database knows of it."""
    replies, text = prepared.replies(), answer(message(given))[0]
    for conversation, first_at in zip(prepared.conversations, run.first_at, strict=False):
        written_at, found = replies[conversation]
        run.written.append(first_at - written_at)
        run.right += found == text
    return run


def message(given: argparse.Namespace) -> str:
    return f"[rate {given.rate} {int(given.rate * (given.ramp + given.window + 3))}]"


def plan_of_the_model(given: argparse.Namespace, llm: Remote, url: str) -> dict[str, Any]:
    port = int(url.rpartition(":")[2])
    body = json.dumps(
        {
            "model": "fake-small",
            "messages": [{"role": "user", "content": message(given)}],
            "stream": True,
        }
    )
    ask = request("POST", "/v1/chat/completions", port, body, "application/json")
    streams = [{"watch": "", "ask": ask}] * given.streams
    return {"host": "127.0.0.1", "port": port, "ramp": given.ramp, "streams": streams, **MARKS_OF_THE_MODEL}


def plan_of_studio(given: argparse.Namespace, served: Served, prepared: Prepared) -> dict[str, Any]:
    said = message(given)
    streams = [page(served, prepared, conversation, said) for conversation in prepared.conversations[: given.streams]]
    return {"host": "127.0.0.1", "port": served.port, "ramp": given.ramp, "streams": streams, **MARKS_OF_STUDIO}


def page(served: Served, prepared: Prepared, conversation: str, said: str) -> dict[str, str]:
    """An open page of a conversation, and its form as it is sent."""
    cookie = f"Cookie: sessionid={prepared.session}; csrftoken={TOKEN}\r\n"
    fields = {"text": said, "model": prepared.model, "click": str(uuid4()), "csrfmiddlewaretoken": TOKEN}
    form = "application/x-www-form-urlencoded"
    return {
        "watch": request("GET", f"/live/chat/{conversation}/", served.port, headers=cookie),
        "ask": request(
            "POST",
            f"/chat/{conversation}/say/",
            served.port,
            urlencode(fields),
            form,
            f"{cookie}HX-Request: true\r\nConnection: close\r\n",
        ),
    }


def request(method: str, path: str, port: int, body: str = "", content_type: str = "", headers: str = "") -> str:
    content = f"Content-Type: {content_type}\r\nContent-Length: {len(body.encode())}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}{content}\r\n{body}"


def warm_up(given: argparse.Namespace, served: Served, prepared: Prepared) -> None:
    """The templates are read, the parser is made."""
    said = f"[rate {given.rate} 100] warm"
    streams = [page(served, prepared, conversation, said) for conversation in prepared.conversations[given.streams :]]
    start({"host": "127.0.0.1", "port": served.port, "ramp": 1.0, "streams": streams, **MARKS_OF_STUDIO}).communicate()


def start(plan: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.benchmarks.chat_load"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    process.stdin.write(json.dumps(plan))
    process.stdin.close()
    process.stdin = None
    return process


def read(given: argparse.Namespace, plan: dict[str, Any], relay: Served | None) -> Run:
    threads, memory = (relay.status("Threads"), relay.status("VmRSS")) if relay else (0, 0)
    with start(plan) as load:
        assert load.stdout
        begun = json.loads(load.stdout.readline())["begun"]
        time.sleep(max(0.0, begun + given.ramp + 1 - time.monotonic()))
        before = relay.cpu() if relay else 0.0
        began = time.monotonic()
        time.sleep(given.window)
        seconds, used = time.monotonic() - began, (relay.cpu() if relay else 0.0) - before
        most_threads, most = (relay.status("Threads"), relay.status("VmRSS")) if relay else (0, 0)
        figures = json.loads(load.stdout.readline())
    lost = sum(figure["took"] is None for figure in figures)
    if lost:
        print(f"{lost} of {len(figures)} streams broke off.")
    return Run(
        first=[figure["first"] for figure in figures if figure["first"] is not None],
        took=[figure["took"] for figure in figures if figure["took"] is not None],
        first_at=[figure["first_at"] for figure in figures],
        cpu=used / (given.streams * given.rate * seconds),
        busy=used / seconds,
        threads=most_threads - threads,
        grown=most - memory,
        memory=most,
    )


def rows(runs: dict[str, Run], given: argparse.Namespace) -> list[tuple[str, str]]:
    found = []
    for name, run in runs.items():
        found.append((f"{name}: first token", quantiles(run.first)))
        found.append((f"{name}: a stream of {given.ramp + given.window + 3:.0f} s took", span(run.took)))
        if run.written:
            found.append((f"{name}: first token after the reply was written down", quantiles(run.written)))
            found.append((f"{name}: right to the byte", f"{run.right} of {len(run.written)}"))
        if run.cpu:
            found.append((f"{name}: CPU a token", f"{run.cpu * 1e6:.1f} µs ({run.busy:.0%} of a core)"))
            found.append((f"{name}: memory", f"{run.memory / 1024:.0f} MB, {run.grown / 1024:+.0f} MB by the streams"))
            found.append((f"{name}: threads", f"{run.threads:+d}"))
    return found + list(ratios(runs, given))


def ratios(runs: dict[str, Run], given: argparse.Namespace) -> list[tuple[str, str]]:
    found = []
    ours, direct, relay = runs.get("studio"), runs.get("direct"), runs.get("nginx")
    if ours and direct:
        for what, seconds in (("from the POST", ours.first), ("from when it was written down", ours.written)):
            more = [percentile(seconds, share) - percentile(direct.first, share) for share in (0.5, 0.99)]
            found.append(
                (
                    f"first token after the direct one, {what}",
                    "p50 {:+.1f} ms, p99 {:+.1f} ms".format(*(one * 1000 for one in more)),
                )
            )
        slowest = max(ours.took) / percentile(direct.took, 0.5) - 1
        found.append(("slowest stream against the model's", f"{slowest:+.1%}"))
    if ours and relay:
        found.append(("CPU a token against nginx", f"{ours.cpu / relay.cpu:.1f} times"))
    return found


def quantiles(seconds: list[float]) -> str:
    p50, p99 = percentile(seconds, 0.5), percentile(seconds, 0.99)
    return f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms"


def span(seconds: list[float]) -> str:
    return f"{min(seconds):.2f} to {max(seconds):.2f} s, {percentile(seconds, 0.5):.2f} s in the middle"


if __name__ == "__main__":
    sys.exit(main())
