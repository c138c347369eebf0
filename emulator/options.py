"""What the settings say about LocalStack itself."""

from collections.abc import Mapping

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


def debug_options(ports: Mapping[str, int]) -> dict[str, str]:
    """The variable of one in which functions take debuggers, by their names and ports; none if no function does."""
    # As emulator/debugging/setting.py reads it.
    return {"SANDBOX_DEBUG": ",".join(f"{name}:{port}" for name, port in ports.items())} if ports else {}
