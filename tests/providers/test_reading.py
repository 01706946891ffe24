import json

import pytest

from studio.providers import reading
from studio.providers.base import Json, Output

A, B, C = "https://cdn.example/a.png", "https://cdn.example/b.png", "http://cdn.example/c.mp4"


@pytest.mark.parametrize(
    ("value", "percent"),
    [(0, 0), (45, 45), (45.9, 45), ("45", 45), ("45%", 45), (" 45.5 % ", 45), (-3, 0), (250, 100), (1e400, 100),
     (None, None), (True, None), ("soon", None), ("", None), (float("nan"), None), ([45], None), (10**400, None)],
)  # fmt: skip
def test_percent(value: Json, percent: int | None) -> None:
    assert reading.percent(value) == percent


@pytest.mark.parametrize(
    ("value", "id"),
    [("f47ac10b-58cc", "f47ac10b-58cc"), (" 12 ", "12"), (12, "12"), ("a/b?c", "a/b?c"), ("", ""), (None, ""),
     (True, ""), (1.5, ""), (".", ""), ("..", ""), ("a\nb", ""), ("x" * 201, ""), (["a"], "")],
)  # fmt: skip
def test_identifier(value: Json, id: str) -> None:
    assert reading.identifier(value) == id


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (None, []),
        ({}, []),
        ([], []),
        (7, []),
        ({"image": None}, []),
        ({"image": ""}, []),
        ({"image": "not an address"}, []),
        ({"image": "javascript:alert(1)"}, []),
        ({"image": "/relative.png"}, []),
        ({"image": A + "\n"}, []),
        (A, [("image", A)]),
        ({"image": A}, [("image", A)]),
        ({"image": A, "upscaled": B}, [("image", A), ("upscaled", B)]),
        ({"image": A, "copy": A}, [("image", A)]),
        ([A, B], [("image", A), ("image-2", B)]),
        ({"images": [A, B]}, [("images", A), ("images-2", B)]),
        ({"images": [{"url": A, "width": 8}, {"url": B}]}, [("images", A), ("images-2", B)]),
        ({"video": {"url": C, "thumbnail": B}}, [("video", C)]),
        ({"video": {"mp4": C, "poster": {"href": B}}}, [("mp4", C), ("poster", B)]),
        ([{"download_url": A}], [("image", A)]),
        ({"image": {"url": ""}}, []),
    ],
)
def test_outputs_take_every_key_and_shape(files: Json, found: list[tuple[str, str]]) -> None:
    assert reading.outputs(files, "image") == tuple(Output(name, url) for name, url in found)


def test_outputs_of_a_bottomless_or_endless_tree_are_few() -> None:
    tree: Json = A
    for _ in range(5000):
        tree = {"a": tree}
    assert reading.outputs(tree, "image") == ()
    assert len(reading.outputs([f"{A}?{n}" for n in range(5000)], "image")) == reading.MAX_OUTPUTS


@pytest.mark.parametrize(
    ("payload", "rows"),
    [([{"a": 1}, "odd", None], [{"a": 1}]), ({"data": [{"a": 1}]}, [{"a": 1}]), ({"jobs": []}, []), ([], []),
     ({}, None), (None, None), ("text", None), ({"data": {"a": 1}}, None)],
)  # fmt: skip
def test_rows(payload: Json, rows: Json) -> None:
    assert reading.rows(payload) == rows


def test_what_is_stored_holds_no_nul() -> None:
    assert reading.storable({"a\0": ["b\0c", 1, None, {"d": "\0"}]}) == {"a": ["bc", 1, None, {"d": ""}]}


def test_what_is_nested_without_end_is_cut_off() -> None:
    deep: Json = "at the bottom"
    for _ in range(5000):
        deep = [{"inner": deep}]
    kept = json.dumps(reading.storable({"data": deep, "beside": 1}))
    assert "bottom" not in kept
    assert json.loads(kept)["beside"] == 1
