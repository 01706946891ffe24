"""How jobs are found: an index for each question that is asked all the time, over those rows that can be its answer."""

from django.db.models import Index, Q

KEPT = Q(deleted_at__isnull=True)
# What a list may be narrowed by stands in its index, so that what is left out is passed over without reading it.
NARROWING = (
    "kind",
    "state",
    "provider",
    "model",
    "aspect",
    "stars",
    "is_favourite",
    "colour",
    "review",
    "has_seed",
    "has_input",
    "deleted_at",
)


def _besides(name: str) -> tuple[str, ...]:
    return tuple(one for one in NARROWING if one != name)


# `position` stands in those that say how few a filter leaves: `generations.search.scarce` asks for it.
INDEXES = (
    Index(fields=("owner", "-id", *NARROWING, "team"), condition=KEPT, name="job_gallery"),
    Index(fields=("owner", "kind", "provider", "model", "-id", "position"), condition=KEPT, name="job_gallery_model"),
    Index(fields=("due_at",), condition=Q(due_at__isnull=False), name="job_due"),
    Index(fields=("owner", "state", "-id", "position"), condition=KEPT, name="job_gallery_state"),
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
    Index(fields=("key", "created_at"), condition=Q(key__isnull=False), name="job_key_spend"),
    Index(
        fields=("owner", "is_favourite", "-id", "position"),
        condition=KEPT & Q(is_favourite=True),
        name="job_favourites",
    ),
    Index(fields=("owner", "colour", "-id", "position"), condition=KEPT & Q(colour__gt=""), name="job_colours"),
    Index(
        fields=("owner", "-stars", "-id", "position", *_besides("stars")),
        condition=KEPT & Q(stars__gt=0),
        name="job_stars",
    ),
    Index(fields=("owner", "-seconds", "-id", *NARROWING), condition=KEPT & Q(seconds__gt=0), name="job_durations"),
    Index(
        fields=("owner", "price_unit", "-price", "-id", *NARROWING), condition=KEPT & Q(price__gt=0), name="job_prices"
    ),
    Index(fields=("owner", "likeness", "-id", "position"), condition=KEPT, name="job_alike"),
    Index(fields=("team", "-id", "owner", *NARROWING), condition=KEPT & Q(team__isnull=False), name="job_team"),
    Index(fields=("team", "owner", "-id", "position"), condition=KEPT & Q(team__isnull=False), name="job_team_person"),
    Index(
        fields=("team", "review", "-id", "position"),
        condition=KEPT & Q(team__isnull=False, review__gt=""),
        name="job_reviews",
    ),
    Index(fields=("deleted_at",), condition=Q(deleted_at__isnull=False), name="job_trash"),
    Index(fields=("owner", "-deleted_at", "-id"), condition=Q(deleted_at__isnull=False), name="job_trash_of_owner"),
)
