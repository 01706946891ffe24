"""How jobs are found: an index for each question that is asked all the time, over those rows that can be its answer."""

from django.db.models import Index, Q

INDEXES = (
    Index(fields=("due_at",), condition=Q(due_at__isnull=False), name="job_due"),
    Index(fields=("owner", "-id"), condition=Q(deleted_at__isnull=True), name="job_gallery"),
    Index(fields=("owner", "kind", "-id"), condition=Q(deleted_at__isnull=True), name="job_gallery_kind"),
    Index(fields=("owner", "state", "-id"), condition=Q(deleted_at__isnull=True), name="job_gallery_state"),
    Index(fields=("changed_at",), name="job_changed"),
    Index(fields=("submitter",), condition=Q(submitter__isnull=False), name="job_submitting"),
    Index(fields=("provider", "remote_id"), name="job_remote"),
    Index(fields=("provider", "model", "-id"), condition=Q(made_at__isnull=False), name="job_history"),
    Index(
        fields=("provider", "model", "settings_digest", "-id"),
        condition=Q(made_at__isnull=False),
        name="job_history_alike",
    ),
    Index(fields=("key", "owner", "id"), condition=Q(state="queued", due_at__isnull=True), name="job_waiting_for_turn"),
    Index(fields=("key", "state"), name="job_at_key"),
    Index(fields=("key", "owner", "turn_at"), condition=Q(turn_at__isnull=False), name="job_turns"),
    Index(fields=("owner", "created_at"), name="job_spend"),
    Index(fields=("team", "-id"), condition=Q(deleted_at__isnull=True, team__isnull=False), name="job_team"),
    Index(fields=("deleted_at",), condition=Q(deleted_at__isnull=False), name="job_trash"),
    Index(fields=("owner", "-deleted_at", "-id"), condition=Q(deleted_at__isnull=False), name="job_trash_of_owner"),
)
