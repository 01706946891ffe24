"""The terms of a link, as its owner sets them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import QueryDict
from django.utils import timezone

from accounts import teams
from accounts.models import Team, User
from generations.links import expiring
from generations.models import Audience, ShareLink

AS_IT_IS = "keep"


class LinkForm(forms.ModelForm[ShareLink]):
    expiry = forms.ChoiceField(label="Ends", widget=forms.RadioSelect)
    day = forms.DateField(label="Last day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    is_usual = forms.BooleanField(label="Offer me this for my next links", required=False)
    secret = forms.CharField(
        label="Password",
        required=False,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    without_password = forms.BooleanField(label="Open without a password", required=False)

    class Meta:
        model = ShareLink
        fields = (
            "label",
            "audience",
            "team",
            "most_views",
            "shows_prompt",
            "shows_settings",
            "shows_cost",
            "shows_person",
            "may_download",
            "may_comment",
            "grows",
        )
        widgets = {"audience": forms.RadioSelect}

    def __init__(self, data: QueryDict | None = None, *, link: ShareLink, owner: User) -> None:
        super().__init__(data, instance=link)
        self.owner = owner
        self.is_new = link._state.adding
        self._offer_audiences(link)
        self._offer_ends(link)
        self.fields["most_views"].min_value = 1  # type: ignore[attr-defined]
        self.fields["most_views"].widget.attrs["min"] = 1
        for name in self._without_meaning(link):
            del self.fields[name]
        for field in self.fields.values():
            if isinstance(field.widget, forms.TextInput | forms.NumberInput | forms.DateInput):
                field.widget.attrs["class"] = "input"

    def _offer_audiences(self, link: ShareLink) -> None:
        own = teams.of(self.owner)
        self.fields["team"].queryset = own  # type: ignore[attr-defined]
        self.fields["team"].empty_label = None  # type: ignore[attr-defined]
        self.fields["team"].widget.attrs["class"] = "select"
        choices = [(one.value, one.label) for one in Audience]
        if not settings.PUBLIC_LINKS:
            choices.remove((Audience.ANYONE.value, Audience.ANYONE.label))
        if not own.exists():
            choices.remove((Audience.TEAM.value, Audience.TEAM.label))
        self.fields["audience"].choices = choices  # type: ignore[attr-defined]
        if self.is_new:
            self.initial["audience"] = choices[0][0] if own.exists() else choices[-1][0]
            self.initial["team"] = _team_of(link) or own.first()

    def _offer_ends(self, link: ShareLink) -> None:
        choices = expiring.offered()
        if not self.is_new:
            choices = [(AS_IT_IS, _as_it_is(link.expires_at)), *choices]
        self.fields["expiry"].choices = choices  # type: ignore[attr-defined]
        self.initial["expiry"] = expiring.usual(self.owner) if self.is_new else AS_IT_IS
        self.fields["day"].widget.attrs["min"] = timezone.now().date().isoformat()

    def _without_meaning(self, link: ShareLink) -> list[str]:
        """What there is nothing to say about for what it opens."""
        idle = [] if link.conversation_id or link.album_id else ["grows"]
        if link.conversation_id:
            idle += ["shows_prompt", "may_download", "may_comment"]
        if self.is_new or not link.password:
            idle.append("without_password")
        return idle

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day and day < timezone.now().date():
            raise forms.ValidationError("This day is over.")
        return day

    def clean_most_views(self) -> int | None:
        most: int | None = self.cleaned_data["most_views"]
        if most is not None and most < 1:
            raise forms.ValidationError("A link opens once at least.")
        return most

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("audience") == Audience.TEAM and not given.get("team"):
            self.add_error("team", "Choose the team.")
        if given.get("expiry") == "date" and not given.get("day") and "day" not in self.errors:
            self.add_error("day", "Choose the last day.")
        if "expiry" in given and "day" not in self.errors:
            self._clean_end(given)
        return given

    def _clean_end(self, given: dict[str, Any]) -> None:
        if given["expiry"] == AS_IT_IS:
            given["expires_at"] = self.instance.expires_at
            return
        try:
            given["expires_at"] = expiring.until(given["expiry"], given.get("day"))
        except expiring.TooLong as error:
            self.add_error("expiry", str(error))

    def terms(self) -> dict[str, Any]:
        """Of a valid form, the values of the link's fields."""
        given = self.cleaned_data
        found = {name: given[name] for name in self.Meta.fields if name in given and name != "team"}
        team: Team | None = given.get("team") if given["audience"] == Audience.TEAM else None
        found["team_id"] = team.pk if team else None
        found["expires_at"] = given["expires_at"]
        if given["secret"]:
            found["password"] = make_password(given["secret"])
        elif given.get("without_password"):
            found["password"] = ""
        return found


def _team_of(link: ShareLink) -> Team | None:
    """The team with which it is shared already."""
    if link.job:
        return link.job.team
    return link.album.team if link.album else None


def _as_it_is(end: datetime | None) -> str:
    return f"As it is: {end:%-d %B %Y, %H:%M} UTC" if end else "As it is: never"
