"""A better prompt, as a language model suggests it. It is a suggestion: whether it is used is the person's to say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from accounts.connect import connect
from accounts.models import User
from generations import prompts
from generations.chats import prices
from generations.chats.offers import ChatOffer
from generations.models import ModelPrice
from generations.models.message import cost_of
from studio.lib.crypto import Undecryptable
from studio.providers.base import ProviderError
from studio.providers.chat import ChatMessage, ChatSpec, Delta
from studio.providers.transports import Timeouts, process_transports

PATIENCE = Timeouts(view=30.0)  # seconds
LONGEST = {True: 220, False: 2000}  # tokens; the built-in model is slow, others may think before they answer
TASK = """\
You write prompts for a model that makes {kind}. You are given a prompt. Write a better one.
Keep its subject, its meaning and its language. Add concrete detail: {detail}.
A word in braces, such as {{animal}}, stands for something else: keep it as it is.
Answer with the new prompt alone: one paragraph of at most 120 words, without heading, quotation marks or remarks."""
KINDS = {
    "image": ("pictures", "composition, light, colours, materials, mood, lens or technique"),
    "video": ("short clips", "what moves and how, the camera's path, light, colours, mood"),
    "audio": ("sound", "instruments or sources, rhythm, space, mood"),
}
EXAMPLE = (  # a small model needs one
    ChatMessage("user", "a cat on a chair"),
    ChatMessage(
        "assistant",
        "A tabby cat curled on a worn oak chair beside a window, soft morning light, dust in the air, "
        "warm browns and pale blue, shallow depth of field, 50 mm lens",
    ),
)
MOST_PAIRS = 50_000  # of the same word in two texts; those of ordinary ones of 10,000 characters are some 20,000
UNREADABLE_KEY = "This key was encrypted under a secret that Studio no longer has. Replace it."
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_PREFACE = re.compile(
    r"\A(?:(?:sure|certainly|of course|okay|ok)\b[^\n:.!]{0,80}[.!:,]\s*)?"
    r"(?:here(?:['’]s| is)\b[^\n:]{0,160}:|"
    r"(?:(?:an?|the|your)\s+)?(?:(?:improved|new|better|revised|rewritten|final|refined|enhanced)\s+)?prompt\s*:)\s*",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "'": "'", "‘": "’", "`": "`"}


class NoSuggestion(Exception):
    """There is none; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stay (`how` is ""), come ("ins") or go ("del")."""

    text: str
    how: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`missing` are variables of the prompt that it leaves out. Tokens and cost are None where nobody knows them."""

    text: str
    before: str
    model_name: str
    tokens: int | None = None
    cost: Decimal | None = None
    unit: str = ""
    is_free: bool = False
    is_cut: bool = False

    @property
    def pieces(self) -> list[Piece]:
        return difference(self.before, self.text)

    @property
    def missing(self) -> list[str]:
        kept = prompts.variables(self.text)
        return [name for name in prompts.variables(self.before) if name not in kept]


def suggest(user: User, offer: ChatOffer, prompt: str, *, kind: str, most: int) -> Suggestion:
    """Asks the model, once. It blocks, for half a minute at most or so. Raises NoSuggestion.

    `kind` is what the prompt is for ("image", "video", "audio"), `most` how many characters a prompt may have.
    """
    try:
        provider = connect(offer.provider.name, offer.key, process_transports(), timeouts=PATIENCE)
        answer = provider.chat(spec(offer, prompt, kind))
    except ProviderError as error:
        raise NoSuggestion(error.message) from error
    except Undecryptable as error:
        raise NoSuggestion(UNREADABLE_KEY) from error
    is_cut = answer.finish == "length"
    text = _with_variables(_ended(cleaned(answer.text), is_cut), prompt)[:most]
    if not text:
        raise NoSuggestion(f"{offer.model.name} answered with no prompt. Try again, or ask another model.")
    if text == " ".join(prompt.split()):
        raise NoSuggestion(f"{offer.model.name} would leave the prompt as it is.")
    return _suggestion(offer, prices.of(user, [offer])[offer.id], prompt, text, answer)


def spec(offer: ChatOffer, prompt: str, kind: str) -> ChatSpec:
    made, detail = KINDS.get(kind, KINDS["image"])
    settings = {}
    if "max_tokens" in {option.name for option in offer.provider.options}:
        settings["max_tokens"] = LONGEST[offer.is_free]
    task = ChatMessage("system", TASK.format(kind=made, detail=detail))
    shown = EXAMPLE if offer.is_free else ()
    return ChatSpec(offer.model.id, (task, *shown, ChatMessage("user", prompt)), settings, stream=False)


def cleaned(answer: str) -> str:
    """The prompt of an answer, on one line: without thoughts, a preface, a fence, a heading and quotation marks."""
    text = _THOUGHT.sub("", answer).strip()
    text = re.sub(r"\A```\w*\n|\n?```\Z", "", text).replace("**", "").strip()
    text = _PREFACE.sub("", text.lstrip("# ")).strip()
    while len(text) > 1 and _QUOTES.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return " ".join(text.replace("\0", "").split())


def _ended(text: str, is_cut: bool) -> str:
    """Of what was cut off, the sentences that are whole, where there are any."""
    end = text.rfind(". ")
    return text[: end + 1] if is_cut and end > 0 and not text.endswith(".") else text


def difference(before: str, after: str) -> list[Piece]:
    """Word by word, in the order of reading: what goes stands before what comes in its place."""
    old, new = before.split(), after.split()
    if _is_too_much(old, new):
        return [Piece(before, "del"), Piece(after, "ins")]
    pieces = []
    for how, start, end, begin, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            pieces.append(Piece(" ".join(old[start:end])))
            continue
        if start < end:
            pieces.append(Piece(" ".join(old[start:end]), "del"))
        if begin < stop:
            pieces.append(Piece(" ".join(new[begin:stop]), "ins"))
    return pieces


def _is_too_much(old: list[str], new: list[str]) -> bool:
    """Two long texts of few different words would take minutes: each word is looked for at all its places."""
    counts = Counter(new)
    return sum(counts[word] for word in old) > MOST_PAIRS


def _suggestion(offer: ChatOffer, price: ModelPrice | None, before: str, text: str, answer: Delta) -> Suggestion:
    usage = answer.usage
    counted = [count for count in (usage.prompt, usage.completion) if count is not None] if usage else []
    cost = cost_of(usage.prompt, usage.completion, price.input, price.output) if usage and price else None
    return Suggestion(
        text,
        before,
        offer.model.name,
        tokens=sum(counted) if counted else None,
        cost=cost,
        unit=price.unit if price else "",
        is_free=offer.is_free,
        is_cut=answer.finish == "length",
    )


def _with_variables(text: str, before: str) -> str:
    """Only the prompt's own variables are any in the suggestion."""
    own = set(prompts.variables(before))
    for name in prompts.variables(text):
        if name not in own:
            text = text.replace(f"{{{name}}}", f"{{{{{name}}}}}")
    return text
