"""What other programs write into pictures, each as its own sample."""

import json

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from generations.archives import reading

A1111 = (
    "a red fox, masterpiece\nsecond line\nNegative prompt: blurry, text\n"
    "Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7.5, Seed: 3141592653, Size: 512x768, Model hash: 6ce0161689, "
    'Model: sdxl_base, Lora hashes: "detail: 4b1f, more: 77aa", Version: v1.9.3'
)
COMFY = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 42,
            "steps": 25,
            "cfg": 6.5,
            "sampler_name": "euler",
            "positive": ["6", 0],
            "negative": ["7", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "models\\flux_dev.safetensors"}},
    "6": {"class_type": "ConditioningCombine", "inputs": {"conditioning_1": ["8", 0]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "watermark", "clip": ["4", 1]}},
    "8": {"class_type": "CLIPTextEncode", "inputs": {"text": ["9", 0], "clip": ["4", 1]}},
    "9": {"class_type": "StringConstant", "inputs": {"string": "a lake at dawn"}},
}
INVOKE = {
    "positive_prompt": "a hill",
    "negative_prompt": "rain",
    "seed": 7,
    "steps": 30,
    "model": {"name": "juggernaut"},
}
NOVEL = {"prompt": "a cat", "uc": "dog", "seed": 5, "steps": 28, "sampler": "k_euler", "scale": 11}
FOOOCUS = {"prompt": "a tower", "negative_prompt": "", "seed": "99", "steps": 30, "base_model": "realistic"}


def written(path, **texts: str):
    info = PngInfo()
    for name, said in texts.items():
        info.add_itxt(name, said) if not said.isascii() else info.add_text(name, said)
    Image.new("RGB", (8, 8)).save(path, "PNG", pnginfo=info)
    return path


def read(tmp_path, **texts: str) -> reading.Found:
    return reading.read(written(tmp_path / "picture.png", **texts))


def test_automatic1111(tmp_path):
    found = read(tmp_path, parameters=A1111)
    assert (found.prompt, found.model) == ("a red fox, masterpiece\nsecond line", "sdxl_base")
    assert found.settings["negative_prompt"] == "blurry, text"
    assert found.settings["seed"] == 3141592653
    assert found.settings["cfg_scale"] == 7.5
    assert found.settings["size"] == "512x768"
    assert found.settings["lora_hashes"] == "detail: 4b1f, more: 77aa"


def test_comfyui_by_its_graph(tmp_path):
    found = read(tmp_path, prompt=json.dumps(COMFY), workflow="{}")
    assert (found.prompt, found.model) == ("a lake at dawn", "flux_dev")
    assert found.settings == {
        "negative_prompt": "watermark", "seed": 42, "steps": 25, "cfg": 6.5, "sampler_name": "euler"
    }  # fmt: skip


class Counted(dict[str, object]):
    """The inputs of a node, which may be looked up a hundred times."""

    lookups = 0

    def get(self, name, default=None):
        self.lookups += 1
        assert self.lookups < 100, "the same node again and again"
        return super().get(name, default)


def test_each_node_is_looked_into_once_by_however_many_ways_it_is_reached():
    """One node for each two ways: 31 of them are 2 to the 31st ways. A ring ends too."""
    nodes = {str(at): {"inputs": Counted(text=[str(at + 1), 0], a=[str(at + 1), 0])} for at in range(31)}
    nodes["ring"] = {"inputs": Counted(text=["ring", 0], a=["0", 0])}
    assert reading._written(nodes, ["ring", 0], set()) == ""
    nodes["20"]["inputs"]["a"] = ["end", 0]
    nodes["end"] = {"inputs": {"text": "a lake"}}
    assert reading._written(nodes, ["0", 0], set()) == "a lake"


@pytest.mark.parametrize(
    ("texts", "prompt", "model", "seed"),
    [
        ({"invokeai_metadata": json.dumps(INVOKE)}, "a hill", "juggernaut", 7),
        ({"Software": "NovelAI", "Description": "x", "Comment": json.dumps(NOVEL)}, "a cat", "NovelAI", 5),
        ({"parameters": json.dumps(FOOOCUS)}, "a tower", "realistic", 99),
        ({"Description": "eine Füchsin"}, "eine Füchsin", "", None),
    ],
    ids=["invokeai", "novelai", "fooocus", "description"],
)
def test_others(tmp_path, texts, prompt, model, seed):
    found = read(tmp_path, **texts)
    assert (found.prompt, found.model, found.settings.get("seed")) == (prompt, model, seed)


@pytest.mark.parametrize("order", ["utf-16-be", "utf-16-le"])
def test_exif_of_a_jpeg(tmp_path, order):
    path, exif = tmp_path / "picture.jpg", Image.Exif()
    exif.get_ifd(reading.EXIF_PART)[reading.USER_COMMENT] = b"UNICODE\0" + A1111.encode(order)
    Image.new("RGB", (8, 8)).save(path, "JPEG", exif=exif)
    assert reading.read(path).settings["seed"] == 3141592653


def test_a_description_in_exif_and_xmp(tmp_path):
    path, exif = tmp_path / "picture.jpg", Image.Exif()
    exif[reading.DESCRIPTION] = "A boat"
    Image.new("RGB", (8, 8)).save(path, "JPEG", exif=exif)
    assert reading.read(path).prompt == "A boat"
    said = b'<rdf:Alt><rdf:li xml:lang="x-default">Two &amp; a boat</rdf:li></rdf:Alt>'
    xmp = b"<x><dc:description>" + said + b"</dc:description></x>"
    Image.new("RGB", (8, 8)).save(path, "JPEG", xmp=xmp)
    assert reading.read(path).prompt == "Two & a boat"


@pytest.mark.parametrize(
    "texts",
    [
        {"prompt": "[1, 2]"},
        {"prompt": '{"3": {"inputs": {"positive": ["3", 0]}}}'},
        {"prompt": '{"3": {"inputs": {"positive": [["a"], 0], "text": {"b": 1}}}}'},
        {"prompt": "[" * 100_000},
        {"invokeai_metadata": '"text"'},
        {"invokeai_metadata": '{"model": 7, "seed": {"a": NaN}}'},
        {"parameters": "{broken"},
        {"parameters": ""},
        {"Software": "NovelAI"},
    ],
    ids=range(9),
)
def test_what_is_odd_says_nothing(tmp_path, texts):
    found = read(tmp_path, **texts)
    assert (found.prompt, found.model) in {("", ""), ("", "7")}


def test_a_damaged_file_says_nothing(tmp_path):
    path = written(tmp_path / "picture.png", parameters=A1111)
    path.write_bytes(path.read_bytes()[:60])
    assert reading.read(path) == reading.Found()
