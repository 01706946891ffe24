"""What WaveSpeedAI takes for a model, what it makes, and what it wants for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fake_provider.wire import RefusedError

GIVES = ("video", "audio", "image")


def refusal(code: int, message: str, error_code: int | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, **({} if error_code is None else {"error_code": error_code})}


def price(row: Mapping[str, Any], inputs: Mapping[str, Any]) -> float:
    """By the number of images, the seconds and the resolution."""
    base = row.get("base_price")
    base = base if isinstance(base, float | int) else 0.05
    count, seconds = inputs.get("num_images", 1), float(inputs.get("duration", 5))
    factor = {"1080p": 2, "4k": 2, "8k": 4}.get(str(inputs.get("resolution", "")), 1)
    return round(base * count * max(seconds / 5, 1) * factor, 6)


def kind_of(row: Mapping[str, Any]) -> str:
    target = row["type"].rpartition("-to-")[2] + row["model_id"]
    if row["type"] == "digital-human":
        return "video"
    return next((kind for kind in GIVES if kind in target), "image")


def check(row: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    """Raises the refusal of a body that its schema does not allow."""
    schema = row["api_schema"]["api_schemas"][0]["request_schema"] if isinstance(row.get("api_schema"), dict) else {}
    if not isinstance(schema, dict):
        return
    for name in schema.get("required", ()):
        if body.get(name) in (None, "", []):
            raise RefusedError(400, refusal(400, f'property "{name}" is required', 1400))
    for name, value in body.items():
        said = schema.get("properties", {}).get(name)
        if said is None:
            raise RefusedError(400, refusal(400, f'property "{name}" is unsupported', 1400))
        if problem := _problem(said, value):
            raise RefusedError(400, refusal(400, f'property "{name}" {problem}', 1401))


def _problem(said: Mapping[str, Any], value: Any) -> str:
    types = {"string": str, "integer": int, "number": int | float, "boolean": bool, "array": list}
    wanted = types.get(said["type"]) if isinstance(said.get("type"), str) else None
    if wanted and (not isinstance(value, wanted) or (wanted is not bool and isinstance(value, bool))):
        return f"must be {said['type']}"
    if "enum" in said and str(value) not in [str(each) for each in said["enum"]]:
        return "is none of the choices"
    if said.get("type") in ("integer", "number") and not said.get("minimum", value) <= value <= said.get(
        "maximum", value
    ):
        return "is out of range"
    return ""
