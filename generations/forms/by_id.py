"""A model that one names by its id, because the catalogue does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from generations.catalogue.listings import Source, is_model_id

KINDS = (("image", "Image"), ("video", "Video"), ("audio", "Sound"))
ADVICE = "A model's id is letters, digits, dots, - and _, with slashes between its parts: maker/model/variant."


class ByIdForm(forms.Form):
    """`sources` are all that the person has; it takes those whose provider can be asked for any model."""

    through = forms.ChoiceField(label="Provider and key")
    kind = forms.ChoiceField(label="It makes", choices=KINDS, initial="image")
    id = forms.CharField(label="Model id", help_text="As the provider's documents write it.", max_length=400)

    def __init__(self, data: Mapping[str, Any] | None = None, *, sources: Sequence[Source]) -> None:
        super().__init__(data, prefix="", auto_id="by-id-%s")
        self.sources = {
            source.id: source for source in sources if source.provider.can_type_models and not source.locked
        }
        self.fields["through"] = forms.ChoiceField(
            label="Provider and key", choices=[(name, _label(source)) for name, source in self.sources.items()]
        )

    def clean_id(self) -> str:
        given: str = self.cleaned_data["id"].strip().strip("/")
        if not is_model_id(given):
            raise forms.ValidationError(ADVICE)
        return given

    def offer_id(self) -> str:
        """Of the model as the catalogue has it, or as it is typed."""
        source = self.sources[self.cleaned_data["through"]]
        offer = source.known_or_typed(self.cleaned_data["id"], self.cleaned_data["kind"])
        assert offer is not None
        return offer.id


def _label(source: Source) -> str:
    return f"{source.provider.label} · {source.key.label}" if source.key else source.provider.label
