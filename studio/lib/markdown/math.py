"""LaTeX as MathML, made here: no script in the page. What cannot be converted is no error, but shown as it came."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element

LONGEST = 2_000  # characters; the converter is linear in them, at about 10 µs each
DEEPEST = 40  # braces in braces

_TAGS = (
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose merror msub msup msubsup"
    " munder mover munderover mmultiscripts mprescripts mtable mtr mtd"
)
_ATTRIBUTES = (
    "display stretchy fence form accent accentunder largeop movablelimits separator symmetric minsize maxsize lspace"
    " rspace linethickness mathvariant displaystyle scriptlevel columnalign columnspacing rowspacing columnlines"
    " rowlines width height depth voffset notation mathsize"
)
TAGS, ATTRIBUTES = frozenset(_TAGS.split()), frozenset(_ATTRIBUTES.split())

_UNSAFE_COMMAND = re.compile(r"\\(?:re)?newcommand|\\def\b|\\href|\\style|\\class|\\unicode")  # macros may explode


@lru_cache(maxsize=512)
def mathml(latex: str, *, display: bool) -> str | None:
    """The formula as a `<math>` element, or None where it is too much for the converter."""
    if len(latex) > LONGEST or _UNSAFE_COMMAND.search(latex) or _depth(latex) > DEEPEST:
        return None
    try:
        return _written(convert_to_element(latex, display="block" if display else "inline"))
    except Exception:  # it raises whatever its own code runs into, RecursionError and IndexError among them
        return None


def _depth(latex: str) -> int:
    depth = deepest = 0
    for character in latex:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest


def _written(element: Element) -> str:
    """Its markup, with every text escaped. The converter's own would let the HTML of a `\\text{…}` through."""
    inside = escape(unescape(element.text or "")) + "".join(map(_written, element))
    after = escape(unescape(element.tail or ""))
    if element.tag not in TAGS:
        return inside + after
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in element.items() if name in ATTRIBUTES)
    return f"<{element.tag}{attributes}>{inside}</{element.tag}>{after}"
