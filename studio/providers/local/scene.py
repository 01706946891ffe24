"""What a prompt asks for, in the engine's own terms. Pure: words in, a scene out."""

import hashlib
from dataclasses import dataclass, field
from itertools import pairwise

from .guide import Guide
from .reading import found_in, phrases, single_words, split_negations
from .words import COLOURS, ELEMENTS, LIGHTS, SEASONS, SMALL, STYLES, SUBJECTS, WEATHER

FALLBACK_SUBJECTS = ("mountains", "sea", "forest", "desert", "meadow", "sky", "space", "abstract", "city")
FALLBACK_LIGHTS = ("dawn", "sunrise", "noon", "golden", "sunset", "dusk", "night")
NIGHTS = frozenset({"night", "moonlight", "aurora"})
GREEN_LAND = frozenset({"mountains", "forest", "meadow", "water"})
SKYWARD = frozenset({"sky", "light", "glow", "sunset", "sunrise", "dawn", "dusk", "aurora", "cloud", "haze", "fog"})
PRESET_LIGHT = {"golden_hour": "golden", "night": "night"}


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the painters need. `features` holds what stands in the picture once the negative prompt has
    removed its part; `seed` is the root of every random stream; `style` is a preset's name, or "natural"."""

    subjects: frozenset[str]
    light: str
    weather: str
    season: str
    colours: tuple[tuple[float, float], ...]
    features: frozenset[str]
    banned: frozenset[str]
    style: str
    seed: int
    guide: Guide | None = field(default=None, compare=False)  # a picture to follow in palette and layout

    def has(self, *features: str) -> bool:
        return any(feature in self.features for feature in features)


def understand(prompt: str, negative_prompt: str = "", *, preset: str = "", seed: int = 0) -> Scene:
    """The scene of a prompt. Words that it does not know still choose, by their hash, what is painted."""
    wanted, refused = split_negations(prompt)
    words = phrases(wanted)
    banned = _features_named(phrases(f"{refused} {negative_prompt}"))
    root = _root(words, seed)
    subjects = _subjects(words, banned, root)
    weather = next((name for name in found_in(words, WEATHER) if name not in banned), "")
    light = _light(words, banned, preset, subjects, weather, root)
    season = next((name for name in found_in(words, SEASONS) if name not in banned), "")
    style = preset or next(iter(found_in(words, STYLES)), "natural")
    return Scene(
        subjects=subjects,
        light=light,
        weather=weather,
        season=season,
        colours=_colours(wanted, banned, subjects, style),
        features=_features(words, subjects, light, weather, root) - banned,
        banned=banned,
        style=style,
        seed=root,
    )


def _features_named(words: list[str]) -> frozenset[str]:
    tables = (SUBJECTS, LIGHTS, WEATHER, SEASONS, ELEMENTS)
    named = {feature for table in tables for feature in found_in(words, table)}
    named |= {word for word in words if word in COLOURS}
    if "snow" in words:
        named.add("snowcaps")
    return frozenset(named)


def _root(words: list[str], seed: int) -> int:
    """The root seed: the same mountains in another light or weather, other mountains for other words."""
    passing = {w for table in (LIGHTS, WEATHER, SEASONS, STYLES) for known in table.values() for w in known.split()}
    content = sorted({w for w in words if "_" not in w and w not in SMALL | passing and w not in COLOURS})
    digest = hashlib.blake2b(f"{seed}|{' '.join(content)}".encode(), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def _subjects(words: list[str], banned: frozenset[str], root: int) -> frozenset[str]:
    found = [name for name in found_in(words, SUBJECTS) if name not in banned]
    if found:
        return frozenset(found[:1]) if found[0] == "abstract" else frozenset(found)
    choices = [name for name in FALLBACK_SUBJECTS if name not in banned] or ["abstract"]
    if found_in(words, LIGHTS) or found_in(words, WEATHER) or found_in(words, SEASONS):
        choices = [name for name in choices if name not in {"space", "abstract"}] or choices
    return frozenset({choices[root % len(choices)]})


def _light(
    words: list[str], banned: frozenset[str], preset: str, subjects: frozenset[str], weather: str, root: int
) -> str:
    named = [name for name in found_in(words, LIGHTS) if name not in banned]
    if "aurora" in named:
        return "aurora"
    if "moonlight" in named and set(named) & {"dusk", "dawn", "sunset", "noon"}:
        named.remove("moonlight")
    if preset in PRESET_LIGHT and PRESET_LIGHT[preset] not in banned:
        return PRESET_LIGHT[preset]
    if named:
        return named[0]
    if weather in {"storm", "cloudy", "rain"}:
        return "overcast"
    usual = FALLBACK_LIGHTS if "summer" not in words else ("noon", "golden", "sunrise")
    choices = [name for name in usual if name not in banned and (name != "night" or "city" in subjects)]
    return (choices or ["noon"])[(root >> 16) % max(1, len(choices))]


def _colours(
    text: str, banned: frozenset[str], subjects: frozenset[str], style: str
) -> tuple[tuple[float, float], ...]:
    """The first two colours named. A green that is the land's own ("a green valley") leaves the sky alone."""
    words = single_words(text)
    land = bool(subjects & GREEN_LAND)
    found = [
        COLOURS[word]
        for word, following in pairwise([*words, ""])
        if word in COLOURS
        and word not in banned
        and (word, following) != ("blue", "sky")
        and not (land and 100 < COLOURS[word][0] < 170 and following not in SKYWARD)
        and not (style == "noir" and word in {"black", "white"})
    ]
    return tuple(found[:2])


def _features(words: list[str], subjects: frozenset[str], light: str, weather: str, root: int) -> frozenset[str]:
    features = set(subjects) | set(found_in(words, ELEMENTS)) | ({weather} - {""})
    features |= {"grain", "vignette", "trees", "windows", "flowers", "reflection", "snowcaps"}
    if light in NIGHTS:
        features |= {"stars"} if weather not in {"storm", "rain", "cloudy"} else set()
    elif light in {"dawn", "sunrise", "golden", "sunset", "noon"} and weather not in {"storm", "rain", "cloudy"}:
        features.add("sun")
    if light == "dusk" and not weather:
        features.add("stars")
    if light == "moonlight":
        features.add("moon")
    if light == "aurora":
        features.add("aurora")
    if weather in {"storm", "cloudy", "rain", "snow"} or (weather != "clear" and (root >> 24) % 4):
        features.add("clouds")
    if light in {"sunset", "golden", "sunrise"} and (root >> 28) % 3 == 0:
        features.add("birds")
    return frozenset(features - ({"clouds"} if weather == "clear" else set()))
