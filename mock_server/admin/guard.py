"""Who may use what is under `/__mock/`: this machine, the admin token, and pages for their keys."""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from mock_server.model.client_keys import key_of
from mock_server.model.mock_settings import Settings
from mock_server.model.problems import Problem, Refused
from mock_server.model.request import Request

__all__ = ["Guard"]

_MOST_PAGE_KEYS = 10_000


class Guard:
    """Decides about each request for the mock itself.

    Without a token, a request has to come from this machine, with a Host that names it, and from
    no page of another origin: such a page could control the mock of a developer who opens it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.notes_keys = settings.allow_page_scenarios
        self._page_keys: dict[tuple[bytes, str], None] = {}

    def check(self, request: Request) -> None:
        """Let the request pass. Raises Refused: 401 for a wrong token, 403 for anybody else.

        A client that sends the token may read the response from a page of any origin.
        """
        if self._has_token(request):
            request.is_private = False
            return
        request.is_private = True
        if not _is_local(request):
            detail = "without the admin token, only clients on the mock's own machine may use this"
            raise self._forbidden(request, detail)
        if not (_is_same_origin(request) and _names_this_machine(request)) or _is_foreign(request):
            raise self._forbidden(request, "pages of other origins may not use this")

    def note_page_key(self, request: Request) -> None:
        """Remember the key that a page of another origin sends with its own requests."""
        origin, key = request.fields.get(b"origin"), key_of(request.fields)
        if origin is not None and key is not None:
            if len(self._page_keys) >= _MOST_PAGE_KEYS:
                # The one that was noted first: a dictionary keeps the order of insertion.
                self._page_keys.pop(next(iter(self._page_keys)))
            self._page_keys[(origin, key)] = None

    def has_page_key(self, origin: str, key: str) -> bool:
        """Whether a page of an origin has sent a key with its own requests to this process."""
        return (origin.encode("latin-1"), key) in self._page_keys

    def page_of(self, request: Request) -> str | None:
        """The origin of a page that may steer and watch its own requests; None for any other.

        Its own are those with a key for which `has_page_key` is true. A page of the mock itself,
        or one that sends a token, is looked at by `check` alone.
        """
        origin = request.fields.get(b"origin")
        if not self._settings.allow_page_scenarios or origin is None or not _is_local(request):
            return None
        # A page that sends a token is judged by the token: a wrong one must be refused, not
        # ignored.
        if _is_same_origin(request) or b"authorization" in request.fields:
            return None
        return origin.decode("latin-1")

    @property
    def opens_to_pages(self) -> bool:
        """Whether any page of another origin can be let in, so that browsers may ask first."""
        return self._settings.admin_token is not None or self._settings.allow_page_scenarios

    def _has_token(self, request: Request) -> bool:
        token = self._settings.admin_token
        sent = request.fields.get(b"authorization", b"").partition(b" ")
        if token is None or sent[0].lower() != b"bearer":
            return False
        # In constant time: a comparison that ends early tells how much of a token was right.
        if compare_digest(sent[2].strip(), token.encode()):
            return True
        raise Refused(_unauthorized("this is not the admin token"))

    def _forbidden(self, request: Request, detail: str) -> Refused:
        if self._settings.admin_token is not None:
            return Refused(_unauthorized("send the admin token"))
        return Refused(Problem.of("forbidden-origin", detail))


def _unauthorized(detail: str) -> Problem:
    lines = ((b"www-authenticate", b'Bearer realm="mock-server"'),)
    return Problem.of("unauthorized", detail, headers=lines)


def _is_local(request: Request) -> bool:
    """Whether the client is on this machine; one without an address came over a local socket."""
    client = request.client
    if client is None:
        return True
    try:
        address = ip_address(client[0])
    except ValueError:
        return False
    # A socket for IPv6 that takes IPv4 as well shows 127.0.0.1 as ::ffff:127.0.0.1.
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_same_origin(request: Request) -> bool:
    origin = request.fields.get(b"origin")
    return origin is None or origin.decode("latin-1") == request.origin


def _is_foreign(request: Request) -> bool:
    """Whether a page of another origin sends it with no Origin: an image, a script, a frame.

    A link to the page from elsewhere may be followed (Fetch Metadata sections 2.1 to 2.4).
    """
    site = request.fields.get(b"sec-fetch-site")
    if site not in (b"cross-site", b"same-site"):
        return False
    mode, wanted = (request.fields.get(b"sec-fetch-" + name) for name in (b"mode", b"dest"))
    return (request.method, mode, wanted) != ("GET", b"navigate", b"document")


def _names_this_machine(request: Request) -> bool:
    """Whether the Host is one that no foreign name server can give (against DNS rebinding).

    Another address than that of the loopback tells of a proxy here, behind which anybody can be.
    """
    host = urlsplit(request.origin).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    # Systems take 0.0.0.0 for this machine as well.
    return address.is_loopback or address.is_unspecified
