"""What a growing text costs a token, at its beginning and far into it, and what a text costs as a whole.

In time of the processor, so that what else the machine does counts little.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from studio.lib.markdown import Growing, blocks
from tests.benchmarks.figures import percentile, table

TOKEN = 4  # characters
PLACES = (1_000, 100_000)  # characters
AROUND = 0.4  # of the place, to both sides: over a whole cycle of renderings
TEXT = "the answer depends on how many people are asked at once and **what** they `say` about it in their own"


def main() -> None:
    rows = []
    for name, text in texts().items():
        (few, few_slowest), (many, many_slowest) = (cost(text, place) for place in PLACES)
        costs = (
            f"{few * 1e6:.0f} µs a token at 1,000 characters, {many * 1e6:.0f} µs at 100,000, ratio {many / few:.2f}"
        )
        rows.append((name, f"{costs}; slowest paint {max(few_slowest, many_slowest) * 1000:.0f} ms"))
    table("Markdown while it grows: every token painted", rows)
    table("Markdown whole: one block of about 900 characters", list(whole()))


def texts() -> dict[str, str]:
    size = int(PLACES[-1] * (1 + AROUND)) + TOKEN
    chance = random.Random(4)

    def words(number: int) -> str:
        return " ".join(chance.choice(TEXT.split()) for _ in range(number))

    def many(piece: str, number: int) -> str:
        return "".join(piece.format(words(number)) for _ in range(size // number))[:size]

    return {
        "paragraphs": many("{}.\n\n", 60),
        "one code block": "```python\n" + many("def f(x):\n    return x + 1  # {}\n", 4),
        "one paragraph": many("{} ", 100),
        "one list": many("- {}\n", 12),
    }


def cost(text: str, place: int) -> tuple[float, float]:
    """Seconds a token around that place, and of the slowest paint."""
    growing = Growing()
    begin, end = int(place * (1 - AROUND)), int(place * (1 + AROUND))
    growing.add(text[:begin])
    while growing.is_behind:
        growing.paint()
    seconds = list(paints(growing, text, begin, end))
    return sum(seconds) / len(seconds), max(seconds)


def paints(growing: Growing, text: str, begin: int, end: int) -> Iterator[float]:
    for at in range(begin, end, TOKEN):
        began = time.thread_time()
        growing.add(text[at : at + TOKEN])
        growing.paint()
        yield time.thread_time() - began


def whole() -> Iterator[tuple[str, str]]:
    samples = {
        "plain words": "The quick brown fox jumps over the lazy dog, and then it does so again. " * 12,
        "with marks": "The quick **brown** fox jumps over the `lazy` dog, and _then_ it does so again. " * 11,
        "a list": "- The quick brown fox jumps over the *lazy* dog\n" * 18,
        "code": "```python\n" + "def f(x):\n    return x + 1  # and so on\n" * 22 + "```\n",
    }
    for name, text in samples.items():
        seconds = []
        for _ in range(200):
            began = time.thread_time()
            blocks(text)
            seconds.append(time.thread_time() - began)
        yield name, f"{percentile(seconds, 0.5) * 1e6:.0f} µs, {len(text):,} characters"


if __name__ == "__main__":
    main()
