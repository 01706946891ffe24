"""The forms of people's own pages."""

from __future__ import annotations

import re
from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms

from accounts import invitations
from accounts.models import ProviderKey, User
from studio.providers.registry import dialect

PASSWORD_HELP = "Ten characters or more, and none that many use."  # noqa: S105  a sentence about passwords


class SignupForm(AllauthSignupForm):  # type: ignore[misc]  # allauth has no types
    """Knows whether this is the first account, and whose invitation the visitor came with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.is_first = not User.objects.exists()
        self.invitation = invitations.of(context.request)
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = PASSWORD_HELP
        if self.invitation:
            self.initial["email"] = self.invitation.email

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self.invitation and email.lower() != self.invitation.email:
            raise forms.ValidationError(f"Your invitation is for {self.invitation.email}.")
        return email


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
        fields = ("name", "theme")
        widgets = {"theme": forms.RadioSelect, "name": forms.TextInput(attrs={"autocomplete": "name"})}
        help_texts = {"name": "As others see it. Without one, the part of your mail address before the @."}


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
    """The secret is never sent back to the browser, not even in a form that is shown again."""

    secret = forms.CharField(
        label="Key",
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )

    def __init__(self, *args: Any, provider: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about = dialect(provider)
        self.fields["secret"].help_text = about.key_help
        if about.key_prefix:
            self.fields["secret"].widget.attrs["placeholder"] = f"{about.key_prefix}…"

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if not re.fullmatch(r"[!-~]+", secret):
            raise forms.ValidationError("A key is one word of letters, digits and signs. Copy it again, whole.")
        return secret


class KeyForm(SecretForm, LabelForm):
    field_order = ("label", "secret")
