"""The one parser: CommonMark with tables, strikethrough, task lists, autolinks, footnotes and formulas. No HTML."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import table
from markdown_it.rules_core import StateCore
from markdown_it.rules_core.linkify import linkify
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from studio.lib.markdown.formulas import formulas
from studio.lib.markdown.limits import NESTING, is_too_much
from studio.lib.markdown.renderer import Renderer

_ADDRESS = re.compile(r"(?:https?://[^/?#\s]|mailto:[^\s])[^\s\x00-\x1f\x7f]*", re.IGNORECASE)
_ADDRESS_MARK = re.compile(r"://|mailto:", re.IGNORECASE)
_WITH_DIRECTION = frozenset(
    {"paragraph_open", "heading_open", "bullet_list_open", "ordered_list_open", "blockquote_open"}
)

_FOOTNOTES = (
    "footnote_ref", "footnote_block_open", "footnote_block_close", "footnote_open", "footnote_close", "footnote_anchor"
)  # fmt: skip


def make() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "linkify": True, "tasklists": True}, renderer_cls=Renderer)
    md.options["maxNesting"] = NESTING
    md.enable(["table", "strikethrough", "linkify"])
    md.disable(["html_block", "html_inline"])
    md.use(footnote_plugin, inline=False).use(formulas)
    for name in _FOOTNOTES:  # the plugin put its own in their place
        md.renderer.rules[name] = getattr(md.renderer, name)  # type: ignore[attr-defined]
    md.validateLink = _may_link  # type: ignore[method-assign]
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.core.ruler.at("inline", _inline)
    md.core.ruler.at("linkify", _linkify)
    md.core.ruler.push("dress", _dress)
    assert md.linkify
    md.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for schema in ("ftp:", "//"):
        md.linkify.add(schema, None)
    return md


def _may_link(url: str) -> bool:
    return bool(_ADDRESS.fullmatch(url))


def _table(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A few rows of nothing under a wide head would become a hundred thousand cells: that is no table."""
    if not table(state, first, last, True):
        return False
    at = first + 1
    columns = state.src.count("|", state.bMarks[at], state.eMarks[at]) + 1
    while at < last and not state.isEmpty(at):
        at += 1
    if columns * (at - first) > state.eMarks[at - 1] - state.bMarks[first] + 200:
        return False
    return silent or table(state, first, last, False)


def _inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type == "inline":
            token.children = children = []
            if is_too_much(token.content):
                children.append(Token("text", "", 0, content=token.content))
            else:
                state.md.inline.parse(token.content, state.md, state.env, children)


def _linkify(state: StateCore) -> None:
    """Only where there may be an address: the search for one takes longer than all else."""
    found = [token for token in state.tokens if token.type == "inline" and _ADDRESS_MARK.search(token.content)]
    found = [token for token in found if not is_too_much(token.content)]
    if found:
        linkify(StateCore(state.src, state.md, state.env, found))


def _dress(state: StateCore) -> None:
    """What differs from plain Markdown: headings begin at h3, each block finds its direction, images are links."""
    for token in state.tokens:
        if token.type == "inline":
            if token.children and "![" in token.content:
                token.children = _without_images(token.children, state)
            continue
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
        if token.level == 0 and token.type in _WITH_DIRECTION:
            token.attrs["dir"] = "auto"


def _without_images(children: list[Token], state: StateCore) -> list[Token]:
    """The page may load nothing from elsewhere, and asking for a picture would tell who reads it: a link instead."""
    made: list[Token] = []
    depth = 0
    for token in children:
        depth += (token.type == "link_open") - (token.type == "link_close")
        if token.type != "image":
            made.append(token)
            continue
        alt = state.md.renderer.renderInlineAsText(token.children, state.md.options, state.env)  # type: ignore[attr-defined]
        text = Token("text", "", 0, content=f"image: {alt.strip()}" if alt.strip() else "image")
        if depth or not token.attrs["src"]:
            made.append(text)
        else:
            opening = Token("link_open", "a", 1, attrs={"href": token.attrs["src"]})
            made += [opening, text, Token("link_close", "a", -1)]
    return made
