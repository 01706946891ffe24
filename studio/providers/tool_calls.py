"""Calls of tools that a model asks for. Studio has no tools to call, so a reply that is nothing else shows them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from studio.providers import reading
from studio.providers.base import Json

MAX_CALLS = 128


@dataclass(slots=True)
class _Call:
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Json]:
        written = "".join(self.arguments)
        try:
            arguments = json.loads(written) if written else {}
        except (ValueError, RecursionError):
            arguments = written
        return {"name": self.name, "arguments": arguments}


@dataclass(slots=True)
class ToolCalls:
    """Their pieces, as streams bring them: {index, function: {name, arguments}}."""

    _calls: dict[int, _Call] = field(default_factory=dict)

    def add(self, pieces: Json) -> None:
        for place, piece in enumerate(pieces if isinstance(pieces, list) else ()):
            if not isinstance(piece, dict) or not isinstance(said := piece.get("function"), dict):
                continue
            index = piece.get("index")
            place = index if isinstance(index, int) else place
            if place in self._calls or len(self._calls) < MAX_CALLS:
                call = self._calls.setdefault(place, _Call())
                call.name = reading.identifier(said.get("name")) or call.name
                call.arguments.append(_written(said.get("arguments")))

    def shown(self) -> str:
        """As a block of JSON in Markdown; the empty text where there are none."""
        if not self._calls:
            return ""
        calls = [call.shown() for call in self._calls.values()]
        return f"```json\n{json.dumps(calls, indent=2, ensure_ascii=False)}\n```"


def _written(arguments: Json) -> str:
    if isinstance(arguments, str):
        return arguments
    return json.dumps(arguments) if isinstance(arguments, dict) else ""
