"""The lanes' requests out of the shared budget, and who gets the next one."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from django.db import OperationalError

from accounts import budget
from accounts.budget import Taken
from generations.shift import till
from generations.shift.lanes import Queue, Tools
from generations.shift.till import Till


class Purse:
    """In the database's place: what each key has, and each taking that was made."""

    def __init__(self, **tokens: int) -> None:
        self.tokens = {int(key.removeprefix("key")): number for key, number in tokens.items()}
        self.takings: list[dict[int, budget.Want]] = []
        self.trouble: Exception | None = None

    async def __call__(self, work: Callable[..., object], wants: dict[int, budget.Want]) -> dict[int, Taken]:
        assert work is budget.grant
        self.takings.append(wants)
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble
        return {key: self.give(key, want) for key, want in wants.items()}

    def give(self, key: int, want: budget.Want) -> Taken:
        granted = min(want.tokens, max(0, self.tokens[key] - want.poll))
        self.tokens[key] -= granted
        return Taken(granted, 0.05)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(till, "BEAT", 0.02)
    monkeypatch.setattr(till, "AT_ONCE", 0.001)


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 10))


def test_many_keys_are_served_in_one_taking():
    purse = Purse(**{f"key{number}": 4 for number in range(20)})

    async def test():
        counter = Till(purse, set())
        await asyncio.gather(*(counter.token(key, poll=True) for key in range(20) for _ in range(3)))

    run(test)
    assert len(purse.takings) == 1
    assert {want.tokens for want in purse.takings[0].values()} == {3}


def test_people_come_before_polls_that_wait_longer():
    purse, order = Purse(key1=0), []

    async def test():
        counter = Till(purse, set())

        async def one(who: str) -> None:
            await counter.token(1, poll=who == "poll")
            order.append(who)

        polls = [asyncio.create_task(one("poll")) for _ in range(3)]
        await asyncio.sleep(0.03)
        people = [asyncio.create_task(one("person")) for _ in range(2)]
        await asyncio.sleep(0.03)
        purse.tokens[1] = 6
        await asyncio.gather(*polls, *people)

    run(test)
    assert order == ["person"] * 2 + ["poll"] * 3


def test_a_key_that_has_none_holds_no_other_up():
    purse = Purse(key1=0, key2=5)

    async def test():
        counter = Till(purse, set())
        stuck = asyncio.create_task(counter.token(1, poll=True))
        await asyncio.sleep(0.01)
        await counter.token(2, poll=True)
        assert not stuck.done()
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)
        await counter.token(2, poll=True)

    run(test)


def test_nothing_is_taken_for_those_who_wait_no_longer():
    purse = Purse(key1=0)

    async def test():
        counter, tasks = Till(purse, tasks := set()), tasks
        waiting = [asyncio.create_task(counter.token(1, poll=False)) for _ in range(3)]
        await asyncio.sleep(0.01)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, *tasks, return_exceptions=True)
        takings = len(purse.takings)
        await asyncio.sleep(0.1)
        assert len(purse.takings) == takings

    run(test)


def test_a_database_that_is_away_is_told_to_who_waits_and_is_asked_again():
    purse = Purse(key1=5)
    purse.trouble = OperationalError("away")

    async def test():
        counter = Till(purse, set())
        with pytest.raises(OperationalError):
            await counter.token(1, poll=True)
        purse.trouble = None
        await counter.token(1, poll=True)

    run(test)


class TestQueue:
    def tools(self) -> Tools:
        return Tools(db=Purse(), transports=None, me="me")

    def test_what_became_urgent_meanwhile_goes_first(self):
        done = []

        async def test():
            gate = asyncio.Event()

            async def do(item: str) -> None:
                done.append(item)

            tools = self.tools()
            queue = Queue(tools, lambda: 2, do, gate.wait)
            for rank, item in enumerate("cab"):
                queue.put(item, 3.0 + rank)
            await asyncio.sleep(0)
            queue.put("urgent", 1.0)
            gate.set()
            await asyncio.gather(*tools.tasks)

        run(test)
        assert done == ["urgent", *"cab"]

    def test_a_turn_is_waited_for_only_where_there_is_something_to_do(self):
        turns = []

        async def test():
            async def turn() -> None:
                turns.append(1)
                await asyncio.sleep(0.001)

            async def do(item: int) -> None:
                await asyncio.sleep(0.002)

            tools = self.tools()
            queue = Queue(tools, lambda: 3, do, turn)
            for item in range(7):
                queue.put(item)
            while tools.tasks:
                await asyncio.gather(*tools.tasks)

        run(test)
        assert len(turns) == 7

    def test_no_more_at_once_than_its_limit(self):
        active, most = 0, 0

        async def test():
            async def do(item: int) -> None:
                nonlocal active, most
                active += 1
                most = max(most, active)
                await asyncio.sleep(0.001)
                active -= 1

            tools = self.tools()
            queue = Queue(tools, lambda: 4, do)
            for item in range(20):
                queue.put(item)
            while tools.tasks:
                await asyncio.gather(*tools.tasks)

        run(test)
        assert most == 4
