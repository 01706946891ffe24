"""What the composer in Create shows: which models, which settings, at what price."""

from generations.composer.state import Composer, blank, catalogues, filled, remember

__all__ = ["Composer", "blank", "catalogues", "filled", "remember"]
