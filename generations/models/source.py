"""What a job was made from, where that is another job. Another try of one is its `Job.parent`."""

from __future__ import annotations

from django.db import models

from generations.models.job import Job


class JobSource(models.Model):
    class Kind(models.TextChoices):
        REMIX = "remix", "Its settings"  # taken up in Create, and sent again as they were or with changes
        INPUT = "input", "Its result"  # a picture or clip of it that the other one begins from

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="sources")
    source = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="descendants")
    kind = models.CharField(max_length=5, choices=Kind)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("job", "source", "kind"), name="one_source_of_each_kind"),)

    def __str__(self) -> str:
        return f"{self.job_id} from {self.source_id}"
