"""The prompt as it stands in the form, and the fields that its variables ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms

from generations import batch, prompts
from generations.forms import PROMPT_MAX, PromptForm

VALUE_MAX = 1000  # characters of what stands for a variable
VARIABLES_MAX = 40


class VariablesForm(forms.Form):
    """One field for each variable of the prompt, named "v-" and the variable."""

    def __init__(self, names: Sequence[str], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix="v")
        for name in names[:VARIABLES_MAX]:
            missing = {"required": f"Say what {{{name}}} is, or write {{{{{name}}}}} to keep the word in braces."}
            self.fields[name] = forms.CharField(max_length=VALUE_MAX, label=name.capitalize(), error_messages=missing)


@dataclass(slots=True)
class Wording:
    """`one_a_line`: each line of the prompt is a prompt of its own."""

    form: PromptForm
    variables: VariablesForm
    one_a_line: bool = False

    @classmethod
    def sent(cls, data: Mapping[str, Any], *, needed: bool, one_a_line: bool) -> Wording:
        form = PromptForm(data)
        form.fields["prompt"].required = needed
        return cls(form, VariablesForm(prompts.variables(data.get("prompt", "")[:PROMPT_MAX]), data), one_a_line)

    @classmethod
    def written(cls, text: str, *, count: int = 1) -> Wording:
        form = PromptForm(initial={"prompt": text, "count": count})
        return cls(form, VariablesForm(prompts.variables(text)))

    def with_count(self, count: int) -> Wording:
        return replace(self, form=PromptForm(initial={"prompt": self.form["prompt"].value(), "count": count}))

    def is_valid(self) -> bool:
        if len(prompts.variables(self.text)) > VARIABLES_MAX:
            self.form.add_error("prompt", f"{VARIABLES_MAX} variables are the most.")
        form_is_valid, variables_are_valid = self.form.is_valid(), self.variables.is_valid()
        if not (form_is_valid and variables_are_valid):
            return False
        if any(len(prompt) > PROMPT_MAX for prompt in self.prompts()):
            self.form.add_error("prompt", f"With its variables it is longer than {PROMPT_MAX} characters.")
        return not self.form.errors

    @property
    def text(self) -> str:
        """As it is written, variables and all; of what is too long, no more than tells that."""
        return str(self.form["prompt"].value() or "").strip()[: PROMPT_MAX + 1]

    def prompts(self) -> list[str]:
        """As they are sent; never none."""
        written = (batch.lines(self.text) if self.one_a_line else []) or [self.text]
        given = {name: str(self.variables[name].value() or "").strip() for name in self.variables.fields}
        values = {name: value[:VALUE_MAX] for name, value in given.items()}  # a longer one is refused
        return [prompts.fill(text, values) for text in written]
