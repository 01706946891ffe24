"""Every variable: what it is without being set, what it takes, and how it refuses the rest."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from studio import environment
from studio.lib import parsers

# Malformed values of each variable. None of them may turn up in the refusal: some hold passwords.
MALFORMED = {
    "STUDIO_DATA": ["/etc/passwd", "/etc/passwd/below", "~no-such-user/data", "/" + "x" * 300],
    "STUDIO_SECRET_KEY": ["short-secret", "x" * 40 + ",short-secret"],
    "STUDIO_PUBLIC_URL": ["studio.example.com", "ftp://studio.example.com", "https://", "https://a:b@c.example"],
    "STUDIO_SIGNUP": ["OPEN", "everybody", "open,closed"],
    "STUDIO_PRIVATE_HOSTS": ["10.0.0.0/99", "gpu.internal,bad host", "http://gpu.internal", "-dash"],
    "STUDIO_PUBLIC_LINKS": ["never", "2", "-1"],
    "STUDIO_LONGEST_LINK": ["-1", "3651", "a week", "²"],
    "STUDIO_WAYSCLOUD_GPU_URL": ["api.example.com", "https://[not-an-address]/", "https://api.example.com:99999"],
    "STUDIO_WAYSCLOUD_LLM_URL": ["//api.example.com", "https://api.example.com?key=secret", "https://x\u2100.example"],
    "STUDIO_WAVESPEED_URL": ["file:///etc/passwd", "https://token@api.example.com"],
    "STUDIO_NANOBANANA_URL": ["https:imgeditor.co", "https://imgeditor.co/#part"],
    "STUDIO_ENGINE_URL": ["127.0.0.1:9000", "unix:///tmp/engine"],
    "STUDIO_CHAT_URL": ["127.0.0.1:9000", "unix:///tmp/chat"],
    "STUDIO_BUILTIN_CHAT": ["no thanks", "smollm2", "-1"],
    "STUDIO_HOST": ["localhost", "127.0.0.1:80", "256.0.0.1"],
    "PORT": ["0", "65536", "-1", "80.5", "http", "²", "٨٠٠٠", "1" * 5000],
    "STUDIO_DEBUG": ["maybe", "2", "truee"],
    "STUDIO_LOG_FORMAT": ["xml", "JSON"],
    "STUDIO_IMPORT_MB": ["0", "-1", "4 GB", "1000001", "½"],
    "STUDIO_WORKERS": ["1", "33", "two", "-3", "³"],
    "DATABASE_URL": [
        "mysql://user:password@host/name",
        "postgres://user:password@host",
        "postgres://user:password@host:port/name",
        "host/name",
    ],
    "REDIS_URL": ["http://:password@cache.example", "redis://:password@cache.example:99999/0", "cache.example:6379"],
    "STUDIO_EMAIL_URL": [
        "mail.example.com",
        "smtp://",
        "imap://user:password@mail.example.com",
        "smtp://user:password@mail.example.com:port",
    ],
    "STUDIO_EMAIL_FROM": ["studio", "@", "studio@", "@example.com", "st udio@example.com"],
    "STUDIO_VAPID_KEY": ["short-key", "x" * 44, "+" * 43],
    "STUDIO_AUDIT_DAYS": ["0", "-1", "ever", "99999999"],
    "STUDIO_OIDC_ISSUER": ["login.example.com", "ldap://login.example.com", "https://me:password@login.example.com"],
    "STUDIO_OIDC_ONLY": ["perhaps", "2"],
}
TAKES_ANYTHING = {"STUDIO_ENGINE_TOKEN", "STUDIO_CHAT_TOKEN"}
TAKES_ANYTHING |= {"STUDIO_OIDC_CLIENT_ID", "STUDIO_OIDC_CLIENT_SECRET", "STUDIO_OIDC_NAME"}


def test_every_variable_has_its_malformed_values_here():
    assert set(MALFORMED) | TAKES_ANYTHING == {variable.name for variable in environment.VARIABLES}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in MALFORMED.items() for value in values])
def test_a_malformed_value_is_refused_by_the_variables_name_and_not_repeated(name, value):
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.read({name: value})
    message = str(refusal.value)
    assert re.fullmatch(rf"{name} must .+\.", message)
    assert refusal.value.__cause__ is None
    for word in set(re.findall(r"\w{4,}", value)) - OF_THE_REFUSAL:
        assert word not in message


# What a refusal says by itself, in its example of what is right.
OF_THE_REFUSAL = {"address", "closed", "example", "host", "https", "mail", "name", "open", "password", "port"}
OF_THE_REFUSAL |= {"postgres", "smtp", "user"}


def test_nothing_set_is_a_studio_that_works_and_that_nobody_else_reaches():
    values = environment.read({})
    assert values["STUDIO_HOST"] == "127.0.0.1"
    assert values["STUDIO_DEBUG"] is False
    assert values["STUDIO_DATA"] == environment.ROOT / "data"
    assert values["STUDIO_WAYSCLOUD_GPU_URL"] == "https://api.wayscloud.services"
    assert values["STUDIO_NANOBANANA_URL"] == "https://imgeditor.co"


@pytest.mark.parametrize("name", [variable.name for variable in environment.VARIABLES])
def test_set_to_nothing_is_not_set(name):
    assert environment.read({name: "  "}) == environment.read({})


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("PORT", "8080", 8080),
        ("STUDIO_DEBUG", "Yes", True),
        ("STUDIO_DEBUG", "off", False),
        ("STUDIO_WORKERS", "32", 32),
        ("STUDIO_SIGNUP", "invite", "invite"),
        ("STUDIO_DATA", "/srv/studio", environment.Path("/srv/studio")),
        ("STUDIO_PUBLIC_URL", "https://studio.example.com/", "https://studio.example.com"),
        ("STUDIO_WAVESPEED_URL", "http://[::1]:8001/proxy/", "http://[::1]:8001/proxy"),
        ("STUDIO_PRIVATE_HOSTS", "gpu.internal, 10.0.0.0/8 ,::1", ("gpu.internal", "10.0.0.0/8", "::1")),
        ("STUDIO_SECRET_KEY", f"{'a' * 32}, {'b' * 32}", ("a" * 32, "b" * 32)),
        ("STUDIO_HOST", "::", "::"),
        ("DATABASE_URL", "postgresql://u:p@/name?host=/run/pg", "postgresql://u:p@/name?host=/run/pg"),
        ("REDIS_URL", "unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("STUDIO_EMAIL_FROM", "Studio <studio@example.com>", "Studio <studio@example.com>"),
    ],
)
def test_what_is_meant(name, value, meant):
    assert environment.read({name: value})[name] == meant


class TestMail:
    def settings(self, url, tmp_path):
        return environment.mail_settings(parsers.email_url(url), tmp_path)

    def test_without_a_server_it_is_written_to_files(self, tmp_path):
        assert self.settings("", tmp_path)["EMAIL_FILE_PATH"] == tmp_path

    @pytest.mark.parametrize(
        ("url", "port", "ssl", "tls"),
        [
            ("smtp://mail.example.com", 25, False, False),
            ("smtps://mail.example.com", 465, True, False),
            ("smtp+tls://mail.example.com", 587, False, True),
            ("smtp+tls://mail.example.com:2525", 2525, False, True),
        ],
    )
    def test_a_server_by_its_address(self, url, port, ssl, tls, tmp_path):
        settings = self.settings(url, tmp_path)
        assert settings["EMAIL_HOST"] == "mail.example.com"
        assert (settings["EMAIL_PORT"], settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (port, ssl, tls)

    def test_the_password_may_hold_any_character(self, tmp_path):
        settings = self.settings("smtp://me%40example.com:p%40ss%2Fword@mail.example.com", tmp_path)
        assert settings["EMAIL_HOST_USER"] == "me@example.com"
        assert settings["EMAIL_HOST_PASSWORD"] == "p@ss/word"
