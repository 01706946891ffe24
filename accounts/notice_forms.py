"""The forms of the page on which one says how one wants to be told."""

from __future__ import annotations

from django import forms

from accounts import outgoing
from accounts.models import OutgoingWebhook, User
from studio.lib.egress import Forbidden


class MailEveryForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("mail_every",)
        labels = {"mail_every": "Mail"}
        widgets = {"mail_every": forms.RadioSelect}


class WebhookForm(forms.Form):
    url = forms.CharField(
        label="Address",
        max_length=OutgoingWebhook._meta.get_field("url").max_length,
        widget=forms.TextInput(
            attrs={"placeholder": "https://…", "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        try:
            outgoing.check(url)
        except Forbidden as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return url
