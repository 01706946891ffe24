"""What a browser would send of a form as it is drawn."""

from __future__ import annotations

from html.parser import HTMLParser

from django.http import QueryDict
from django.template.loader import render_to_string

from generations.forms.settings import OptionsForm


def drawn(form: OptionsForm) -> str:
    rows = (render_to_string(bound.template, {"option": option, "field": bound}) for option, bound in form.all)
    return "\n".join(rows)


def submitted(html: str) -> QueryDict:
    """The names and values of what stands in the fields, in the order of the page."""
    page = _Page()
    page.feed(html)
    page.close()
    data = QueryDict(mutable=True)
    for name, value in page.sent:
        data.appendlist(name, value)
    return data


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: list[tuple[str, str]] = []
        self.templates = 0
        self.text: tuple[str, list[str]] | None = None
        self.select: str | None = None
        self.options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in given}
        if tag == "template":
            self.templates += 1
        if self.templates:
            return
        name = attributes.get("name", "")
        if tag == "input" and name and self._is_sent(attributes):
            self.sent.append((name, attributes.get("value", "on" if attributes.get("type") == "checkbox" else "")))
        elif tag == "textarea":
            self.text = (name, [])
        elif tag == "select":
            self.select, self.options = name, []
        elif tag == "option":
            self.options.append((attributes["value"], "selected" in attributes))

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.templates -= 1
        elif tag == "textarea" and self.text:
            name, pieces = self.text
            self.sent.append((name, "".join(pieces).removeprefix("\n")))
            self.text = None
        elif tag == "select" and self.select:
            chosen = [value for value, is_selected in self.options if is_selected] or [self.options[0][0]]
            self.sent.append((self.select, chosen[-1]))
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.text:
            self.text[1].append(data)

    @staticmethod
    def _is_sent(attributes: dict[str, str]) -> bool:
        return attributes.get("type") not in {"radio", "checkbox"} or "checked" in attributes
