"""Jobs and what came of them, for the operator to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin import LookOnly
from generations.models import Catalogue, Job, JobEvent, Lease, Output


class Watched(LookOnly):
    """What the worker writes is not changed by hand: a job's states only follow each other by its own verbs."""

    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Outputs(admin.TabularInline[Output, Job]):
    model = Output
    can_delete = False
    extra = 0
    fields = ("position", "name", "content_type", "size", "width", "height", "sha256")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Events(admin.TabularInline[JobEvent, Job]):
    model = JobEvent
    can_delete = False
    extra = 0
    fields = ("at", "kind", "detail")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(Watched):
    """What people asked for stays theirs: the operator sees how a job fares, not its prompt and settings."""

    list_display = ("id", "owner", "provider", "model", "kind", "state", "error_kind", "charge", "created_at")
    list_filter = ("state", "provider", "kind", "charge")
    search_fields = ("id", "remote_id", "owner__email")
    list_select_related = ("owner",)
    exclude = ("prompt", "settings")
    inlines = (Outputs, Events)


@admin.register(Catalogue)
class CatalogueAdmin(Watched):
    list_display = ("provider", "key", "fetched_at", "last_error")
    list_select_related = ("key",)
    exclude = ("payload",)


@admin.register(Lease)
class LeaseAdmin(Watched):
    list_display = ("name", "owner", "renewed_at", "expires_at")
