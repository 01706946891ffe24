"""What the composer in Create shows: which models, which settings, at what price."""

from generations.composer.opening import blank, filled, remember, reshaped
from generations.composer.parts import Part
from generations.composer.state import MODELS_MAX, Composer

__all__ = ["MODELS_MAX", "Composer", "Part", "blank", "filled", "remember", "reshaped"]
