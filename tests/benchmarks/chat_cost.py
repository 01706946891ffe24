"""What a token costs at the 100th, the 1,000th and the 100,000th character of a reply: added, painted, told.

In this process, on the clock of its CPU, without network or database; replies beside each other, so that what they use
is large against the clock's steps.
"""

from __future__ import annotations

import time

from tests.benchmarks.figures import percentile, table
from tests.benchmarks.site import empty_studio

PLACES = (100, 1_000, 10_000, 100_000)
REPLIES = 20
TOKENS = 200  # around each place
FRAME = 4  # tokens between two paintings, as at 100 a second and 25 frames
ROUNDS = 5


def main() -> None:
    with empty_studio():
        measure()


def measure() -> None:
    from tests.fake_llm import texts  # noqa: PLC0415

    tokens = texts.tokens(texts.long(PLACES[-1] + 20 * TOKENS))
    costs = {place: percentile([cost(tokens, place) for _ in range(ROUNDS)], 0.5) for place in PLACES}
    rows = [(f"at character {place:,}", f"{costs[place] * 1e6:.1f} µs") for place in PLACES]
    rows.append(("at 100,000 against at 1,000", f"{costs[100_000] / costs[1_000]:.2f}"))
    table("Chat: CPU of a token by the length of the reply before it", rows)


def cost(tokens: list[str], place: int) -> float:
    """Seconds of CPU for a token, on the average of those around that place."""
    from generations.chats.replies.feed import Feed  # noqa: PLC0415
    from generations.chats.replies.reply import LiveReply  # noqa: PLC0415
    from studio.lib.ids import uuid7  # noqa: PLC0415
    from studio.providers.chat import Delta  # noqa: PLC0415

    start = begin_at(tokens, place)
    before = "".join(tokens[:start])
    lives = []
    for _ in range(REPLIES):
        live, feed = LiveReply(uuid7(), uuid7(), before), Feed(uuid7())
        while live.paint():
            pass
        feed.take({live.id: live})
        lives.append((live, feed))
    began = time.process_time()
    for number, token in enumerate(tokens[start : start + TOKENS], 1):
        for live, feed in lives:
            live.add(Delta(text=token))
            if number % FRAME == 0:
                live.paint()
                feed.take({live.id: live})
            if number % 50 == 0:
                live.text.wrote(live.text.unwritten()[1])
    return (time.process_time() - began) / (REPLIES * TOKENS)


def begin_at(tokens: list[str], place: int) -> int:
    """The token with which so many characters are full, less half of those that are measured."""
    size = 0
    for number, token in enumerate(tokens):
        size += len(token)
        if size >= place:
            return max(0, number - TOKENS // 2)
    return len(tokens) - TOKENS


if __name__ == "__main__":
    main()
