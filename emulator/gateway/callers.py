"""Which requests may come from where: those of programs may, those of web pages only where a setting says so.

None may pass for one of LocalStack's own.

SDKs and the AWS CLI send neither `Origin` nor `Sec-Fetch-Site`; browsers send one of them with whatever a page does,
https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Fetch-Site, to names that they trust. No page lives here.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

# Names that browsers trust without encryption: only these are told the site that a request without Origin comes from,
# https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy.
TRUSTED_NAMES = ("localhost", "127.0.0.1", "::1")
OTHER_NAMES = ("localhost.localstack.cloud",)
BROWSER = "Mozilla/"
# In these, LocalStack's services tell each other who asks, for whom, and in which account.
AMONG_SERVICES = ("x-localstack-", "x-moto-")
REMEMBERED_HOSTS = 256


class Callers:
    """Knows the sandbox's names and the origins whose pages may use it.

    Args:
        hosts: More names of the sandbox, each with all names below it.
        origins: Origins such as `http://localhost:3000`.
    """

    def __init__(self, hosts: Iterable[str], origins: Iterable[str]) -> None:
        self._names = (*TRUSTED_NAMES, *OTHER_NAMES, *(host.lower() for host in hosts))
        self._origins = frozenset(origin.lower() for origin in origins)
        self._is_own = lru_cache(REMEMBERED_HOSTS)(self._is_own_name)

    def refusal(self, fields: Mapping[str, str], address: str) -> str | None:
        """Why a request is refused, if it is.

        Args:
            fields: Its headers, by their names in small letters.
            address: The one of this machine that it came to, which is a name of the sandbox as well.
        """
        host = fields.get("host")
        if host is not None and not self._is_own(host, address):
            return f"{host[:99]!r} is no name of this sandbox: add it to ALLOWED_HOSTS if it shall be one"
        if inner := next((name for name in fields if name.startswith(AMONG_SERVICES)), None):
            return f"{inner[:99]!r} is for LocalStack's services among themselves: leave it out"
        site = fields.get("sec-fetch-site")
        if "origin" not in fields and (site == "none" or (site is None and not self._hides_its_site(fields, host))):
            return None
        return self._refusal_of_page(fields)

    def _refusal_of_page(self, fields: Mapping[str, str]) -> str | None:
        # Pages can leave the Referer out, but not make one up. Images and links have no Origin.
        origin = fields.get("origin") or _origin(fields.get("referer", ""))
        if origin.lower() in self._origins:
            return None
        if not origin and "sec-fetch-site" not in fields:
            return "a browser does not say at this name which page asks: use localhost, which it says more to"
        page = f"a web page of {origin[:99]!r}" if origin else "a web page of another origin"
        return f"{page} may not use this sandbox: add its origin to ALLOWED_ORIGINS if it shall"

    @staticmethod
    def _hides_its_site(fields: Mapping[str, str], host: str | None) -> bool:
        """Whether a browser is at work, which would say more to a name that it trusts."""
        return (
            host is not None
            and fields.get("user-agent", "").startswith(BROWSER)
            and not _is_below(_name(host), TRUSTED_NAMES)
        )

    def _is_own_name(self, host: str, address: str) -> bool:
        name = _name(host)
        return name == address or _is_below(name, self._names)


def listed(text: str) -> list[str]:
    """The parts of a setting that are separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _name(host: str) -> str:
    """A host without its port, in small letters."""
    name = host.lower()
    return name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]


def _is_below(name: str, names: Iterable[str]) -> bool:
    return any(name == one or name.endswith(f".{one}") for one in names)


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
