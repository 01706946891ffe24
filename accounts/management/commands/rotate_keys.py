"""Encrypts everything anew under the newest secret of STUDIO_SECRET_KEY."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from accounts.keyring import keyring
from accounts.models import OutgoingWebhook, ProviderKey, SiteSecret
from studio.lib.crypto import Undecryptable


class Command(BaseCommand):
    help = (
        "Re-encrypts provider keys, two-factor secrets and those of webhooks under the first secret of "
        'STUDIO_SECRET_KEY="new,old". '
        "It may be interrupted and run again; afterwards the old secret may be dropped."
    )

    def handle(self, **options: Any) -> None:
        rotated, lost = 0, []
        for key in ProviderKey.objects.order_by("pk").iterator():
            try:
                rotated += _rotate_key(key)
            except Undecryptable:
                lost.append(f"the key {key} of {key.owner.email}")
        for authenticator in Authenticator.objects.order_by("pk").iterator():
            try:
                rotated += _rotate_authenticator(authenticator)
            except Undecryptable:
                lost.append(f"the {authenticator.get_type_display()} of {authenticator.user.email}")
        others: list[OutgoingWebhook | SiteSecret] = [*OutgoingWebhook.objects.all(), *SiteSecret.objects.all()]
        for secret in others:
            try:
                rotated += _rotate_ciphertext(secret)
            except Undecryptable:
                lost.append(str(secret))
        self.stdout.write(f"{rotated} secrets are encrypted under the newest key.")
        if lost:
            raise CommandError(
                "None of the secrets given can decrypt " + ", ".join(lost) + ". Add the old secret and run this again."
            )


def _rotate_key(key: ProviderKey) -> int:
    """What was replaced meanwhile is under the newest secret already, and is left as it is: each by itself."""
    known = {name: text for name in ("ciphertext", "webhook_ciphertext") if (text := getattr(key, name))}
    rotated = {name: keyring().rotate(text) for name, text in known.items()}
    same = ProviderKey.objects.filter(pk=key.pk)
    return max(same.filter(**{name: known[name]}).update(**{name: text}) for name, text in rotated.items())


def _rotate_ciphertext(secret: OutgoingWebhook | SiteSecret) -> int:
    rotated = keyring().rotate(secret.ciphertext)
    return type(secret).objects.filter(pk=secret.pk, ciphertext=secret.ciphertext).update(ciphertext=rotated)


def _rotate_authenticator(authenticator: Authenticator) -> int:
    data = authenticator.data
    secrets = {name: keyring().rotate(data[name]) for name in ("secret", "seed") if name in data}
    if not secrets:
        return 0
    updated: int = Authenticator.objects.filter(pk=authenticator.pk, data=data).update(data={**data, **secrets})
    return updated
