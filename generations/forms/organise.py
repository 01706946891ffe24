"""What pages send of marks, tags and albums."""

from __future__ import annotations

from typing import Any

from django import forms

from generations.models import Album, Colour
from generations.organising import marks, tags
from generations.organising.albums import TITLE_MAX
from generations.organising.bulk import Wish

FAVOURITE = {"on": True, "off": False}


class WishForm(forms.Form):
    """One wish for one or many jobs. What is not sent is left as it is.

    `into`: an album's title, which may be new; with `team`, of an album of that team.
    """

    favourite = forms.ChoiceField(choices=[(name, name) for name in FAVOURITE], required=False)
    stars = forms.TypedChoiceField(choices=[(n, n) for n in range(marks.MOST_STARS + 1)], coerce=int, required=False)
    colour = forms.ChoiceField(choices=[("", "None"), *Colour.choices], required=False)
    note = forms.CharField(max_length=marks.NOTE_MAX, required=False)
    tags = forms.CharField(max_length=2000, required=False)
    untag = forms.CharField(max_length=2000, required=False)
    album = forms.UUIDField(required=False)
    leave = forms.UUIDField(required=False)
    into = forms.CharField(max_length=TITLE_MAX, required=False)
    team = forms.IntegerField(required=False, min_value=1, max_value=2**31)

    def sent(self, name: str) -> bool:
        return name in self.data

    def wish(self) -> Wish:
        """Without its albums: who may write to them is for the view to ask."""
        found = self.cleaned_data
        return Wish(
            favourite=FAVOURITE.get(found["favourite"]),
            stars=found["stars"] if self.data.get("stars", "") != "" else None,
            colour=found["colour"] if self.sent("colour") else None,
            tags=tuple(tags.read(found["tags"])),
            untag=tuple(tags.read(found["untag"])),
        )


class AlbumForm(forms.ModelForm[Album]):
    """`team` is a choice of the teams that one may write in; a smart album has none: it finds what is one's own."""

    title = forms.CharField(max_length=TITLE_MAX, error_messages={"required": "Give it a name."})
    description = forms.CharField(max_length=2000, required=False, widget=forms.Textarea)

    class Meta:
        model = Album
        fields = ("title", "description", "team")

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        self.fields["team"].required = False
        self.fields["team"].empty_label = "Only me"  # type: ignore[attr-defined]
        if self.instance.is_smart or not teams:
            del self.fields["team"]


class TagForm(forms.Form):
    name = forms.CharField(max_length=tags.NAME_MAX, error_messages={"required": "A tag needs a name."})
