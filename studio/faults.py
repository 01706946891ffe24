"""What a report of a fault may tell."""

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class Filter(SafeExceptionReporterFilter):
    """Hides what is marked as sensitive on debug pages too, which Django shows whole."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True
