"""Who a person is."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by mail address. The operator is the one with `is_superuser`."""

    THEMES = (("system", "System"), ("dark", "Dark"), ("light", "Light"))

    email = models.EmailField("mail address", unique=True)
    name = models.CharField(max_length=120, blank=True)
    theme = models.CharField(max_length=6, choices=THEMES, default="system")
    # The last settings used in Create, by model: {"model": "provider/model", "settings": {"provider/model": {…}}}
    last_settings = models.JSONField(default=dict, blank=True)
    names_chats = models.BooleanField("let models name conversations", default=False)
    # With which team new jobs are shared, and the team whose things one looks at; null: only me, one's own.
    shares_with = models.ForeignKey(
        "accounts.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="share with"
    )
    space = models.ForeignKey("accounts.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    MAIL_EVERY = ((1, "Once an hour at most"), (24, "Once a day at most"))
    mail_every = models.PositiveSmallIntegerField("notices by mail", choices=MAIL_EVERY, default=1)  # hours
    # What the operator lets them have; null: no limit.
    storage_limit = models.BigIntegerField("storage", null=True, blank=True)  # bytes of results and uploads
    open_jobs_limit = models.PositiveIntegerField("jobs under way", null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("operator", default=False)
    # True for the account that was made while there was none. Unique, so that of two who sign up at once one is first.
    is_first = models.BooleanField(null=True, unique=True, editable=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name or self.email.partition("@")[0]


class Invitation(models.Model):
    """A place for one mail address while sign-up is by invitation. Only the token's hash is kept."""

    email = models.EmailField("mail address")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.expires_at > timezone.now()
