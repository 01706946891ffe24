"""Every wire format that the fake provider speaks, by name."""

from __future__ import annotations

from tests.fake_provider.gpu import Gpu
from tests.fake_provider.nanobanana import NanoBanana
from tests.fake_provider.wavespeed import WaveSpeed
from tests.fake_provider.wire import Wire

WIRES: dict[str, type[Wire]] = {"gpu": Gpu, "nanobanana": NanoBanana, "wavespeed": WaveSpeed}
