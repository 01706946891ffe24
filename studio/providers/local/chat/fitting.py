"""Conversations that are longer than the model can read: their oldest turns are left out."""

from math import ceil

Turn = dict[str, str]  # OpenAI's: role and content

STEP = 1024  # tokens that are left out at a time: the turns after have the same beginning, which is read only once


def shorter(turns: list[Turn], tokens: int, most: int) -> list[Turn] | None:
    """The same without its oldest turns, so that its `tokens` become about `most`; None where nothing can go.

    What the system says and the last question stay, and what is left begins with a question.
    """
    first = next((place for place, turn in enumerate(turns) if turn["role"] != "system"), len(turns))
    last = max((place for place, turn in enumerate(turns) if turn["role"] == "user"), default=first)
    excess = ceil((tokens - most) / STEP) * STEP
    characters = excess * sum(len(turn["content"]) for turn in turns) / tokens
    for place in range(first, last):
        characters -= len(turns[place]["content"])
        if characters <= 0 and turns[place + 1]["role"] == "user":
            return turns[:first] + turns[place + 1 :]
    return turns[:first] + turns[last:] if first < last else None
