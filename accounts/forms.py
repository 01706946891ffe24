"""The forms of people's own pages."""

from __future__ import annotations

import re
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms

from accounts import addresses, balances, invitations, team_invitations, teams
from accounts.models import ProviderKey, User
from studio.providers.dialect import Dialect
from studio.providers.registry import DIALECTS, dialect

PASSWORD_HELP = "Ten characters or more, and none that many use."  # noqa: S105  a sentence about passwords


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    """Knows whether this is the first account, and whose invitation the visitor came with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.is_first = not User.objects.exists()
        self.team_invitation = team_invitations.of(context.request)
        by_mail = self.team_invitation if self.team_invitation and self.team_invitation.email else None
        self.invitation = invitations.of(context.request) or by_mail
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = PASSWORD_HELP
        if self.invitation:
            self.initial["email"] = self.invitation.email

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self.invitation and email.lower() != self.invitation.email:
            raise forms.ValidationError(f"Your invitation is for {self.invitation.email}.")
        return email


class _NewPassword:
    """Two fields for a new password, in the words of the sign-up."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label, self.fields["password2"].label = "New password", "New password, again"
        self.fields["password1"].help_text = PASSWORD_HELP


class ChangePasswordForm(_NewPassword, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Current password"


class SetPasswordForm(_NewPassword, allauth_forms.SetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(_NewPassword, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey signs in by itself unless one says otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "To tell it apart from others."
        self.fields["passwordless"].label = "Sign in with this passkey alone"
        self.fields["passwordless"].help_text = "Without it, the passkey is a second step after the password."
        self.fields["passwordless"].initial = True


class SettingsForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("name", "theme", "shares_with", "names_chats")
        widgets = {"theme": forms.RadioSelect, "name": forms.TextInput(attrs={"autocomplete": "name"})}
        help_texts = {
            "name": "As others see it. Without one, the part of your mail address before the @.",
            "shares_with": "Of what is made from now on. Each job can be shared otherwise.",
            "names_chats": "After the first reply, the model that gave it is asked once more, for a title: about 300 "
            "tokens to read and 12 to write, at its price. They are not counted with the conversation. Without this, "
            "the first words are the title.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shares_with = self.fields["shares_with"]
        assert isinstance(shares_with, forms.ModelChoiceField)
        shares_with.label, shares_with.empty_label = "Who sees what I make", "Only me"
        shares_with.queryset = teams.written_by(self.instance)


class InviteForm(forms.Form):
    email = forms.EmailField(label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "off"}))

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("There is an account with this address already.")
        return email


class LabelForm(forms.Form):
    label = forms.CharField(
        max_length=ProviderKey._meta.get_field("label").max_length,
        help_text="For you, to tell your keys apart.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SecretForm(forms.Form):
    """The secret is never sent back to the browser, not even in a form that is shown again.

    With the address where the provider's keys have one: another address takes the secret anew.
    """

    field_order: tuple[str, ...] = ("address", "secret")

    address = forms.CharField(
        max_length=addresses.LONGEST,
        help_text="Of a server that speaks as OpenAI does.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "inputmode": "url"}
        ),
    )
    secret = forms.CharField(
        label="Key",
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )

    def __init__(self, *args: Any, provider: str, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.about, self.owner = dialect(provider), owner
        secret = self.fields["secret"]
        secret.help_text, secret.required = self.about.key_help, self.about.needs_secret
        if self.about.key_prefix:
            secret.widget.attrs["placeholder"] = f"{self.about.key_prefix}…"
        if self.about.has_address:
            self.fields["address"].widget.attrs["placeholder"] = "http://…"
        else:
            del self.fields["address"]

    def clean_address(self) -> str:
        try:
            return addresses.read(self.about, self.cleaned_data["address"], self.owner)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if not secret and not self.about.needs_secret:
            return ""
        if not re.fullmatch(r"[!-~]+", secret):
            raise forms.ValidationError("A key is one word of letters, digits and signs. Copy it again, whole.")
        if other := _anothers(secret, self.about):
            raise forms.ValidationError(
                f"This is a key for {other.label}. {other.label} and {self.about.label} need separate keys."
            )
        return secret


def _anothers(secret: str, about: Dialect) -> Dialect | None:
    """Whose key it is by how it begins, where this provider's keys begin otherwise."""
    if not about.key_prefix or secret.startswith(about.key_prefix):
        return None
    return next((one for one in DIALECTS.values() if one.key_prefix and secret.startswith(one.key_prefix)), None)


class KeyForm(SecretForm, LabelForm):
    field_order = ("label", "address", "secret")


class LimitsForm(forms.ModelForm[ProviderKey]):
    """What is left empty is as usual; for the money, without a limit. What chats makes no jobs and quotes no prices."""

    has_placeholders = True

    class Meta:
        model = ProviderKey
        fields = ("concurrency", "requests_per_minute", "soft_limit", "hard_limit")
        labels = {"concurrency": "Jobs at once", "requests_per_minute": "Requests a minute"}
        help_texts = {
            "concurrency": "More wait in Studio for their turn.",
            "requests_per_minute": "All that Studio sends with this key: jobs, questions and prices.",
            "soft_limit": "Beyond this, Create and Spend say so.",
            "hard_limit": "Beyond this, no job is made. Months are those of UTC.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about = dialect(self.instance.provider)
        if about.chats:
            for name in ("concurrency", "soft_limit", "hard_limit"):
                del self.fields[name]
            self.fields["requests_per_minute"].help_text = "All that Studio sends with this key."
        else:
            self._name_money()
        usual = {"concurrency": about.concurrency, "requests_per_minute": about.requests_per_minute}
        for name, field in self.fields.items():
            field.required = False
            field.widget.attrs |= {"placeholder": _usual(usual[name]) if name in usual else "None", "min": "0"}

    def _name_money(self) -> None:
        unit = balances.unit(self.instance)
        for name, label in (("soft_limit", "Warn at"), ("hard_limit", "Stop at")):
            self.fields[name].label = f"{label}, {unit} a month" if unit else f"{label}, a month"
            if (amount := self.initial.get(name)) is not None:
                self.initial[name] = f"{amount.normalize():f}"  # without the column's zeros

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("concurrency", "requests_per_minute"):
            if given.get(name) == 0:
                self.add_error(name, "One is the least. To send nothing more, switch the key off.")
        for name in ("soft_limit", "hard_limit"):
            if (amount := given.get(name)) is not None and amount < 0:
                self.add_error(name, "An amount is not below zero.")
        soft, hard = given.get("soft_limit"), given.get("hard_limit")
        if soft is not None and hard is not None and soft > hard:
            self.add_error("soft_limit", "The warning comes before the limit.")
        return given


def _usual(number: int | None) -> str:
    return "No limit" if number is None else f"{number}, as usual"
