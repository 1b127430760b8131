"""Which servers carry the mail of a domain: by its SRV records (RFC 6186), else by the names that are usual. Each is only looked
at, over TLS and without a login."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from msgspec import Struct

from daemon.servers import DEFAULT_SCHEMES, Service
from integrations.credentials import in_time
from integrations.errors import OutsideError, Temporary
from integrations.login import Server
from integrations.server_facts import NoSuchHost, certificate_ends
from integrations.srv import find_targets
from integrations.webdav_address import is_kin

_SECONDS = 5.0

# Service → SRV service and the scheme that it stands for, best first.
_RECORDS: dict[Service, tuple[tuple[str, str], ...]] = {
    "imap": (("_imaps", "imaps"), ("_imap", "imap")),
    "smtp": (("_submissions", "smtps"), ("_submission", "smtp")),
    "managesieve": (("_sieve", "sieve"),),
}
# Service → the usual name before the domain and the scheme, best first.
_USUAL: dict[Service, tuple[tuple[str, str], ...]] = {
    "imap": (("imap", "imaps"), ("mail", "imaps"), ("imap", "imap"), ("mail", "imap")),
    "smtp": (("smtp", "smtps"), ("mail", "smtps"), ("smtp", "smtp"), ("mail", "smtp")),
    "managesieve": (("mail", "sieve"), ("imap", "sieve"), ("sieve", "sieve")),
}


class Candidate(Struct, frozen=True):
    """`foreign`: the domain's records name a host of somebody else, which nothing proves: the user has to say so first."""

    address: str
    foreign: bool = False


class Looked(Struct, frozen=True):
    """What came of looking at one address. `hostless`: no other port of that host will answer either."""

    address: str
    ok: bool
    said: str
    hostless: bool = False


def candidates(
    service: Service, domain: str, host: str = "", resolvers: Sequence[tuple[str, int]] | None = None
) -> Iterator[Candidate]:  # fmt: skip
    """Addresses to try, best first. `host`: where the mail itself is, a good guess for the others. `resolvers` as for
    `find_targets`."""
    seen: set[str] = set()
    for found in chain(_recorded(service, domain, resolvers), _guessed(service, domain, host)):
        if found.address not in seen:
            seen.add(found.address)
            yield found


def _recorded(service: Service, domain: str, resolvers: Sequence[tuple[str, int]] | None) -> Iterator[Candidate]:
    for record, scheme in _RECORDS[service]:
        for target in find_targets(record, domain, resolvers)[:3]:
            yield Candidate(written(scheme, target.host, target.port), not is_kin(domain, target.host))


def _guessed(service: Service, domain: str, host: str) -> Iterator[Candidate]:
    if host:
        yield from (Candidate(written(scheme, host)) for scheme in dict.fromkeys(scheme for _, scheme in _USUAL[service]))
    for name, scheme in _USUAL[service]:
        yield Candidate(written(scheme, f"{name}.{domain}"))


def written(scheme: str, host: str, port: int = 0) -> str:
    """As the config takes it, without what goes without saying."""
    usual = Server.parse(f"{scheme}://{host}", scheme)
    shown = f"{host}:{port}" if port and port != usual.port else host
    return shown if scheme in DEFAULT_SCHEMES.values() else f"{scheme}://{shown}"


def look(service: Service, address: str, ca_file: str = "", seconds: float = _SECONDS) -> Looked:
    """Whether a server with a trusted certificate is there; one on this machine may go without."""
    try:
        server = Server.parse(address, DEFAULT_SCHEMES[service])
        where = f"{server.host}:{server.port}"
        late = Temporary(f"{where} did not answer within {seconds:g} s.")
        ends = in_time(lambda: certificate_ends(server, ca_file), seconds, late)
    except OutsideError as error:
        return Looked(address, False, error.what, isinstance(error, NoSuchHost))
    if ends is None and server.must_encrypt:
        return Looked(address, False, f"{where} offers no encryption.")
    return Looked(address, True, f"found {where}")


def first_that_answers(
    found: Iterator[Candidate], service: Service, ca_file: str, tell: Callable[[Looked], None]
) -> Candidate | None:  # fmt: skip
    """Looks at one after the other until one is there. `tell` hears of each."""
    dead: set[str] = set()
    for candidate in found:
        host = Server.parse(candidate.address, DEFAULT_SCHEMES[service]).host
        if host in dead:
            continue
        looked = look(service, candidate.address, ca_file)
        tell(looked)
        if looked.ok:
            return candidate
        if looked.hostless:
            dead.add(host)
    return None
