"""What people say of a job when it is made: how good it is, what it is about, who may see it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from studio.lib.ids import uuid7


class Colour(models.TextChoices):
    RED = "red", "Red"
    ORANGE = "orange", "Orange"
    YELLOW = "yellow", "Yellow"
    GREEN = "green", "Green"
    BLUE = "blue", "Blue"
    PURPLE = "purple", "Purple"


class Review(models.TextChoices):
    TO_REVIEW = "to_review", "To review"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class Organised(models.Model):
    """The part of a job that only people change. Its owner does; in a team, its members review.

    `team`: those who may see it beside its owner; null: only its owner.
    """

    team = models.ForeignKey("accounts.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs")
    is_favourite = models.BooleanField(default=False)
    stars = models.PositiveSmallIntegerField(default=0)  # 1 to 5; 0: none given
    colour = models.CharField(max_length=6, choices=Colour, blank=True)
    note = models.TextField(blank=True)
    tags = models.ManyToManyField("generations.Tag", through="generations.JobTag", related_name="jobs")
    tag_words = models.TextField(blank=True, editable=False)  # their names, for the full-text index
    review = models.CharField(max_length=9, choices=Review, blank=True)

    class Meta:
        abstract = True


class Tag(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=60)

    class Meta:
        ordering = (Lower("name"), "pk")
        constraints = (models.UniqueConstraint("owner", Lower("name"), name="one_tag_per_name"),)

    def __str__(self) -> str:
        return self.name


class JobTag(models.Model):
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    job = models.ForeignKey("generations.Job", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("tag", "job"), name="one_tag_per_job"),)
        indexes = (models.Index(fields=("tag", "-job"), name="tag_gallery"),)

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.job_id}"


class Album(models.Model):
    """Jobs put together by hand, or, where it has a `query` (the gallery's query string), by a search: a smart album.

    `team`: those who may see it beside its owner; null: only its owner.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="albums")
    team = models.ForeignKey("accounts.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="albums")
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    query = models.TextField(blank=True)
    cover = models.ForeignKey("generations.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = (Lower("title"), "pk")
        indexes = (models.Index(fields=("owner",), condition=models.Q(deleted_at=None), name="album_of_owner"),)

    def __str__(self) -> str:
        return str(self.pk)  # without its title, which is its owner's

    @property
    def is_smart(self) -> bool:
        return bool(self.query)


class AlbumItem(models.Model):
    """A job in an album. `place` is its order by hand: a new one comes first, between two others is between theirs."""

    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="items")
    job = models.ForeignKey("generations.Job", on_delete=models.CASCADE, related_name="album_items")
    place = models.FloatField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("place", "pk")
        constraints = (models.UniqueConstraint(fields=("album", "job"), name="one_place_per_album"),)
        indexes = (models.Index(fields=("album", "place", "id"), name="album_order"),)

    def __str__(self) -> str:
        return f"{self.job_id} in {self.album_id}"
