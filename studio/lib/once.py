"""Slow questions, each asked once at a time however many want to know."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, NamedTuple, TypeVar

AT_ONCE = 8  # questions of one lane; others wait
MOST_WAITING = 200  # and so many of them; those that have waited longest are given up

T = TypeVar("T")


class _Question(NamedTuple, Generic[T]):
    what: Hashable
    ask: Callable[[], T]
    answer: Future[T]


class Once(Generic[T]):
    """Asks in threads that nothing waits for, not even the end of the process.

    Who comes while a question is under way shares its answer. An answer is not kept here: the question itself keeps
    what later ones should find. Those of a lane share a few threads, the newest question first: a provider that hangs
    holds up its own, and gathers no threads.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._asked: dict[Hashable, Future[T]] = {}
        self._waiting: defaultdict[Hashable, deque[_Question[T]]] = defaultdict(deque)
        self._threads: Counter[Hashable] = Counter()
        self._lock = Lock()

    def ask(self, what: Hashable, question: Callable[[], T], *, lane: Hashable = None) -> Future[T]:
        """The answer to come: of the question under way under this name, else of this one.

        Without a lane it waits for no other. One that is given up raises CancelledError.
        """
        lane = ("alone", what) if lane is None else lane
        with self._lock:
            if (under_way := self._asked.get(what)) is not None:
                return under_way
            asked = self._asked[what] = Future[T]()
            self._waiting[lane].append(_Question(what, question, asked))
            given_up = self._waiting[lane].popleft() if len(self._waiting[lane]) > MOST_WAITING else None
            if given_up:
                del self._asked[given_up.what]
            is_free = self._threads[lane] < AT_ONCE
            self._threads[lane] += is_free
        if given_up:
            given_up.answer.cancel()
        if is_free:
            Thread(target=self._work, args=(lane,), name=self._name, daemon=True).start()
        return asked

    def _work(self, lane: Hashable) -> None:
        while question := self._next(lane):
            self._run(question)

    def _next(self, lane: Hashable) -> _Question[T] | None:
        with self._lock:
            if self._waiting[lane]:
                return self._waiting[lane].pop()
            self._threads[lane] -= 1
            if not self._threads[lane]:
                del self._threads[lane], self._waiting[lane]
            return None

    def _run(self, question: _Question[T]) -> None:
        try:
            answer = question.ask()
        except BaseException as error:
            self._forget(question.what)
            question.answer.set_exception(error)  # raised where the answer is read
        else:
            self._forget(question.what)
            question.answer.set_result(answer)

    def _forget(self, what: Hashable) -> None:
        with self._lock:
            self._asked.pop(what, None)
