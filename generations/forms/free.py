"""What a schema cannot say: any JSON, and parameters that a person names."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from generations.forms.posted import indices

JSON_MAX = 100_000  # characters
NESTED_MAX = 40  # lists and objects within one another: whoever reads them later goes down by recursion
PARAMETERS_MAX = 60
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_ANSWERS = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}
TYPES = {"text": "Text", "number": "Number", "boolean": "Yes / no", "json": "JSON"}


def read_json(text: str) -> Any:
    """Strict JSON that a database can keep. Raises ValidationError, which says where it is wrong."""
    if len(text) > JSON_MAX:
        raise ValidationError(f"At most {JSON_MAX:,} characters.")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_real, object_pairs_hook=_once)
        encoded = json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValidationError(f"This is not JSON: {_reason(error)} at {place}.") from None
    except RecursionError:
        raise ValidationError("This is nested too deeply.") from None
    except UnicodeEncodeError:
        raise ValidationError("It holds half of a character (a lone surrogate).") from None
    except _NotJson as error:
        raise ValidationError(f"This is not JSON: {error}.") from None
    except ValueError:
        raise ValidationError("It holds a number with too many digits.") from None
    if _is_deeper(value, NESTED_MAX):
        raise ValidationError("This is nested too deeply.")
    if rb"\u0000" in encoded and "\0" in "".join(_texts(value)):
        raise ValidationError("It holds the character NUL, which cannot be kept.")
    return value


def write_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


class JsonField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(widget=forms.Textarea(), strip=True)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return read_json(text) if text else None


class ParametersWidget(forms.Widget):
    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Given:
        rows = [_parameter(data, f"{name}-{index}") for index, _ in indices(data, name, PARAMETERS_MAX)]
        in_json = data.get(f"{name}-view") == "json"
        return Given(
            [row for row in rows if row.name.strip() or row.value], str(data.get(f"{name}-json") or ""), in_json
        )


@dataclass(slots=True)
class Parameter:
    """A row as it was typed."""

    name: str = ""
    type: str = "text"
    value: str = ""
    error: str = ""
    is_spare: bool = False


@dataclass(slots=True)
class Given:
    """Parameters as they were typed: in rows, or the whole as JSON."""

    rows: list[Parameter]
    json: str = ""
    in_json: bool = False


def _parameter(data: Mapping[str, Any], name: str) -> Parameter:
    name_given, kind, value = (str(data.get(f"{name}-{part}") or "") for part in ("name", "type", "value"))
    return Parameter(name_given, kind, value)


class ParametersField(forms.Field):
    """Names and values that go beside the other options, {"steps": 20, …}. `taken`: names that have a field already."""

    widget = ParametersWidget
    types = tuple(TYPES.items())
    most = PARAMETERS_MAX

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.taken = taken | {"prompt"}

    def clean(self, value: Any) -> dict[str, Any] | None:
        parameters = self._from_json(value.json) if value.in_json else self._from_rows(value.rows)
        if self.required and not parameters:
            raise ValidationError(self.error_messages["required"])
        return parameters or None

    def _from_json(self, text: str) -> dict[str, Any]:
        parameters = read_json(text) if text.strip() else {}
        if not isinstance(parameters, dict):
            raise ValidationError('The whole is to be an object: {"name": value, …}.')
        if len(parameters) > PARAMETERS_MAX:
            raise ValidationError(f"At most {PARAMETERS_MAX} parameters.")
        for name in parameters:
            self._check_name(name)
        return parameters

    def _from_rows(self, rows: list[Parameter]) -> dict[str, Any]:
        parameters: dict[str, Any] = {}
        for row in rows:
            name = row.name.strip()
            try:
                self._check_name(name)
                if name in parameters:
                    raise ValidationError(f"“{name}” stands twice.")
                parameters[name] = typed(row.type, row.value)
            except ValidationError as error:
                row.error = error.messages[0]
        if any(row.error for row in rows):
            raise ValidationError("Look at what is marked.")
        return parameters

    def _check_name(self, name: str) -> None:
        if not name:
            raise ValidationError("Give it a name.")
        if name in self.taken:
            raise ValidationError(f"“{name}” has a field of its own.")
        if not _NAME.fullmatch(name):
            raise ValidationError(f"“{name[:64]}” is no name: letters, digits and _ - . only, and a letter first.")

    def prepare_value(self, value: Any) -> Given:
        if isinstance(value, Given):
            return value
        known = value if isinstance(value, Mapping) else {}
        rows = [Parameter(str(name), *written(one)) for name, one in known.items()]
        return Given(rows, write_json(known) if known else "")


def typed(kind: str, text: str) -> Any:
    """The value that is meant. Raises ValidationError."""
    match kind:
        case "number":
            return _number(text.strip())
        case "boolean":
            answer = _ANSWERS.get(text.strip().lower())
            if answer is None:
                raise ValidationError("Say yes or no.")
            return answer
        case "json":
            return read_json(text)
        case _:
            return _storable(text)


def written(value: Any) -> tuple[str, str]:
    """The type and the text that `typed` makes this value of."""
    match value:
        case bool():
            return "boolean", "yes" if value else "no"
        case int() | float():
            return "number", json.dumps(value)
        case str():
            return "text", value
        case _:
            return "json", write_json(value)


def _number(text: str) -> int | float:
    try:
        number = int(text) if re.fullmatch(r"[+-]?\d{1,40}", text, re.ASCII) else float(text)
    except ValueError:
        number = math.nan
    if isinstance(number, float) and not math.isfinite(number):
        raise ValidationError("This is no number.")
    return number


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValidationError("It holds the character NUL, which cannot be kept.")
    return text[:JSON_MAX]


class _NotJson(ValueError):
    """The message says what is wrong with it."""


def _no_constant(word: str) -> Any:
    raise _NotJson(f"{word} is no value")


def _real(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise _NotJson(f"{text[:20]} is too large")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _NotJson(f"the name “{name[:64]}” stands twice")
        found[name] = value
    return found


def _reason(error: json.JSONDecodeError) -> str:
    return error.msg[:1].lower() + error.msg[1:]


def _is_deeper(value: Any, most: int) -> bool:
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most < 0 or any(_is_deeper(one, most - 1) for one in within)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for one in pair for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []
