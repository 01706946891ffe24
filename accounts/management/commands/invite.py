"""Invites somebody: prints the link and mails it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts import invitations
from accounts.models import User


class Command(BaseCommand):
    help = "Invites somebody to sign up: prints a link that is good once and for a week, and mails it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mail", help="the mail address of whom to invite")

    def handle(self, *, mail: str, **options: Any) -> None:
        operator = User.objects.filter(is_superuser=True).order_by("pk").first()
        if operator is None:
            raise CommandError("Nobody has signed up yet: the first account needs no invitation.")
        if settings.SIGNUP == "closed":
            raise CommandError("Sign-up is closed. Set STUDIO_SIGNUP to invite first.")
        try:
            validate_email(mail)
        except ValidationError:
            raise CommandError(f"{mail} is not a mail address.") from None
        if User.objects.filter(email__iexact=mail).exists():
            raise CommandError(f"{mail} has an account already.")
        invitation, word = invitations.invite(mail, by=operator)
        address = invitations.link(word)
        self.stdout.write(address)
        if not invitations.send(invitation, address):
            self.stderr.write("The mail could not be sent: pass the link on yourself.")
