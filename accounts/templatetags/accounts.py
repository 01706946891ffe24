"""How forms and devices are shown on people's own pages."""

from __future__ import annotations

import re

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils.safestring import SafeString

from accounts import audit, balances
from studio.lib.money import money
from studio.providers.base import Cost

register = template.Library()

register.simple_tag(audit.own_sign_ins)
register.filter("account", balances.of)
register.filter("tells_balance", balances.tells)
register.filter("balance_is_stale", balances.is_stale)
register.filter("account_unit", balances.unit)

CLASSES = {"select": "select", "textarea": "textarea", "checkbox": ""}
BROWSERS = (
    ("Edge", r"Edg/"),
    ("Opera", r"OPR/"),
    ("Firefox", r"Firefox/"),
    ("Chrome", r"Chrom(e|ium)/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux"),
)


@register.filter
def control(field: BoundField, focus: str = "") -> SafeString:
    """The field's control in the site's style. With "focus" it takes the focus; so does the first that is refused."""
    kind = getattr(field.field.widget, "input_type", "textarea")
    first_refused = next(iter(field.form.errors), None) == field.name
    attributes: dict[str, str | bool] = {"class": CLASSES.get(kind, "input"), "placeholder": False}
    ours = getattr(field.form, "has_placeholders", False)
    if ours or field.field.widget.attrs.get("placeholder", "").endswith("…"):
        del attributes["placeholder"]
    attributes["autofocus"] = first_refused or (focus == "focus" and not field.form.errors)
    return field.as_widget(attrs=attributes)


@register.filter
def action_words(action: str) -> str:
    """Key added, of "key.added"."""
    return action.replace(".", " ").replace("_", " ").capitalize()


@register.filter
def amount(cost: Cost) -> str:
    """148 credits"""
    return money(cost.amount, cost.unit)


@register.simple_tag
def has_mail() -> bool:
    """Does mail reach anybody here?"""
    return bool(settings.HAS_MAIL)


@register.filter
def device(user_agent: str) -> str:
    """A browser and its system from a User-Agent header: "Firefox on Linux"."""
    browser = _first(BROWSERS, user_agent) or "Unknown browser"
    system = _first(SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


@register.filter
def is_handheld(user_agent: str) -> bool:
    return bool(re.search(r"iPhone|iPad|Android|Mobile", user_agent))


def _first(table: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in table if re.search(pattern, text)), "")
