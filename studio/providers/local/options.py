"""An input of an engine: declared once, for validation and for the list of engines."""

import re
from dataclasses import dataclass

DATA_URI = re.compile(r"data:image/(?:png|jpeg|webp);base64,")
Value = str | int | float | bool


class BadInputError(ValueError):
    """An input that an engine cannot work with. The message is for people."""


@dataclass(frozen=True, slots=True)
class Option:
    """One input of an engine. `type` is text, choice, integer, number, boolean or image (a data: URI of a picture);
    the limits are inclusive."""

    name: str
    type: str
    default: Value | None
    description: str
    choices: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    unit: str = ""

    def check(self, value: object) -> Value:
        """The value, in its type. Raises BadInputError."""
        if self.type == "boolean":
            if not isinstance(value, bool):
                raise BadInputError(f"{self.name} is true or false.")
            return value
        if self.type in {"integer", "number"}:
            return self._number(value)
        if not isinstance(value, str):
            raise BadInputError(f"{self.name} is a text.")
        if self.type == "image":
            return self._image(value)
        if self.choices and value not in self.choices:
            raise BadInputError(f"{self.name} is one of {', '.join(self.choices)}.")
        if self.max is not None and len(value) > self.max:
            raise BadInputError(f"{self.name} has at most {self.max:.0f} characters.")
        return value

    def _image(self, value: str) -> str:
        """Whether it is a picture at all is seen when it is painted from, in a process of its own."""
        if not DATA_URI.match(value):
            raise BadInputError(f"{self.name} is a PNG, JPEG or WebP as a data: URI.")
        if self.max is not None and len(value) > self.max:
            raise BadInputError(f"{self.name} is larger than {self.max / 1e6:g} MB.")
        return value

    def _number(self, value: object) -> int | float:
        whole = self.type == "integer"
        if isinstance(value, bool) or not isinstance(value, int | float) or (whole and value != int(value)):
            raise BadInputError(f"{self.name} is a {'whole ' if whole else ''}number.")
        if (self.min is not None and not value >= self.min) or (self.max is not None and not value <= self.max):
            raise BadInputError(f"{self.name} is from {self.min:g} to {self.max:g}{self.unit and ' ' + self.unit}.")
        return int(value) if whole else float(value)
