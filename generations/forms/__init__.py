"""Fields built from a model's options.

settings   the form of all of them
single, media, rows, free   fields of one value; of what a job begins from; of lists; of what no schema says
bound      a field as the templates draw it
prompt     the prompt and how many jobs
by_id      a model that one names by its id
prices     what a million tokens cost
posted     what a browser sent, where one name stands several times
"""

from generations.forms.prompt import COUNTS, PROMPT_MAX, PromptForm
from generations.forms.settings import SettingsForm, defaults
from generations.forms.single import SEED_MAX, seeds

__all__ = ["COUNTS", "PROMPT_MAX", "SEED_MAX", "PromptForm", "SettingsForm", "defaults", "seeds"]
