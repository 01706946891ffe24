"""What was done, in words."""

from __future__ import annotations

from generations.organising.bulk import Outcome, Wish


def said(wish: Wish, outcome: Outcome) -> str:
    sentence = _done(wish, outcome.count)
    return f"{sentence} The rest follows in the background." if outcome.goes_on else sentence


def _done(wish: Wish, count: int) -> str:
    if wish.album is not None:
        return _added(wish, count)
    if wish.leave is not None:
        return f"Took {count} out of {wish.leave.title}."
    if wish.delete_at is not None:
        return f"Deleted {count}."
    if wish.shares:
        return _shared(wish, count)
    return _marked(wish, _jobs(count))


def _added(wish: Wish, count: int) -> str:
    assert wish.album is not None
    if count:
        return f"Put {count} into {wish.album.title}."
    if wish.album.team_id is not None:
        return f"Nothing new for {wish.album.title}: it holds what is shared with its team."
    return f"Nothing new for {wish.album.title}."


def _shared(wish: Wish, count: int) -> str:
    if not count:
        return "Nothing changed."
    what = "It is" if count == 1 else f"{count} are"
    return f"{what} shared with {wish.team}." if wish.team else f"{what} yours alone again."


def _marked(wish: Wish, jobs: str) -> str:
    if wish.favourite is not None:
        return f"{jobs} marked as favourite." if wish.favourite else f"{jobs} no favourite any more."
    if wish.stars is not None:
        return f"{jobs} given {wish.stars} of 5 stars." if wish.stars else f"Stars taken off {jobs}."
    if wish.colour is not None:
        return f"{jobs} labelled {wish.colour}." if wish.colour else f"Colour taken off {jobs}."
    if wish.tags:
        return f"{jobs} tagged {', '.join(wish.tags)}."
    return f"Taken off {jobs}: {', '.join(wish.untag)}." if wish.untag else "Nothing was asked for."


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"
