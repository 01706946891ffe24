"""What programs write into pictures about how they were made: AUTOMATIC1111 and its kin, ComfyUI, InvokeAI, NovelAI,
Fooocus; and descriptions in EXIF and XMP. Read only, and never believed further than as words to show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from generations.archives.records import LONGEST_PROMPT, settings, text
from studio.lib.images import FORMATS, MAX_PIXELS, UNREADABLE

DESCRIPTION, EXIF_PART, USER_COMMENT = 0x010E, 0x8769, 0x9286
LARGEST = 2_000_000  # characters of one text
MOST_NODES = 5_000  # of ComfyUI's graph
DEEPEST = 30
LONGEST_LINE = 4_000  # characters of AUTOMATIC1111's line of settings
STEPS, NEGATIVE = re.compile(r"^Steps: \d", re.MULTILINE), "Negative prompt:"
PAIR = re.compile(r'\s*([\w][\w \-/]*):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
XMP_DESCRIPTION = re.compile(
    rb"<dc:description>.{0,200}?<rdf:li[^>]{0,200}>(?P<text>[^<]{1,100000})</rdf:li>", re.DOTALL
)
ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#10;": "\n", "&amp;": "&"}


@dataclass(frozen=True, slots=True)
class Found:
    prompt: str = ""
    model: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


def read(path: Path) -> Found:
    """Of a picture; nothing where it says nothing, or cannot be read."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return Found()
            texts = _texts(image)
    except UNREADABLE:
        return Found()
    for name, reader in READERS:
        if name in texts and (found := _tried(reader, texts[name])):
            return Found(
                text(found.prompt, LONGEST_PROMPT).strip(), text(found.model, 200), settings(dict(found.settings))
            )
    return Found()


def _tried(reader: Callable[[str], Found | None], said: str) -> Found | None:
    try:
        found = reader(said)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # JSON of another shape
        return None
    return found if found and (found.prompt or found.model or found.settings) else None


def _texts(image: Image.Image) -> dict[str, str]:
    """What the file says, by the names of PNG's texts; EXIF's and XMP's under names of their own."""
    if image.format == "PNG":
        image.load()  # texts may stand behind the pixels
    texts = {name: said for name, said in image.info.items() if isinstance(name, str) and isinstance(said, str)}
    exif = image.getexif()
    inner = exif.get_ifd(EXIF_PART)
    if comment := _comment(inner.get(USER_COMMENT)):
        texts.setdefault("parameters" if "Steps: " in comment else "exif:comment", comment)
    if isinstance(said := exif.get(DESCRIPTION), str) and said.strip():
        texts["exif:description"] = said
    xmp = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    if found := XMP_DESCRIPTION.search(xmp.encode() if isinstance(xmp, str) else bytes(xmp)):
        texts["xmp:description"] = _plain(found["text"].decode(errors="replace"))
    if texts.get("Software") == "NovelAI":
        texts["novelai"] = texts.get("Comment", "")
    return {name: said[:LARGEST] for name, said in texts.items()}


def _comment(value: Any) -> str:
    """EXIF's UserComment begins with eight bytes that name its letters."""
    if not isinstance(value, bytes):
        return value if isinstance(value, str) else ""
    head, body = value[:8], value[8:]
    if head.startswith(b"UNICODE"):
        # Big-endian as the standard has it; some write the other way, which shows in where the zeros are.
        little = body[1:2] == b"\0"
        return body.decode("utf-16-le" if little else "utf-16-be", errors="replace").strip("\0")
    return (body if head.startswith((b"ASCII", b"\0" * 8)) else value).decode(errors="replace").strip("\0")


def _plain(said: str) -> str:
    for entity, sign in ENTITIES.items():
        said = said.replace(entity, sign)
    return said


# -- Each program's own ------------------------------------------------------------------------------------------------
def _automatic(said: str) -> Found | None:
    """prompt, "Negative prompt: …", "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x768, Model: …" """
    if said.lstrip().startswith("{"):
        return _fooocus(said)
    said = said.replace("\r\n", "\n")
    begun = STEPS.search(said)
    if begun is None:
        return Found(said)
    above, line = said[: begun.start()], said[begun.start() :][:LONGEST_LINE]
    prompt, _, negative = above.partition(NEGATIVE)
    pairs = {name.strip().lower().replace(" ", "_"): _value(value) for name, value in PAIR.findall(line)}
    named = {"negative_prompt": negative.strip(), **pairs}
    model = str(named.pop("model", "") or "")
    return Found(prompt, model, {name: value for name, value in list(named.items())[:60] if value != ""})


def _value(said: str) -> Any:
    said = said.strip()
    if said.startswith('"'):
        try:
            return json.loads(said)
        except ValueError:
            return said.strip('"')
    for kind in (int, float):
        try:
            return kind(said)
        except ValueError:
            continue
    return said


def _fooocus(said: str) -> Found:
    given = json.loads(said)
    kept = {name: given.get(name) for name in ("negative_prompt", "seed", "steps", "sampler", "scheduler")}
    if isinstance(kept["seed"], str):
        kept["seed"] = _value(kept["seed"])
    return Found(str(given.get("prompt", "")), str(given.get("base_model", "")), _told(kept))


def _invoke(said: str) -> Found:
    given = json.loads(said)
    model = given.get("model") or {}
    name = model.get("name") or model.get("model_name") or "" if isinstance(model, dict) else str(model)
    kept = {key: given.get(key) for key in ("negative_prompt", "seed", "steps", "cfg_scale", "scheduler")}
    return Found(str(given.get("positive_prompt", "")), str(name), _told(kept))


def _novel(said: str) -> Found:
    given = json.loads(said)
    kept = {key: given.get(key) for key in ("seed", "steps", "sampler", "scale")} | {"negative_prompt": given.get("uc")}
    return Found(str(given.get("prompt", "")), "NovelAI", _told(kept))


def _comfy(said: str) -> Found | None:
    """The graph: the sampler's node, and what its inputs come from."""
    graph = json.loads(said)
    if not isinstance(graph, dict) or len(graph) > MOST_NODES:
        return None
    nodes = {
        name: node for name, node in graph.items() if isinstance(node, dict) and isinstance(node.get("inputs"), dict)
    }
    sampler: dict[str, Any] = next((node["inputs"] for node in nodes.values() if "positive" in node["inputs"]), {})
    seeds = (node["inputs"].get(name) for node in nodes.values() for name in ("seed", "noise_seed"))
    seed = next((one for one in seeds if isinstance(one, int) and not isinstance(one, bool)), None)
    prompt = _written(nodes, sampler.get("positive"), set()) or _any_text(nodes)
    kept = {
        "negative_prompt": _written(nodes, sampler.get("negative"), set()),
        "seed": seed,
        **{name: sampler.get(name) for name in ("steps", "cfg", "sampler_name", "scheduler", "denoise")},
    }
    plain = {name: value for name, value in kept.items() if isinstance(value, str | int | float)}
    return Found(prompt, _loaded(nodes), _told(plain))


def _written(nodes: Mapping[str, Any], link: Any, seen: set[str], depth: int = 0) -> str:
    """The text at the end of a link: [the node's name, which of its outputs]. Each node is looked into once: ways
    through a graph are far more than its nodes.
    """
    name = str(link[0]) if isinstance(link, list) and link else ""
    if name not in nodes or name in seen or depth > DEEPEST:
        return ""
    seen.add(name)
    inputs = nodes[name]["inputs"]
    for at in ("text", "text_g", "prompt", "string", "value", "clip_l", "t5xxl"):
        value = inputs.get(at)
        if isinstance(value, str) and value.strip():
            return value
        if found := _written(nodes, value, seen, depth + 1):
            return found
    links = (value for name, value in inputs.items() if name not in {"clip", "vae", "model", "image", "pixels"})
    return next((found for value in links if (found := _written(nodes, value, seen, depth + 1))), "")


def _any_text(nodes: Mapping[str, Any]) -> str:
    """Of graphs whose sampler takes its text by ways of its own."""
    encoders = (node["inputs"].get("text") for node in nodes.values() if "TextEncode" in str(node.get("class_type")))
    return next((said for said in encoders if isinstance(said, str) and said.strip()), "")


def _loaded(nodes: Mapping[str, Any]) -> str:
    names = ("ckpt_name", "unet_name", "model_name")
    found = (node["inputs"].get(name) for name in names for node in nodes.values())
    return next((Path(one.replace("\\", "/")).stem for one in found if isinstance(one, str) and one), "")


def _told(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None and value != ""}


READERS: tuple[tuple[str, Callable[[str], Found | None]], ...] = (
    ("novelai", _novel),
    ("parameters", _automatic),
    ("prompt", _comfy),
    ("invokeai_metadata", _invoke),
    ("sd-metadata", _invoke),
    ("exif:comment", Found),
    ("exif:description", Found),
    ("xmp:description", Found),
    ("Description", Found),
    ("Comment", Found),
    ("comment", lambda said: Found(said)),
)
