"""Jobs with small files of their own, as the pages' tests have them."""

from tests.generations.pages.conftest import keep

__all__ = ["keep"]
