"""The site's settings: everything that differs between hosts comes from `studio.environment`."""

import dj_database_url
import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from studio import environment
from studio.lib import logs
from studio.lib.crypto import load_or_create_secret

django_stubs_ext.monkeypatch()  # lets classes name the model they are of: ModelForm[User]

ENV = environment.read()

BASE_DIR = environment.ROOT
DATA = ENV["STUDIO_DATA"]
DATA.mkdir(mode=0o700, parents=True, exist_ok=True)

# -- Secrets ---------------------------------------------------------------------------------------------------------
# The first secret signs and encrypts; the others still verify and decrypt (see `manage.py rotate_keys`).
_secrets = ENV["STUDIO_SECRET_KEY"] or (load_or_create_secret(DATA / "secret_key"),)
SECRET_KEY, *SECRET_KEY_FALLBACKS = _secrets
DEBUG = ENV["STUDIO_DEBUG"]
DEFAULT_EXCEPTION_REPORTER_FILTER = "studio.faults.Filter"

# -- Addresses -------------------------------------------------------------------------------------------------------
PUBLIC_URL = ENV["STUDIO_PUBLIC_URL"]
HOST, PORT = ENV["STUDIO_HOST"], ENV["PORT"]
_public = environment.host_of(PUBLIC_URL)
ALLOWED_HOSTS = [_public, "127.0.0.1", "localhost", "[::1]"] if _public else ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [environment.origin_of(PUBLIC_URL)] if PUBLIC_URL else []
SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_SSL_REDIRECT = False  # the proxy in front does that; /healthz must answer plain HTTP on loopback
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W008",  # see SECURE_SSL_REDIRECT
    "security.W005",  # whether the domain's other names speak https is not for Studio to say,
    "security.W021",  # nor whether browsers should know of it beforehand
]
if not SECURE:  # plain http never uses secure cookies or HSTS; studio.checks speaks up where others can reach it
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W012", "security.W016"]

# -- Providers -------------------------------------------------------------------------------------------------------
PROVIDER_URLS = {
    "local": ENV["STUDIO_ENGINE_URL"],
    "local-chat": ENV["STUDIO_CHAT_URL"],
    "wayscloud-gpu": ENV["STUDIO_WAYSCLOUD_GPU_URL"],
    "wayscloud-llm": ENV["STUDIO_WAYSCLOUD_LLM_URL"],
    "wavespeed": ENV["STUDIO_WAVESPEED_URL"],
    "nanobanana": ENV["STUDIO_NANOBANANA_URL"],
}
PROVIDER_SECRETS = {
    "local": ENV["STUDIO_ENGINE_TOKEN"],
    "local-chat": ENV["STUDIO_CHAT_TOKEN"],
}  # providers whose key is Studio's own
PRIVATE_HOSTS = ENV["STUDIO_PRIVATE_HOSTS"]
REPLY_PATIENCE = 5.0  # seconds that replies under way get to end, when Studio stops

# -- Applications ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_q",
    "template_partials",
    "studio",
    "accounts",
    "generations",
]

OIDC_APP = environment.oidc_app(ENV)  # the team's identity provider; empty: there is none, and none of its code
OIDC_ONLY = bool(OIDC_APP) and ENV["STUDIO_OIDC_ONLY"]
if OIDC_APP:
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]

MIDDLEWARE = [
    "studio.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "studio.middleware.Seen",
    "django_htmx.middleware.HtmxMiddleware",
    "studio.middleware.SignInAnew",
    "studio.middleware.OnlySent",
]

ROOT_URLCONF = "studio.urls"
ASGI_APPLICATION = "studio.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "studio.context.site",
            ],
            "builtins": ["studio.templatetags.addresses"],
        },
    },
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *([environment.origin_of(ENV["STUDIO_OIDC_ISSUER"])] if OIDC_APP else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# -- Database, cache, queue ------------------------------------------------------------------------------------------
if ENV["DATABASE_URL"]:
    DATABASES = {"default": dj_database_url.parse(ENV["DATABASE_URL"], conn_max_age=600, conn_health_checks=True)}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA / "studio.sqlite3"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what was written before a submit left must survive a power cut, or the submit could be paid twice.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = ENV["REDIS_URL"]
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db" if REDIS_URL else "django.contrib.sessions.backends.db"

Q_CLUSTER = {
    "name": "studio",
    "workers": ENV["STUDIO_WORKERS"],
    "timeout": 90,  # a shift lasts about 50 s
    "retry": 120,  # counts from the fetch, so it must be longer than the time-out
    "queue_limit": ENV["STUDIO_WORKERS"],
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,  # failures are kept, successes are not
    "recycle": 200,
    "catch_up": False,
    "poll": 0.2,
    "guard_cycle": 0.5,
    "label": "Background tasks",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# -- Accounts --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SIGNUP = ENV["STUDIO_SIGNUP"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "create"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "accounts.forms.SignupForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
HAS_MAIL = bool(ENV["STUDIO_EMAIL_URL"])
ACCOUNT_EMAIL_VERIFICATION = "optional" if HAS_MAIL else "none"
ACCOUNT_EMAIL_NOTIFICATIONS = HAS_MAIL
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = SIGNUP == "open"  # that mail offers to sign up
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Studio: "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_FORMS = {"add_webauthn": "accounts.forms.AddPasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Studio"
MFA_TOTP_TOLERANCE = 1  # phones' clocks differ
# Where mail goes, an address is verified first, so that nobody locks its owner out of it; elsewhere none can be.
MFA_ALLOW_UNVERIFIED_EMAIL = not HAS_MAIL
USERSESSIONS_TRACK_ACTIVITY = True
SOCIALACCOUNT_ADAPTER = "accounts.oidc.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [OIDC_APP] if OIDC_APP else []}}
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # if both sides have verified it: see accounts.oidc
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False
AUDIT_DAYS = ENV["STUDIO_AUDIT_DAYS"]
VAPID_KEY = ENV["STUDIO_VAPID_KEY"]

# -- Links -----------------------------------------------------------------------------------------------------------
PUBLIC_LINKS = ENV["STUDIO_PUBLIC_LINKS"]
LONGEST_LINK = ENV["STUDIO_LONGEST_LINK"]  # days; 0: no limit
ACCOUNT_RATE_LIMITS = {
    "link_password": "5/5m/key,20/h/key",  # each link and address, or network of an IPv6 one
    "link_passwords": "100/h/key",  # each link, from wherever
    "link_comment": "10/5m/key",
    "comment": "30/5m/user",
    "team_invite": "30/h/user",
    "team_link": "60/m/ip",
    "webhook_test": "10/5m/user",
}

# -- Mail ------------------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV["STUDIO_EMAIL_FROM"]
globals().update(environment.mail_settings(ENV["STUDIO_EMAIL_URL"], DATA / "mail"))

# -- Files -----------------------------------------------------------------------------------------------------------
MEDIA_ROOT = DATA / "media"
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
IMPORT_LARGEST = ENV["STUDIO_IMPORT_MB"] * 2**20  # bytes
WHITENOISE_MAX_AGE = 3600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a page that was scrolled far down may name as many jobs
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# -- Words and time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# -- Logs ------------------------------------------------------------------------------------------------------------
LOGGING_CONFIG = None  # set up here, once, for Django, the worker and the libraries alike
logs.set_up(json={"auto": None, "text": False, "json": True}[ENV["STUDIO_LOG_FORMAT"]])
