"""What a dialect of chat is: a `Dialect` that answers messages instead of making jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from studio.providers.base import Json, ModelInfo, Option, Request, Response
from studio.providers.chat import ChatModel, ChatSpec, Delta
from studio.providers.dialect import Dialect


class StreamReader:
    """Reads the answer to one chat request, whichever way it comes. It holds state: one for each answer."""

    def read(self, data: bytes) -> Delta | None:
        """One event's data; None for one that adds nothing. Raises ProviderError for an error inside the stream."""
        raise NotImplementedError

    def read_whole(self, response: Response) -> Delta:
        """An answer that is no stream. Raises ProviderError."""
        raise NotImplementedError

    def end(self) -> Delta | None:
        """What was held back when the stream ended (half of a tag, say)."""
        return None

    @property
    def is_over(self) -> bool:
        """Has the provider said that there will be no more?"""
        raise NotImplementedError

    @property
    def is_finished(self) -> bool:
        """Has the model ended? Its usage, and the provider's last word, may still come."""
        raise NotImplementedError

    @property
    def has_begun(self) -> bool:
        """Did anything come that belongs to an answer?"""
        raise NotImplementedError


class ChatDialect(Dialect):
    """Its catalogue's payloads are read by `parse_models`; it has no models that make jobs."""

    chats: ClassVar[bool] = True
    options: ClassVar[tuple[Option, ...]] = ()  # the parameters that a person may set, for all of its models

    def parse_models(self, payloads: Mapping[str, Json]) -> Sequence[ChatModel]:
        """From the decoded JSON of the catalogue's answers; a missing or odd payload yields what can be read."""
        raise NotImplementedError

    def parse_catalogue(self, payloads: Mapping[str, Json]) -> Sequence[ModelInfo]:
        return ()

    def build_chat(self, spec: ChatSpec) -> Request:
        raise NotImplementedError

    def simpler(self, request: Request, refused: Response) -> Request | None:
        """The same without what this refusal shows the server not to know; None where it is about something else.

        Only for refusals that prove that nothing was started. Each time it asks for less, so it ends.
        """
        return None

    def reader(self) -> StreamReader:
        raise NotImplementedError
