"""What people make: pages, verbs and media."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
