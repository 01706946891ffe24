"""The second net: whatever the renderer did, only what it is meant to make gets out."""

from __future__ import annotations

import nh3

from studio.lib.markdown import math
from studio.lib.markdown.code import CLASSES, LANGUAGES

SCHEMES = frozenset({"http", "https", "mailto"})

_HTML = (
    "p br hr em strong s code pre a ul ol li blockquote h3 h4 h5 h6 table thead tbody tr th td div span sup section"
    " figure figcaption button input"
)
_WITH_DIRECTION = ("p", "h3", "h4", "h5", "h6", "ul", "blockquote")
_DIRECTION = ("dir",)
_LINK = {"href", "title", "target", "rel", "id", "role", "aria-label"}
_ATTRIBUTES = {
    **{tag: set(math.ATTRIBUTES) for tag in math.TAGS},
    **{tag: set(_DIRECTION) for tag in _WITH_DIRECTION},
    "a": _LINK,
    "ol": {"dir", "start"},
    "li": {"id"},
    "div": {"tabindex", "role", "aria-label", "dir"},
    "section": {"role", "aria-label", "dir"},
    "pre": {"tabindex"},
}
_CLASSES = {
    "span": {*CLASSES, "math"},
    "code": {f"language-{name}" for name in LANGUAGES} | {"math"},
    "div": {"table", "math"},
    "p": {"plain"},
    "li": {"task"},
    "sup": {"cite"},
    "a": {"cite-back"},
    "section": {"notes"},
    "figure": {"code"},
    "button": {"code-copy"},
    "th": {"align-centre", "align-right"},
    "td": {"align-centre", "align-right"},
}


def _in_page(url: str) -> str | None:
    return url if url.startswith(("#note-", "#cite-")) else None


_cleaner = nh3.Cleaner(
    tags={*_HTML.split(), *math.TAGS},
    clean_content_tags={"script", "style"},
    attributes=_ATTRIBUTES,
    tag_attribute_values={
        "input": {"type": {"checkbox"}, "disabled": {"", "disabled"}, "checked": {"", "checked"},
                  "aria-label": {"Done", "To do"}},
        "button": {"type": {"button"}},
    },
    allowed_classes=_CLASSES,
    link_rel=None,
    url_schemes=set(SCHEMES),
    url_relative=_in_page,
)  # fmt: skip


def clean(html: str) -> str:
    return _cleaner.clean(html)
