"""People, their keys, invitations and second factors, for the operator. No secret is shown or can be edited here."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import keys
from accounts.models import Invitation, ProviderKey, User


class LookOnly(admin.ModelAdmin[Any]):
    """Records that are made elsewhere: here they are looked at, and deleted."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class UserCreationForm(BaseUserCreationForm[User]):
    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    add_form = UserCreationForm
    list_display = ("email", "name", "is_superuser", "is_active", "date_joined", "last_login")
    list_filter = ("is_superuser", "is_active")
    search_fields = ("email", "name")
    ordering = ("pk",)
    filter_horizontal = ()
    readonly_fields = ("date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "theme")}),
        ("What they may do", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("When", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "password1", "password2")}),)


@admin.register(ProviderKey)
class ProviderKeyAdmin(LookOnly):
    list_display = ("label", "hint", "provider", "owner", "status", "is_default", "is_enabled", "last_used_at")
    list_filter = ("provider", "status", "is_enabled")
    search_fields = ("label", "owner__email")
    list_select_related = ("owner",)
    exclude = ("ciphertext",)
    readonly_fields = ("hint",)

    def delete_model(self, request: HttpRequest, obj: ProviderKey) -> None:
        keys.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ProviderKey]) -> None:
        for key in queryset.select_related("owner"):
            keys.delete(key)


@admin.register(Invitation)
class InvitationAdmin(LookOnly):
    list_display = ("email", "invited_by", "created_at", "expires_at", "accepted_at")
    list_select_related = ("invited_by",)
    exclude = ("token_hash",)


@admin.register(Authenticator)
class AuthenticatorAdmin(LookOnly):
    """Deleting one lets its owner in again who has lost it."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__email",)
    list_select_related = ("user",)
    exclude = ("data",)
