"""Kinds of sound, each made of shaped noise or sines: stereo floats (2, samples) of about unit loudness."""

from collections.abc import Callable

import numpy as np

from .noise import Field, profile, smoothstep

RATE = 48_000  # samples a second
Part = Callable[[np.random.Generator, int], Field]


def _hiss(rng: np.random.Generator, count: int, low: float, high: float, slope: float = 1.0) -> Field:
    """Stereo noise between two frequencies in Hz; it falls with frequency to the power of `slope`."""
    noise = rng.standard_normal((2, count), dtype=np.float32)
    noise[1] = 0.4 * noise[0] + 0.92 * noise[1]
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    shape = (hertz / (hertz + low)) ** 2 / (1 + (hertz / high) ** 4) * (low / (hertz + low)) ** slope
    sound = np.fft.irfft(spectrum * shape, count)
    return np.asarray(sound / (np.std(sound) * 3), np.float32)


def _swell(rng: np.random.Generator, count: int, seconds: float, floor: float) -> Field:
    """A slow rise and fall (count,) between `floor` and 1."""
    steps = count // 480 + 2
    line = profile(rng, steps, seconds * 100, roughness=0.35)
    slow = floor + (1 - floor) * smoothstep(-1.2, 1.5, line)
    return np.asarray(np.interp(np.arange(count) / 480, np.arange(steps), slow), np.float32)


def wind(rng: np.random.Generator, count: int) -> Field:
    low = _hiss(rng, count, 90, 500) * _swell(rng, count, 2.5, 0.35)
    return low + 0.35 * _hiss(rng, count, 500, 1800) * _swell(rng, count, 1.6, 0.1)


def surf(rng: np.random.Generator, count: int) -> Field:
    """Waves that roll in every few seconds, break and draw back."""
    time = np.arange(count, dtype=np.float32) / RATE
    beat = (time / np.float32(rng.uniform(4.2, 5.2)) + np.float32(rng.uniform(0.2, 0.5))) % 1
    body = smoothstep(0, 0.4, beat) * smoothstep(1.0, 0.45, beat)
    foam = smoothstep(0.3, 0.45, beat) * smoothstep(1.0, 0.5, beat)
    return _hiss(rng, count, 70, 600) * (0.3 + 0.7 * body) + 0.5 * _hiss(rng, count, 900, 6000, 0.5) * foam


def lapping(rng: np.random.Generator, count: int) -> Field:
    return _hiss(rng, count, 250, 1100) * _swell(rng, count, 0.45, 0.05)


def rain(rng: np.random.Generator, count: int) -> Field:
    drops = (rng.random((2, count)) < 0.0006) * rng.random((2, count))
    tail = np.exp(-np.arange(240) / 45).astype(np.float32) * np.sin(np.arange(240) * 0.5)
    ticks = np.stack([np.convolve(channel, tail)[:count] for channel in drops])
    return np.asarray(_hiss(rng, count, 1500, 9000, 0.3) + 0.3 * ticks, np.float32)


def hum(rng: np.random.Generator, count: int) -> Field:
    """A city far below."""
    traffic = _hiss(rng, count, 60, 300, 1.3) * _swell(rng, count, 1.8, 0.5)
    return traffic + 0.2 * _hiss(rng, count, 300, 1500) * _swell(rng, count, 1.1, 0.1)


def _chirps(rng: np.random.Generator, count: int, often: float, hertz: tuple[float, float], notes: int) -> Field:
    """Short gliding whistles at random moments, about `often` phrases a second, placed left or right."""
    total = np.zeros((2, count + RATE), np.float32)
    for _ in range(max(2, int(often * count / RATE))):
        at, pitch, side = int(rng.integers(0, count)), rng.uniform(*hertz), rng.uniform(0.15, 0.85)
        loud = rng.uniform(0.3, 1.0)
        for _ in range(int(rng.integers(2, notes))):
            long = int(rng.uniform(0.04, 0.11) * RATE)
            time = np.arange(long) / long
            glide = pitch * (1 + rng.uniform(-0.18, 0.18) * time)
            note = np.sin(2 * np.pi * np.cumsum(glide) / RATE) * np.sin(np.pi * time) ** 2 * loud
            if at + long < total.shape[1]:
                total[:, at : at + long] += np.outer([1 - side, side], note)
            at += int(long * rng.uniform(1.1, 1.9))
    return total[:, :count]


def songbirds(rng: np.random.Generator, count: int) -> Field:
    return _chirps(rng, count, 1.4, (2400, 5200), 7)


def crickets(rng: np.random.Generator, count: int) -> Field:
    """Several crickets, each at its own pitch and pace."""
    time = np.arange(count, dtype=np.float32) / RATE
    total = np.zeros((2, count), np.float32)
    for _ in range(4):
        pitch, pace, side = rng.uniform(3800, 4900), rng.uniform(1.6, 2.6), rng.uniform(0.1, 0.9)
        song = np.sin(2 * np.pi * pitch * time) * (0.5 + 0.5 * np.sin(2 * np.pi * 34 * time))
        song *= smoothstep(0.1, 0.5, np.sin(2 * np.pi * pace * time + rng.uniform(0, 6)).astype(np.float32))
        total += np.outer([1 - side, side], song).astype(np.float32)
    return total


def drone(rng: np.random.Generator, count: int) -> Field:
    """A soft open chord that beats slowly."""
    time = np.arange(count, dtype=np.float64) / RATE
    root = float(rng.choice([55.0, 61.74, 65.41, 73.42]))
    total = np.zeros((2, count))
    for step, loud in ((1, 0.5), (1.5, 0.3), (2, 0.28), (3, 0.14), (4, 0.09), (4.5, 0.05)):
        for channel in range(2):
            tone = np.sin(2 * np.pi * root * step * (1 + rng.uniform(-0.0025, 0.0025)) * time + rng.uniform(0, 6))
            breath = 0.65 + 0.35 * np.sin(2 * np.pi * rng.uniform(0.07, 0.25) * time + rng.uniform(0, 6))
            total[channel] += loud * tone * breath
    return np.asarray(total * 0.8, np.float32) + 0.12 * _hiss(rng, count, 200, 900)
