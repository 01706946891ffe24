"""What the fake model says: Markdown that depends on nothing but its length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

DEFAULT = """## A short answer

The **fox** went over the hill, and here is what it saw:

- a river, slow and *wide*
- two boats
- `one` bridge

| Thing | How many |
| --- | ---: |
| river | 1 |
| boats | 2 |

```python
def cross(bridge):
    return bridge.walk()
```

That is all of it."""

THOUGHTS = "The question is about a fox. First the hill, then the river; two boats make sense. Now the answer."

FOREIGN = "Blåbærsyltetøy på brødskiva – 漢字とかな, Ελληνικά, עברית, e\u0301 and 👩‍👩‍👧‍👦 🍓. " * 4

HUGE = 200_000  # bytes of the one chunk of "[huge]"

_WORDS = [
    "river",
    "stone",
    "morning",
    "light",
    "paper",
    "engine",
    "garden",
    "window",
    "signal",
    "harbour",
    "copper",
    "north",
]


def paragraph(number: int) -> str:
    """One of endlessly many blocks, no two alike."""
    word = _WORDS[number % len(_WORDS)]
    match number % 6:
        case 0:
            return f"## Part {number}: the {word}\n\n"
        case 3:
            return f"- {word} one of {number}\n- {word} **two** of {number}\n- `{word}` three\n\n"
        case 4:
            return f"```python\ndef {word}_{number}(x):\n    return x * {number}  # the {word}\n```\n\n"
        case 5:
            return f"| {word} | count |\n| --- | ---: |\n| a | {number} |\n| b | {number * 2} |\n\n"
    others = " ".join(_WORDS[(number * 5 + i * 7) % len(_WORDS)] for i in range(24))
    return f"Of the *{word}* number {number} one may say this: {others}. It costs 5 < 6 & more.\n\n"


@cache
def long(length: int) -> str:
    """So many characters of varied Markdown."""
    parts, size, number = [], 0, 0
    while size < length:
        parts.append(paragraph(number))
        size += len(parts[-1])
        number += 1
    return "".join(parts)[:length]


def tokens(text: str) -> list[str]:
    """The text cut as models cut it: a few characters each, words with the space before them."""
    return re.findall(r"\s?\S{1,6}|\s", text)


def words_of(count: int) -> Iterator[str]:
    """So many tokens of the long text."""
    length = 4 * count
    while len(found := tokens(long(length))) <= count:  # the last may be cut short
        length *= 2
    yield from found[:count]
