"""A fake of every provider, each a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.fake_provider import Remote, run_process

WIRES = {"wayscloud-gpu": "gpu", "wavespeed": "wavespeed", "nanobanana": "nanobanana"}


@contextmanager
def all_providers() -> Iterator[dict[str, Remote]]:
    """The fakes by the names of the providers that they stand for."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(run_process(wire=wire, polls=2)) for name, wire in WIRES.items()}


def addresses(remotes: dict[str, Remote]) -> dict[str, str]:
    """The settings that send Studio there."""
    return {f"STUDIO_{name.upper().replace('-', '_')}_URL": remote.url for name, remote in remotes.items()}
