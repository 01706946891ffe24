"""People's own pages. Sign-in, passwords and second factors are allauth's, under /account/."""

from django.urls import path

from accounts.views import keys, people, providers, sessions, settings

urlpatterns = [
    path("settings/", settings.settings, name="settings"),
    path("account/sessions/<int:session_id>/end/", sessions.session_end, name="session-end"),
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<int:invitation_id>/revoke/", people.invitation_revoke, name="invitation-revoke"),
    path("providers/", providers.providers, name="providers"),
    path("providers/<slug:provider>/withhold/", providers.provider_withhold, name="provider-withhold"),
    path("providers/<slug:provider>/offer/", providers.provider_offer, name="provider-offer"),
    path("invitations/<str:word>/", people.invitation, name="invitation"),
    path("keys/", keys.keys, name="keys"),
    path("keys/add/<slug:provider>/", keys.key_add, name="key-add"),
    path("keys/<int:key_id>/rename/", keys.key_rename, name="key-rename"),
    path("keys/<int:key_id>/replace/", keys.key_replace, name="key-replace"),
    path("keys/<int:key_id>/delete/", keys.key_delete, name="key-delete"),
    path("keys/<int:key_id>/limits/", keys.key_limits, name="key-limits"),
    path("keys/<int:key_id>/balance/", keys.key_balance, name="key-balance"),
    path("keys/<int:key_id>/test/", keys.key_test, name="key-test"),
    path("keys/<int:key_id>/default/", keys.key_default, name="key-default"),
    path("keys/<int:key_id>/enable/", keys.key_enable, name="key-enable"),
    path("keys/<int:key_id>/disable/", keys.key_disable, name="key-disable"),
]
