"""Telling people what happened, by the ways that each has chosen for it.

`events` says what there is to tell, `choices` who wants it how, `telling` tells; `inbox` is what one reads in the app,
`push` what browsers are sent, `digest` what is mailed, `webhooks` what other servers are told.
"""

from accounts.notices.events import EVENTS, Event
from accounts.notices.telling import tell

__all__ = ["EVENTS", "Event", "tell"]
