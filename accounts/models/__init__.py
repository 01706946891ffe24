from accounts.models.audit import AuditEntry
from accounts.models.budget import Budget
from accounts.models.key import ProviderKey
from accounts.models.notice import (
    Notice,
    NoticeChoice,
    OutgoingWebhook,
    PushSubscription,
    SiteSecret,
    WebhookDelivery,
)
from accounts.models.offered import WithheldProvider
from accounts.models.team import Membership, Team, TeamInvitation, TeamKey, TeamRole
from accounts.models.user import Invitation, User

__all__ = [
    "AuditEntry",
    "Budget",
    "Invitation",
    "Membership",
    "Notice",
    "NoticeChoice",
    "OutgoingWebhook",
    "ProviderKey",
    "PushSubscription",
    "SiteSecret",
    "Team",
    "TeamInvitation",
    "TeamKey",
    "TeamRole",
    "User",
    "WebhookDelivery",
    "WithheldProvider",
]
