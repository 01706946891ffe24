"""A conversation of ChatGPT's export → one of Studio's (see `exporting`).

Its `mapping` is a tree of nodes. Those that no person saw (system messages, calls of tools, empty ones) are left out;
what follows them follows what was before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generations.chats.files.records import MOST_MESSAGES, Odd

SHOWN = frozenset({"text", "multimodal_text", "code"})
PICTURE = "*[A picture, which is not in the export]*"
SOUND = "*[A sound, which is not in the export]*"
NODES = 5 * MOST_MESSAGES


def record(found: Any) -> dict[str, Any]:
    """Raises Odd."""
    mapping = found.get("mapping") if isinstance(found, dict) else None
    if not isinstance(mapping, dict):
        raise Odd("It is no conversation.")
    if len(mapping) > NODES:
        raise Odd(f"It has more than {MOST_MESSAGES:,} messages.")
    nodes = {name: node for name, node in mapping.items() if isinstance(node, dict)}
    messages, stands_for = _walk(nodes)
    return {
        "id": found.get("conversation_id") or found.get("id"),
        "title": found.get("title"),
        "system": _system(nodes),
        "created_at": found.get("create_time"),
        "written_at": found.get("update_time") or found.get("create_time"),
        "archived_at": (found.get("update_time") or 1) if found.get("is_archived") is True else None,
        "current": stands_for.get(str(found.get("current_node"))),
        "messages": messages,
    }


def _walk(nodes: Mapping[str, dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The messages, each below what it follows; and for each node, the message that stands for it."""
    roots = [name for name, node in nodes.items() if not node.get("parent") or node["parent"] not in nodes]
    waiting = [(name, "", "") for name in reversed(roots)]  # node, message above, reasoning that waits for its reply
    messages: list[dict[str, Any]] = []
    stands_for: dict[str, str] = {}
    while waiting:
        name, above, thought = waiting.pop()
        if name in stands_for:
            continue
        message = _message(nodes[name].get("message"))
        thought += _thoughts(nodes[name].get("message"))
        if message:
            if message["role"] == "assistant":
                message["reasoning"], thought = thought.strip(), ""
            messages.append({"id": name, "parent": above, **message})
            above = name
        stands_for[name] = above
        children = nodes[name].get("children")
        below = [child for child in children if isinstance(child, str)] if isinstance(children, list) else []
        waiting += [(child, above, thought) for child in reversed(below) if child in nodes]
    return messages, stands_for


def _message(message: Any) -> dict[str, Any] | None:
    """None for what no person saw."""
    if not isinstance(message, dict) or _is_hidden(message):
        return None
    role, content = _role(message), message.get("content")
    kind = content.get("content_type") if isinstance(content, dict) else None
    if kind not in SHOWN or role not in ("user", "assistant", "tool"):
        return None
    parts = _parts(content)
    if role == "tool":  # of what tools answer, people see pictures
        role, parts = "assistant", [part for part in parts if part == PICTURE]
    text = "\n\n".join(part for part in parts if part.strip())
    if not text:
        return None
    model = _dict(message.get("metadata")).get("model_slug")
    return {
        "role": role,
        "text": text,
        "created_at": message.get("create_time"),
        "model": model,
        "model_name": model,
        "provider": "",
        "finish": "stop",
    }


def _is_hidden(message: dict[str, Any]) -> bool:
    metadata = _dict(message.get("metadata"))
    if metadata.get("is_visually_hidden_from_conversation") is True or message.get("weight") == 0:
        return True
    return _role(message) == "assistant" and message.get("recipient") not in (None, "all")


def _parts(content: Any) -> list[str]:
    if isinstance(content.get("text"), str):
        return [content["text"]]
    parts = content.get("parts")
    return [_part(part) for part in parts] if isinstance(parts, list) else []


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    kind = str(_dict(part).get("content_type"))
    if kind.startswith("image"):
        return PICTURE
    if kind.startswith("audio") and isinstance(_dict(part).get("text"), str):
        return str(part["text"])  # what was said
    return SOUND if "audio" in kind else ""


def _thoughts(message: Any) -> str:
    content = _dict(_dict(message).get("content"))
    thoughts = content.get("thoughts")
    if content.get("content_type") != "thoughts" or not isinstance(thoughts, list):
        return ""
    said = [_dict(thought).get("content") for thought in thoughts]
    return "\n\n".join(text for text in said if isinstance(text, str)) + "\n\n"


def _system(nodes: Mapping[str, dict[str, Any]]) -> str:
    """What the person told it beforehand, where the export shows that."""
    for node in nodes.values():
        message = _dict(node.get("message"))
        if _role(message) == "system" and not _is_hidden(message):
            text = "\n\n".join(_parts(_dict(message.get("content"))))
            if text.strip():
                return text
    return ""


def _role(message: dict[str, Any]) -> str:
    return str(_dict(message.get("author")).get("role"))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
