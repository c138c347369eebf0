"""What the settings say about LocalStack itself."""

from bootstrap.settings import Settings


def options_of(settings: Settings) -> dict[str, str]:
    """The variables of a LocalStack that is started with these settings."""
    return {
        "SANDBOX_PATCHES": str(int(settings.patches)),
        "SANDBOX_IAM": settings.permissions,
        # LocalStack's name for them: it answers what browsers ask before they send a request of such a page.
        "EXTRA_CORS_ALLOWED_ORIGINS": settings.allowed_origins,
        "ALLOWED_HOSTS": settings.allowed_hosts,
        "ALLOW_OTHER_USERS": str(int(settings.allow_other_users)),
    }
