"""Who gets in where.

A line: method, address, letters for the people of `cast.ROLES` where the thing is its owner's alone, and, where that
makes a difference, once more for where it is shared with the team. The letters are explained in test_every_address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    method: str
    name: str
    expected: str
    shared: str
    arguments: dict[str, str] = field(default_factory=dict)  # parameter → another name in `Cast.arguments`
    data: dict[str, Any] = field(default_factory=dict)


# stranger, signed in, viewer, member, owner, operator
LINES = """
GET   healthz                             yyyyyy
GET   readyz                              yyyyyy
GET   home                                yyyyyy

# One's own account. Where Studio asks for the password again, that is an answer too.
GET   account_login                       yyyyyy
POST  account_logout                      yyyyyy
GET   account_inactive                    yyyyyy
GET   account_signup                      yyyyyy
GET   account_reauthenticate              iyyyyy
GET   account_email                       iyyyyy
GET   account_email_verification_sent     yyyyyy
GET   account_confirm_email               yyyyyy
GET   account_change_password             iyyyyy
GET   account_set_password                iyyyyy
GET   account_reset_password              yyyyyy
GET   account_reset_password_done         yyyyyy
GET   account_reset_password_from_key     yyyyyy
GET   account_reset_password_from_key_done yyyyyy
GET   account_confirm_login_code          iyyyyy
GET   mfa_index                           iyyyyy
GET   mfa_authenticate                    iyyyyy
GET   mfa_reauthenticate                  iyyyyy
GET   mfa_activate_totp                   iyyyyy
GET   mfa_deactivate_totp                 innnnn
GET   mfa_view_recovery_codes             innnnn
GET   mfa_generate_recovery_codes         iyyyyy
GET   mfa_download_recovery_codes         innnnn
GET   mfa_list_webauthn                   iyyyyy
GET   mfa_add_webauthn                    iyyyyy
GET   mfa_reauthenticate_webauthn         iyyyyy
GET   mfa_remove_webauthn                 iyyyyy
GET   mfa_edit_webauthn                   iyyyyy
GET   mfa_login_webauthn                  iyyyyy
GET   usersessions_list                   iyyyyy
POST  session-end                         innnyn
GET   settings                            iyyyyy

# The operator's.
GET   people                              innnny
POST  invite                              innnny
POST  invitation-revoke                   innnny
GET   providers                           innnny
POST  provider-withhold                   innnny
POST  provider-offer                      innnny
GET   invitation                          nyyyyy
POST  person-limits                       innnny
POST  person-switch-off                   innnny
POST  person-switch-on                    innnny
POST  person-promote                      innnny
POST  person-demote                       innnny
GET   operator                            innnny
GET   audit                               innnny
HEAD  audit-file                          innnny

# Notices are one's own. Their mail is stopped by a link that is signed.
GET   notices                             iyyyyy
POST  notices-read                        iyyyyy
POST  notice-read                         innnyn
POST  notice-mail-stop                    nnnnnn
GET   notice-choices                      iyyyyy
POST  browser-add                         iyyyyy
POST  browser-remove                      innnyn
POST  webhook-add                         iyyyyy
POST  webhook-test                        innnyn
POST  webhook-enable                      innnyn
POST  webhook-disable                     innnyn
POST  webhook-remove                      innnyn
GET   service-worker                      yyyyyy
POST  job-watch                           innnyn
POST  job-unwatch                         innnyn

# The team's identity provider; there is none of that name.
GET   socialaccount_signup                iiiiii
GET   socialaccount_connections           iyyyyy
GET   socialaccount_login_cancelled       yyyyyy
GET   socialaccount_login_error           yyyyyy
GET   openid_connect_login                nnnnnn
GET   openid_connect_callback             nnnnnn

# Keys are their owner's alone.
GET   keys                                iyyyyy
GET   key-add                             iyyyyy
POST  key-rename                          innnyn
POST  key-replace                         innnyn
POST  key-delete                          innnyn
POST  key-limits                          innnyn
POST  key-balance                         innnyn
POST  key-test                            innnyn
POST  key-default                         innnyn
POST  key-enable                          innnyn
POST  key-disable                         innnyn

# Making.
GET   create                              iyyyyy
POST  quote                               iyyyyy
POST  create-fields                       iyyyyy
POST  create-batch                        iyyyyy
POST  create-variables                    iyyyyy
POST  job-create                          iyyyyy
GET   prompts                             iyyyyy
GET   prompts-menu                        iyyyyy
GET   prompt-new                          iyyyyy
GET   prompt                              innnyn
POST  prompt-delete                       innnyn
GET   compare                             iyyyyy
GET   models                              iyyyyy
GET   models-pick                         iyyyyy
GET   model-by-id                         iyyyyy
POST  model-favourite                     iyyyyy
POST  improve-panel                       iyyyyy
POST  improve                             iyyyyy
POST  assets                              iyyyyy
HEAD  asset                               innnyn
HEAD  asset-thumbnail                     innnyn
POST  asset-delete                        innnyn
GET   inputs                              iyyyyy
HEAD  input                               nnnnnn
GET   spend                               iyyyyy
HEAD  spend-file                          iyyyyy
POST  webhook                             nnnnnn

# What was made.
GET   gallery                             iyyyyy
POST  gallery-delete                      iyyyyy
POST  gallery-restore                     iyyyyy
GET   job                                 innnyn  inyyyn
GET   job-lineage                         innnyn  inyyyn
POST  job-cancel                          innnyn
POST  job-retry                           innnyn
POST  job-give-up                         innnyn
POST  job-adopt                           innnyn
POST  job-resave                          innnyn
POST  job-delete                          innnyn
HEAD  output                              innnyn  inyyyn
HEAD  output-preview                      innnyn  inyyyn

# In order: only one's own is marked; a team's album is filled and changed by who writes in the team.
POST  organise                            iyyyyy
GET   organise-menu                       iyyyyy
POST  job-mark                            innnyn
GET   albums                              iyyyyy
POST  album-create                        iyyyyy
GET   album                               innnyn  inyyyn
POST  album-change                        innnyn  innyyn
POST  album-cover                         innnyn  innyyn
POST  album-move                          innnyn  innyyn
POST  album-delete                        innnyn
POST  album-restore                       innnyn
GET   tags                                iyyyyy
POST  tag-rename                          innnyn
POST  tag-merge                           innnyn
POST  tag-delete                          innnyn
GET   trash                               iyyyyy
POST  trash-purge                         iyyyyy
HEAD  trash-picture                       innnyn
GET   storage                             iyyyyy

# Chat.
GET   chat                                iyyyyy
GET   conversation                        innnyn
GET   conversation-thread                 innnyn
POST  conversation-settings               innnyn
POST  conversation-say                    innnyn
GET   conversation-markdown               innnyn
GET   conversation-json                   innnyn
GET   conversation-menu                   innnyn
POST  conversation-rename                 innnyn
POST  conversation-pin                    innnyn
POST  conversation-archive                innnyn
POST  conversation-move                   innnyn
POST  conversation-delete                 innnyn
POST  conversation-restore                innnyn
GET   chat-export                         iyyyyy
GET   chat-import                         iyyyyy
GET   chat-presets                        iyyyyy
GET   chat-preset-new                     iyyyyy
GET   chat-preset                         innnyn
POST  chat-preset-delete                  innnyn
GET   chat-list                           iyyyyy
POST  folders                             iyyyyy
POST  folder-rename                       innnyn
POST  folder-delete                       innnyn
GET   message                             innnyn
GET   message-text                        innnyn
POST  message-stop                        innnyn
POST  message-again                       innnyn
GET   message-edit                        innnyn
POST  message-show                        innnyn
POST  message-delete                      innnyn
POST  message-restore                     innnyn
POST  message-continue                    innnyn
POST  message-retry                       innnyn
POST  message-make                        innnyn
GET   chat-prices                         iyyyyy
POST  chat-price-set                      innnny
POST  chat-price-remove                   innnny
GET   chat-sight                          iyyyyy

# Together: what is shared with the team is looked at and talked about by all of it, and judged by who writes in it.
POST  job-visibility                      innnyn
POST  jobs-visibility                     iyyyyy
GET   job-talk                            innnyn  inyyyn
POST  comment-add                         innnyn  inyyyn
GET   comment                             innnyn
POST  comment-delete                      innnyn
POST  comment-restore                     innnyn
POST  job-reaction                        innnyn  inyyyn
POST  job-review                          innnnn  innyyn
GET   team                                inyyyn
GET   team-activity                       inyyyn

# Teams: all of it see who is in it; its owners change that, and only a key's owner what is spent with it.
GET   teams                               iyyyyy
GET   team-new                            iyyyyy
POST  space                               iyyyyy
GET   team-people                         inyyyn
POST  team-role                           innnyn
POST  team-remove                         innnyn
POST  team-invite                         innnyn
POST  team-invitation-renew               innnyn
POST  team-invitation-revoke              innnyn
GET   team-invitation                     nnnnnn
POST  team-invitation-accept              innnnn
GET   team-settings                       inyyyn
POST  team-rename                         innnyn
POST  team-transfer                       innnyn
POST  team-leave                          inyyyn
POST  team-delete                         innnyn
GET   team-keys                           inyyyn
GET   team-key-change                     innnyn
POST  team-key-revoke                     innnyn
GET   approvals                           iyyyyy
GET   job-approval                        innnyn
POST  job-approve                         innnyn
POST  job-decline                         innnyn

# Files: of what one sees, and of what is one's own
POST  gallery-zip                         iyyyyy
GET   album-zip                           innnyn inyyyn
GET   job-zip                             innnyn inyyyn
GET   archives                            iyyyyy
POST  archive-export                      iyyyyy
POST  archive-import                      iyyyyy
GET   archive-file                        innnyn
POST  archive-again                       innnyn
POST  archive-delete                      innnyn

# One's own links; a new one is to something of one's own, which is named.
GET   links                               iyyyyy
GET   link-new                            innnnn
POST  link-selection                      iyyyyy
POST  links-revoke                        iyyyyy
GET   link                                innnyn
POST  link-address                        innnyn
POST  link-revoke                         innnyn
"""

# More that a form has to hold, for its answer to be more than a complaint.
DATA: dict[str, dict[str, Any]] = {
    "job-reaction": {"emoji": "👍"},
    "job-review": {"review": "approved"},
    "model-favourite": {"on": "local/studio-image"},
    "chat-price-set": {"provider": "openai", "model": "gpt", "for": "everyone"},
    "chat-price-remove": {"provider": "openai", "model": "gpt", "for": "everyone"},
}
ARGUMENTS: dict[str, dict[str, str]] = {
    "album-restore": {"album_id": "deleted_album_id"},
    "trash-picture": {"job_id": "deleted_job_id"},
    "team-invitation-renew": {"invitation_id": "team_invitation_id"},
    "team-invitation-revoke": {"invitation_id": "team_invitation_id"},
    "job-approval": {"job_id": "asked_job_id"},
    "job-approve": {"job_id": "asked_job_id"},
    "job-decline": {"job_id": "asked_job_id"},
    "comment-restore": {"comment_id": "deleted_comment_id"},
    "conversation-restore": {"conversation_id": "deleted_conversation_id"},
    "message-edit": {"message_id": "said_id"},
    "message-restore": {"message_id": "deleted_message_id"},
}
# Without a name, allauth leads from where a page was once to where it is.
NAMELESS = frozenset({f"?social/{place}/" for place in ("connections", "login/cancelled", "login/error", "signup")})
# Under a link's own rule: see test_links.
FOR_LINKS = frozenset(
    {
        "shared",
        "shared-comment",
        "shared-cover",
        "shared-job",
        "shared-open",
        "shared-output",
        "shared-picture",
        "shared-preview",
        "shared-remix",
        "shared-zip",
    }
)


def rows() -> Iterator[Row]:
    for line in LINES.splitlines():
        if line and not line.startswith("#"):
            method, name, expected, *shared = line.split()
            yield Row(method, name, expected, (shared or [expected])[0], ARGUMENTS.get(name, {}), DATA.get(name, {}))


TABLE = tuple(rows())
