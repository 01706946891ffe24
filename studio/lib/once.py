"""Slow questions, each asked once at a time however many want to know."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Asks in threads that nothing waits for, not even the end of the process.

    Who comes while a question is under way shares its answer. An answer is not kept here: the question itself keeps
    what later ones should find.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._asked: dict[Hashable, Future[T]] = {}
        self._lock = Lock()

    def ask(self, what: Hashable, question: Callable[[], T]) -> Future[T]:
        """The answer to come: of the question under way under this name, else of this one."""
        with self._lock:
            if (under_way := self._asked.get(what)) is not None:
                return under_way
            asked = self._asked[what] = Future[T]()
        Thread(target=self._run, args=(what, question, asked), name=self._name, daemon=True).start()
        return asked

    def _run(self, what: Hashable, question: Callable[[], T], asked: Future[T]) -> None:
        try:
            answer = question()
        except BaseException as error:
            self._forget(what)
            asked.set_exception(error)  # raised where the answer is read
        else:
            self._forget(what)
            asked.set_result(answer)

    def _forget(self, what: Hashable) -> None:
        with self._lock:
            self._asked.pop(what, None)
