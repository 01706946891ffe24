"""What a browser sent, where one name stands several times."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_ROW = re.compile(r"(\+?)(\d{1,4})", re.ASCII)


def listed(data: Mapping[str, Any], name: str) -> list[Any]:
    """All values of that name, in their order."""
    values = data.getlist(name) if hasattr(data, "getlist") else data.get(name)
    if values is None:
        return []
    return list(values) if isinstance(values, list | tuple) else [values]


def indices(data: Mapping[str, Any], name: str, most: int) -> list[tuple[int, bool]]:
    """The rows of a field in the order of its markers, each once, and whether one is only a spare row.

    A row's marker is an input of the field's own name with the row's index: "3", or "+3" for a row that stands there
    in case it is wanted.
    """
    found = (_ROW.fullmatch(str(value)) for value in listed(data, name))
    rows = {int(marker[2]): bool(marker[1]) for marker in found if marker}
    return list(rows.items())[:most]
