"""The forms of teams: their names, whom they invite, the keys that they may use."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts import balances, team_invitations, team_keys
from accounts.models import ProviderKey, Team, TeamKey, User
from studio.providers.registry import DIALECTS


class TeamForm(forms.ModelForm[Team]):
    class Meta:
        model = Team
        fields = ("name",)
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class LeaveForm(forms.Form):
    take_along = forms.BooleanField(
        required=False,
        label="Take what I shared with me",
        help_text="It becomes yours alone. Without this your jobs stay shared, until you take them back, and your "
        "albums stay with the team, as an owner’s.",
    )


class DeleteForm(forms.Form):
    """Its name is written out, so that nobody deletes a team by a slip."""

    name = forms.CharField(label="The team's name, to be sure", widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if name != self.team.name:
            raise forms.ValidationError(f"The team is called {self.team.name}.")
        return name


class TransferForm(forms.Form):
    to = forms.ModelChoiceField(
        User.objects.none(),
        label="To whom",
        empty_label=None,
        help_text="They own the team then, and you are a member.",
    )

    def __init__(self, *args: Any, team: Team, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        to.queryset = User.objects.filter(memberships__team=team).exclude(pk=user.pk)

    @property
    def has_anybody(self) -> bool:
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        return bool(to.queryset and to.queryset.exists())


class TeamInviteForm(forms.Form):
    """With an address for that one, without for whoever has the link."""

    email = forms.EmailField(
        required=False,
        label="Email address",
        help_text="Only who has it can accept. Leave it empty for a link that you pass on yourself.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label="As",
        choices=[(role.value, role.label) for role in team_invitations.ROLES],
        help_text="A viewer looks and comments; a member makes and shares too.",
    )
    days = forms.TypedChoiceField(
        label="Good for",
        choices=list(team_invitations.VALID.items()),
        coerce=int,
        initial=team_invitations.USUAL,
    )
    most_uses = forms.IntegerField(
        label="How many may use the link",
        initial=10,
        min_value=1,
        max_value=team_invitations.MOST_USES,
        help_text="One with an address is good once.",
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if email and self.team.memberships.filter(user__email=email).exists():
            raise forms.ValidationError("They are in the team already.")
        return email


class TermsForm(forms.ModelForm[TeamKey]):
    """What a member may do with a key. Amounts are in the unit of the key's account."""

    has_placeholders = True

    class Meta:
        model = TeamKey
        fields = ("member_limit", "approve_above")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key = self.instance.key if self.instance.key_id else None
        unit = balances.unit(key) if key else ""
        each, above = ("Each member at most", "Ask me above") if not unit else _in(unit)
        self._name("member_limit", each, "In a month of UTC, what is under way included.", "No limit")
        self._name(
            "approve_above", above, "Such a job waits until you approve it; so does one of unknown price.", "Never"
        )
        if key and key.provider in DIALECTS and DIALECTS[key.provider].chats:
            del self.fields["approve_above"]
            self.fields["member_limit"].help_text = "In a month of UTC, as far as prices of tokens are known."

    def _name(self, name: str, label: str, help_text: str, empty: str) -> None:
        field = self.fields[name]
        field.label, field.help_text, field.required = label, help_text, False
        field.widget.attrs |= {"placeholder": empty, "min": "0", "step": "any"}
        if (amount := self.initial.get(name)) is not None:
            self.initial[name] = f"{amount.normalize():f}"  # without the column's zeros

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name, amount in list(given.items()):
            if isinstance(amount, Decimal) and amount < 0:
                self.add_error(name, "An amount is not below zero.")
        return given

    @property
    def terms(self) -> dict[str, Decimal | None]:
        return {name: self.cleaned_data.get(name) for name in ("member_limit", "approve_above")}


class GrantForm(TermsForm):
    """The same for a key that the team is to use from now on."""

    key = forms.ModelChoiceField(ProviderKey.objects.none(), label="Key", empty_label=None)
    field_order = ("key", "member_limit", "approve_above")

    def __init__(self, *args: Any, team: Team, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        key = self.fields["key"]
        assert isinstance(key, forms.ModelChoiceField)
        key.queryset = team_keys.grantable(user, team)
        self.order_fields(self.field_order)

    @property
    def has_keys(self) -> bool:
        key = self.fields["key"]
        assert isinstance(key, forms.ModelChoiceField)
        return bool(key.queryset and key.queryset.exists())


def _in(unit: str) -> tuple[str, str]:
    return f"Each member at most, {unit}", f"Ask me above, {unit}"
