"""Every template parses, runs nothing inline, and works by links and forms before htmx makes it better."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))


class Tags(HTMLParser):
    """The start tags of a template's source. Django's own tags are taken out, their halves of conditions stay."""

    def __init__(self, template: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        source = (ROOT / "templates" / template).read_text()
        source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
        self.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "x", source, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


@pytest.mark.parametrize("template", TEMPLATES)
def test_it_parses(template):
    get_template(template)


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_runs_inline(template):
    """The content security policy would refuse it."""
    for tag, attributes in Tags(template).found:
        assert tag != "style"
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith(("on", "hx-on"))], tag
        assert not str(attributes.get("href", "")).startswith("javascript:"), tag
        if tag == "script":
            assert "src" in attributes or attributes.get("type") == "application/json", "scripts are files"


@pytest.mark.parametrize("template", TEMPLATES)
def test_htmx_only_makes_better_what_works_without_it(template):
    for tag, attributes in Tags(template).found:
        if "hx-get" in attributes:
            assert ("href" if tag == "a" else "action") in attributes, tag
        if tag == "form" and "hx-post" in attributes:
            assert attributes.get("method") == "post"
            assert "action" in attributes


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_posted_carries_the_token(template):
    source = (ROOT / "templates" / template).read_text()
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", source, flags=re.DOTALL):
        assert "{% csrf_token %}" in form


@pytest.mark.parametrize("template", TEMPLATES)
def test_nothing_is_marked_safe(template):
    source = (ROOT / "templates" / template).read_text()
    ours = source.replace("help_text|safe", "")  # Django's own, for the rules of passwords, is a list
    assert not re.search(r"\|\s*safe\b|autoescape off", ours)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_builds_markup(script):
    """What people wrote would come to life in it."""
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script.read_text()
    )
