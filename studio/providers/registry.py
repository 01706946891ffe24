"""Every provider that Studio speaks to. A new one is a module of its own and a line here."""

from __future__ import annotations

from studio.providers.dialect import Dialect
from studio.providers.local_engine import LocalEngine
from studio.providers.nanobanana import NanoBanana
from studio.providers.wavespeed import WaveSpeed
from studio.providers.wayscloud_gpu import WaysCloudGpu

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        LocalEngine(),
        WaysCloudGpu(),
        WaveSpeed(),
        NanoBanana(),
    )
}


def dialect(name: str) -> Dialect:
    """The dialect of that name. Raises LookupError where there is none."""
    return DIALECTS[name]
