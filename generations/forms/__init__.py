"""Fields built from a model's options."""

from generations.forms.prompt import COUNTS, PROMPT_MAX, PromptForm
from generations.forms.settings import SettingsForm, defaults
from generations.forms.single import SEED_MAX, seeds

__all__ = ["COUNTS", "PROMPT_MAX", "SEED_MAX", "PromptForm", "SettingsForm", "defaults", "seeds"]
