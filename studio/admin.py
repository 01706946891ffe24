"""Django's admin as the operator meets it: signed in as everywhere else, and without what others put in it that it
has no business to show."""

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

# Allauth's sign-in has the second step and the rate limits; the admin's own has neither.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it
admin.site.site_header = admin.site.site_title = "Studio"
admin.site.index_title = "Administration"
admin.site.site_url = "/create/"

for _model in (Authenticator, UserSession, Group):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
