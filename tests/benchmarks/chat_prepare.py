"""Fills a fresh Studio for the benchmark of chat: `python -m tests.benchmarks.chat_prepare <address> <count>`."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402  needs Django
from django.test import Client  # noqa: E402

from accounts.models import ProviderKey, User  # noqa: E402
from generations.catalogue import renewal  # noqa: E402
from generations.chats import posting  # noqa: E402


def main(address: str, count: int) -> None:
    owner = User.objects.create_user("bench@example.com", "correct horse battery")
    key = ProviderKey(owner=owner, provider="openai", label="Bench", base_url=f"{address}/v1")
    key.conceal("sk-0123456789abcdef")
    key.save()
    renewal.refresh("openai", key)
    made = [posting.begin(owner, provider="openai", key=key, model="fake-small") for _ in range(count)]
    browser = Client()
    browser.force_login(owner)
    prepared = {
        "session": browser.cookies[settings.SESSION_COOKIE_NAME].value,
        "conversations": [str(conversation.pk) for conversation in made],
        "model": f"openai/{key.pk}/fake-small",
    }
    print(json.dumps(prepared))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
