"""What the composer in Create shows: which models, which settings, at what price.

opening    how it comes to be: by a link, by the last visit, as sent, or with a model more or less
state      what stands in it, its price, and the jobs that come of it
parts      one of its models
shared     options that several models have in common
counting   how many results a click makes
wording    the prompt and its variables
batching   many jobs of one click, as they stand in the form; `generations.batch` is what they mean
placing    something to begin from, put into the field that takes it
"""

from generations.composer.opening import blank, filled, remember, remixed, reshaped
from generations.composer.parts import Part
from generations.composer.state import MODELS_MAX, Composer

__all__ = ["MODELS_MAX", "Composer", "Part", "blank", "filled", "remember", "remixed", "reshaped"]
