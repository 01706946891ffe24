"""The stream is right to the byte: what was sent, what each page showed and what the database holds are one.

Random texts, cut anywhere; pages that come, are cut off and come back at random, some of them in another process, which
follows the database. The seeds are fixed.
"""

import asyncio
import itertools
import random

import pytest

from generations.chats.replies.hub import Hub
from generations.models import Message
from studio.database import query
from studio.lib.markdown import blocks
from tests.fake_llm.scripts import answer
from tests.generations.chats.conftest import ask, at_work, ended, run
from tests.generations.chats.tab import Tab

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]

BITS = [
    "# A title\n\n",
    "Some *words* with **weight**, ",
    "and `code` too; 5 < 6 & more.\n\n",
    "- one\n- two\n  - deeper\n\n",
    "1. first\n2. second\n\n",
    "```python\ndef f(x):\n    return x\n\n\n# after two empty lines\n```\n\n",
    "| a | b |\n| - | - |\n| 1 | 2 |\n\n",
    "> said she\n> and went\n\n",
    "Blåbærsyltetøy 漢字 👩‍👩‍👧‍👦 ",
    "<b>no</b> <script>no()</script> ",
    "\n\n\n",
    "$x^2$ and so on. ",
    "---\n\n",
]
CUTS = ("", "[utf8] ", "[utf8] [think field] ", "[think tags] ", "[think reasoning] ", "[slow] ")


def message_of(chance: random.Random) -> str:
    text = "".join(chance.choice(BITS) for _ in range(chance.randrange(1, 25)))
    return f"{chance.choice(CUTS)}[echo] begins {text} ends"


async def surf(tab: Tab, chance: random.Random, home: Hub, other: Hub) -> bool:
    """Comes and goes; says whether it was at home when the reply ended, and so heard the last of it."""
    for _ in range(chance.randrange(5)):
        hub = chance.choice((home, home, other))
        await tab.watch(hub, events=chance.randrange(1, 6))
        if tab.done:
            return hub is home and tab.heard_end
        for _ in range(chance.randrange(30)):
            await asyncio.sleep(0)
    await tab.watch(home)
    return tab.heard_end


@pytest.mark.parametrize("seed", range(12))
def test_what_was_sent_shown_and_kept_is_one(key, llm, seed):
    chance = random.Random(seed)
    message = message_of(chance)
    reply = ask(key, message)
    text, reasoning = answer(message)
    tabs = [Tab(reply.conversation_id) for _ in range(4)]
    follower = Tab(reply.conversation_id)
    at_home: list[bool] = []

    async def watch_the_database() -> None:
        while True:
            row = await query(Message.objects.get, pk=reply.pk)
            written = await query(row.written)
            assert text.startswith(written[0])
            assert reasoning.startswith(written[1])
            if not row.is_under_way:
                return

    async def test():
        elsewhere = Hub()
        async with at_work() as desk:
            desk.call(reply.pk)
            others = asyncio.gather(follower.watch(elsewhere), watch_the_database())
            surfing = (surf(tab, random.Random(seed * 10 + at), desk.hub, elsewhere) for at, tab in enumerate(tabs))
            at_home[:] = await asyncio.gather(*surfing)
            await others
            await ended(reply)

    run(test())
    assert (reply.text, reply.reasoning) == (text, reasoning)
    for tab in (*tabs, follower):
        assert tab.done == {str(reply.pk)}
    for tab in itertools.compress(tabs, at_home):
        assert tab.shown[str(reply.pk)] == blocks(text)
        assert tab.reasoning.get(str(reply.pk), "") == reasoning
