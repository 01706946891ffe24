"""Reading English: text to words, words to the features that a table gives them."""

import re
from collections.abc import Mapping
from itertools import pairwise


def split_negations(prompt: str) -> tuple[str, str]:
    """A prompt without its "no clouds" and "without people", and what those refuse."""
    pattern = re.compile(r"\b(?:no|without)\s+([a-z]+(?:\s+(?:or|and)\s+[a-z]+)*)", re.IGNORECASE)
    return pattern.sub(" ", prompt), " ".join(pattern.findall(prompt))


def phrases(text: str) -> list[str]:
    """The words in order, lower-cased, singular, each followed by the pair it forms with the next."""
    singular = single_words(text)
    pairs = [f"{a}_{b}" for a, b in pairwise(singular)]
    triples = [f"{a}_{b}_{c}" for a, b, c in zip(singular, singular[1:], singular[2:], strict=False)]
    return [*triples, *pairs, *singular]


def single_words(text: str) -> list[str]:
    return [_singular(word) for word in re.findall(r"[^\W_]+", text.lower())]


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def found_in(words: list[str], table: Mapping[str, str]) -> list[str]:
    """The features of `table` that the words name, in the order in which they are named."""
    index: dict[str, list[str]] = {word: [] for word in words}
    for feature, known in table.items():
        for word in known.split():
            if word in index:
                index[word].append(feature)
    return list(dict.fromkeys(feature for word in words for feature in index[word]))
