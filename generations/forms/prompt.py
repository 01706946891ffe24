"""The prompt, and how many jobs."""

from __future__ import annotations

from django import forms

PROMPT_MAX = 10_000
COUNTS = (1, 2, 3, 4)  # jobs of one click


class PromptForm(forms.Form):
    """What every job has."""

    prompt = forms.CharField(max_length=PROMPT_MAX, error_messages={"required": "Say what to make."})
    count = forms.IntegerField(min_value=COUNTS[0], max_value=COUNTS[-1], required=False)

    def clean_count(self) -> int:
        return self.cleaned_data["count"] or 1
