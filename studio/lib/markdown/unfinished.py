"""The end of a text that is cut anywhere, as it is shown until it goes on: what is undecided is held back, and what
has begun is ended, so that nothing jumps."""

from __future__ import annotations

import re

# A last line that may yet become a list, a heading, a rule, a table, a fence or a task, or none of them.
_UNDECIDED = re.compile(
    r"[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?(?:[-+*_=#|:~`$\\[\] \txX]{1,60}|\d{1,9}[.)]?|[`~]{3,}[^\n`]{0,60})?"
)
_HEAD_OF_TABLE = re.compile(r"\n*\|[^\n]*(?:\n[|:\- \t]*)?")
_FENCE = re.compile(r"^[ \t>]*(?:[-+*]|\d{1,9}[.)])?[ \t]*(?:```|~~~)", re.MULTILINE)
_HALF_A_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\Z")
_HALF_AN_ADDRESS = re.compile(r"<[a-zA-Z]+:[^\s<>]*\Z")
_MARKS = re.compile(r"`+|\*\*|~~")


def presentable(text: str) -> str:
    """The text to show for one that is still being written."""
    start = text.rfind("\n") + 1
    line = text[start:]
    if _UNDECIDED.fullmatch(line):
        text, line = text[:start], ""
    block = text.rfind("\n\n") + 2 if "\n\n" in text else 0
    if _HEAD_OF_TABLE.fullmatch(text, block):
        return text[:block]
    if not line or len(_FENCE.findall(text)) % 2:
        return text
    line = _HALF_AN_ADDRESS.sub("", _HALF_A_LINK.sub(r"\1", line))
    return text[:start] + line + _missing(line)


def _missing(line: str) -> str:
    """What closes the code, the bold or the struck text that a line ends in."""
    opened: list[str] = []
    for mark in _MARKS.findall(line):
        if opened and opened[-1][0] == "`":
            if mark == opened[-1]:
                opened.pop()
        elif mark in opened:
            del opened[opened.index(mark) :]
        else:
            opened.append(mark)
    if not opened or line[-1].isspace() or line.endswith(tuple(opened)):
        return ""
    return "".join(reversed(opened))
