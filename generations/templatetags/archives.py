"""An export or import in words."""

from __future__ import annotations

from django import template

from generations.models import Archive

register = template.Library()

WORDS = (
    ("files", "file", "files"),
    ("jobs", "job", "jobs"),
    ("uploads", "upload", "uploads"),
    ("chats", "conversation", "conversations"),
    ("albums", "album", "albums"),
    ("prompts", "saved prompt", "saved prompts"),
    ("presets", "preset", "presets"),
)


@register.filter
def left_out(archive: Archive) -> list[tuple[str, int, str]]:
    """(why, how many, the names of the first of them)"""
    named = archive.outcome.get("names", {})
    found = []
    for why, count in archive.outcome.get("skipped", []):
        names = named.get(why, [])
        more = f" and {count - len(names):,} more" if names and count > len(names) else ""
        found.append((why, count, ", ".join(names) + more))
    return found


@register.simple_tag
def archive_outcome(archive: Archive) -> str:
    """3 files, 2 jobs, 1 conversation"""
    said = ((archive.outcome.get(name, 0), one, several) for name, one, several in WORDS)
    words = [f"{count:,} {one if count == 1 else several}" for count, one, several in said if count]
    return ", ".join(words) or "Nothing new"
