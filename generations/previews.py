"""What stands beside a saved result: two thumbnails, a video's poster, a placeholder. None of it ever fails a job."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from generations.models import Job, Output
from studio.lib import images, video

THUMBNAIL, PREVIEW = 480, 1200  # pixels wide
LATE = timedelta(minutes=5)

log = structlog.get_logger(__name__)


def make(job_id: UUID) -> None:
    """The missing previews of a job's outputs. Their names follow from the file's, so twice is once."""
    for output in Output.objects.filter(job=job_id, previews=Output.Previews.PENDING).exclude(file=""):
        try:
            fields = {**_drawn(output), "previews": Output.Previews.READY}
        except (images.NotAnImage, video.NotAVideo, OSError) as error:
            log.warning("previews.failed", job=str(job_id), output=output.position, reason=str(error))
            fields = {"previews": Output.Previews.FAILED}
        Output.objects.filter(pk=output.pk).update(**fields)
    Job.objects.filter(pk=job_id).update(changed_at=timezone.now())


def overdue() -> list[UUID]:
    """Jobs whose previews should have been made long ago: the task was lost with its worker."""
    missing = Q(outputs__previews=Output.Previews.PENDING) & ~Q(outputs__file="")
    now = timezone.now()
    window = Job.objects.filter(missing, finished_at__lt=now - LATE, finished_at__gt=now - timedelta(days=1))
    return list(window.distinct().values_list("pk", flat=True)[:200])


def _drawn(output: Output) -> dict[str, str]:
    if output.kind not in {"image", "video"}:
        return {}
    original = Path(settings.MEDIA_ROOT, output.file)
    names = {width: f"{Path(output.file).with_suffix('')}.{width}.webp" for width in (THUMBNAIL, PREVIEW)}
    targets = {width: Path(settings.MEDIA_ROOT, name) for width, name in names.items()}
    if output.kind == "video":
        _from_video(original, targets)
    else:
        images.thumbnails(original, targets)
    stand_in = images.placeholder(targets[THUMBNAIL])
    return {"thumbnail": names[THUMBNAIL], "preview": names[PREVIEW], "placeholder": stand_in.uri}


def _from_video(original: Path, targets: dict[int, Path]) -> None:
    poster = original.with_suffix(".poster.webp")
    try:
        video.poster(original, poster)
        images.thumbnails(poster, targets)
    finally:
        poster.unlink(missing_ok=True)
