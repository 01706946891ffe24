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


@register.simple_tag
def archive_outcome(archive: Archive) -> str:
    """3 files, 2 jobs, 1 conversation"""
    said = ((archive.outcome.get(name, 0), one, several) for name, one, several in WORDS)
    words = [f"{count:,} {one if count == 1 else several}" for count, one, several in said if count]
    return ", ".join(words) or "Nothing new"
