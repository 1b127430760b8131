"""Who homeward is to Google: the sign-in of a Desktop client in the browser (RFC 8252, PKCE), the tokens that come of it, kept as
a secret, and service accounts that speak for a user. Asks for the least, step by step. No token is in a message or a repr."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets as random_secrets
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from integrations.errors import AuthExpired, OutsideError, Permanent, Temporary
from integrations.google_client import GOOGLE, Endpoints
from integrations.google_http import Wire
from integrations.ports import Secrets

_SCOPE = "https://www.googleapis.com/auth/"
CALENDAR_SCOPES = (
    f"{_SCOPE}calendar.events", f"{_SCOPE}calendar.calendarlist.readonly",
)  # fmt: skip
MAIL_SCOPES = (f"{_SCOPE}gmail.modify", f"{_SCOPE}gmail.settings.basic")

_BOXES = {
    "calendar.events": "to see and edit the events of your calendars",
    "calendar.calendarlist.readonly": "to see the list of your calendars",
    "gmail.modify": "to read, write and send mail", "gmail.settings.basic": "to change settings and filters of your mail",
}  # fmt: skip
"""What each right is called on Google's page, more or less."""

SECRET = "google"
"""Under this name the tokens lie in the account's secrets."""

_EARLY = 120.0  # seconds before its end at which a token is given up
_RUN = "Run `homeward auth google`."
_AGAIN = f"The sign-in at Google has ended. {_RUN}"
_WEEK, _LATER = 7 * 86400.0, 2 * 86400.0  # seconds; so long a sign-in lasts in a project in testing, and so soon it is noticed
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MOST_BYTES = 64 * 1024


# --- the client file --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClientFile:
    """What the user downloads from the Google Cloud console: a Desktop client, or the key of a service account."""

    kind: Literal["installed", "service"]
    client_id: str
    secret: str = field(repr=False)
    email: str = ""

    @classmethod
    def parse(cls, text: str) -> ClientFile:
        """Permanent, with what to do, where it is another kind of file."""
        try:
            found = json.loads(text[:_MOST_BYTES])
            if found.get("type") == "service_account":
                return cls("service", str(found["client_id"]), str(found["private_key"]), str(found["client_email"]))
            if "web" in found:
                raise Permanent("This file is of a web client. Make one of the type “Desktop app” and download its file.")
            return cls("installed", str(found["installed"]["client_id"]), str(found["installed"].get("client_secret", "")))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Permanent(
                "This is no client file of Google. In the Google Cloud console, under APIs & Services, Credentials, make an "
                "OAuth client of the type “Desktop app” and download its JSON file."
            ) from None


# --- signing in -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignIn:
    """One attempt: open `url` in a browser, then give the address that it leads to (or what arrives there) to `finish`."""

    url: str
    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)

    @classmethod
    def begin(
        cls, client: ClientFile, scopes: Collection[str], redirect: str, endpoints: Endpoints = GOOGLE, user: str = ""
    ) -> SignIn:
        """`redirect` is `http://127.0.0.1:PORT/`. What was granted before stays granted."""
        verifier, state = random_secrets.token_urlsafe(48), random_secrets.token_urlsafe(24)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {
            "client_id": client.client_id, "redirect_uri": redirect, "response_type": "code", "scope": " ".join(scopes),
            "state": state, "code_challenge": challenge, "code_challenge_method": "S256", "access_type": "offline",
            "include_granted_scopes": "true", "prompt": "consent",
        }  # fmt: skip
        if user:
            asked["login_hint"] = user
        return cls(f"{endpoints.auth}?{urlencode(asked)}", redirect, state, verifier)

    def code_in(self, address: str) -> str:
        """The code in the address (or only its query) that the browser was sent to. Permanent where the user said no, or where
        the address belongs to another attempt."""
        parts = urlsplit(address.strip())
        found = {name: values[0] for name, values in parse_qs(parts.query or address.strip().lstrip("?")).items()}
        if not random_secrets.compare_digest(found.get("state", "").encode(), self.state.encode()):
            raise Permanent(
                "This address does not belong to this sign-in. Paste the whole address that the browser shows at the end."
            )
        if "error" in found:
            refused = "access_denied" in found["error"]
            raise Permanent("You did not agree at Google." if refused else "Google broke the sign-in off. Try again.")
        if not found.get("code"):
            raise Permanent("This address holds no code. Paste the whole address that the browser shows at the end.")
        return found["code"]


def finish(
    sign_in: SignIn,
    address: str,
    client: ClientFile,
    wanted: Collection[str],
    now: datetime,
    endpoints: Endpoints = GOOGLE,
    ca_file: str = "",
) -> str:
    """The tokens as text for the account's secrets. Permanent where not all that is `wanted` was
    ticked."""
    form = {
        "grant_type": "authorization_code", "code": sign_in.code_in(address), "redirect_uri": sign_in.redirect,
        "client_id": client.client_id, "client_secret": client.secret, "code_verifier": sign_in.verifier,
    }  # fmt: skip
    given = _ask(Wire(ca_file), endpoints.token, form)
    granted = str(given.get("scope", "")).split()
    if missing := [_BOXES[scope.removeprefix(_SCOPE)] for scope in wanted if scope not in granted]:
        boxes = "; ".join(missing)
        raise Permanent(f"These boxes were not ticked, and homeward needs them: {boxes}. Do this once more, and tick every box.")
    if not given.get("refresh_token"):
        raise Permanent(
            "Google gave no lasting token. Take homeward's access away at myaccount.google.com/permissions, then try again."
        )
    return _kept(client, given, str(given["refresh_token"]), granted, now.timestamp(), now.timestamp())


def _kept(client: ClientFile, given: dict[str, Any], refresh: str, scopes: Collection[str], now: float, since: float) -> str:
    """`since` is when the user signed in (seconds), 0 where that is not known."""
    facts = {
        "v": 1, "client_id": client.client_id, "client_secret": client.secret, "refresh_token": refresh,
        "scopes": sorted(scopes), "access_token": str(given.get("access_token", "")),
        "expires": now + float(given.get("expires_in", 0)), "since": since,
    }  # fmt: skip
    return json.dumps(facts, sort_keys=True)


# --- tokens -----------------------------------------------------------------------------------------------------------


class UserTokens:
    """Tokens of a user who signed in, from the account's secrets, where a renewed one is kept, too. Safe between threads."""

    def __init__(
        self,
        account_id: str,
        secrets: Secrets,
        clock: Callable[[], datetime],
        endpoints: Endpoints = GOOGLE,
        ca_file: str = "",
    ) -> None:
        self._account_id, self._secrets, self._clock, self._endpoints = account_id, secrets, clock, endpoints
        self._wire = Wire(ca_file)
        self._lock = threading.Lock()
        self._facts: dict[str, Any] | None = None

    def token(self, refused: str = "") -> str:
        with self._lock:
            facts = self._facts = self._facts or self._load()
            fresh = facts["expires"] - _EARLY > self._clock().timestamp() and facts["access_token"] not in ("", refused)
            if not fresh:
                facts = self._facts = self._renewed_or_anew(facts)
            return str(facts["access_token"])

    def _renewed_or_anew(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The user may have signed in again while this process was running."""
        try:
            return self._renewed(facts)
        except AuthExpired as error:
            self._facts = None
            anew = self._load()
            if anew["refresh_token"] == facts["refresh_token"]:
                raise self._ended(error, facts["since"]) from None
            return self._renewed(anew)

    def _ended(self, error: AuthExpired, since: float) -> AuthExpired:
        """With the reason, where the age of the sign-in tells it."""
        age = self._clock().timestamp() - since
        if error.what != _AGAIN or not _WEEK - 3600 <= age <= _WEEK + _LATER:
            return error
        return AuthExpired(
            "The sign-in at Google has ended: it lasts 7 days if your project there is in testing (to publish it: README.md). "
            f"{_RUN}"
        )

    def scopes(self) -> frozenset[str]:
        """What the user agreed to, as far as known here."""
        with self._lock:
            self._facts = self._facts or self._load()
            return frozenset(self._facts["scopes"])

    def _load(self) -> dict[str, Any]:
        text = self._secrets.get(self._account_id, SECRET)
        try:
            facts = json.loads(text or "")
            needed = ("client_id", "client_secret", "refresh_token", "access_token", "expires", "scopes")
            return {**{name: facts[name] for name in needed}, "since": float(facts.get("since", 0))}
        except (ValueError, KeyError, TypeError):
            raise AuthExpired(f"You are not signed in to Google. {_RUN}") from None

    def _renewed(self, facts: dict[str, Any]) -> dict[str, Any]:
        form = {
            "grant_type": "refresh_token", "refresh_token": facts["refresh_token"], "client_id": facts["client_id"],
            "client_secret": facts["client_secret"],
        }  # fmt: skip
        given = _ask(self._wire, self._endpoints.token, form)
        client = ClientFile("installed", facts["client_id"], facts["client_secret"])
        scopes = str(given.get("scope", "")).split() or facts["scopes"]
        refresh, now = str(given.get("refresh_token") or facts["refresh_token"]), self._clock().timestamp()
        text = _kept(client, given, refresh, scopes, now, facts["since"])
        with suppress(OutsideError):  # the keyring may be locked; then this token serves until this process ends
            self._secrets.set(self._account_id, SECRET, text)
        return dict(json.loads(text))


class ServiceTokens:
    """Tokens of a service account with domain-wide delegation (RFC 7523). `subject` is the user whom it speaks for."""

    def __init__(
        self,
        client: ClientFile,
        subject: str,
        scopes: Collection[str],
        clock: Callable[[], datetime],
        endpoints: Endpoints = GOOGLE,
        ca_file: str = "",
    ) -> None:
        if client.kind != "service":
            raise Permanent("This client file is not of a service account.")
        self._client, self._subject, self._scopes = client, subject, tuple(scopes)
        self._endpoints, self._wire, self._clock = endpoints, Wire(ca_file), clock
        self._lock = threading.Lock()
        self._token, self._expires = "", 0.0

    def token(self, refused: str = "") -> str:
        with self._lock:
            if self._expires - _EARLY <= self._clock().timestamp() or self._token in ("", refused):
                given = _ask(self._wire, self._endpoints.token, {"grant_type": _JWT, "assertion": self._assertion()})
                self._token, self._expires = (
                    str(given["access_token"]),
                    self._clock().timestamp() + float(given.get("expires_in", 0)),
                )
            return self._token

    def _assertion(self) -> str:
        from google.auth import crypt, jwt

        key: Any = crypt.RSASigner.from_string  # the library's functions have no types
        sign: Any = jwt.encode
        now = int(self._clock().timestamp())
        claims = {
            "iss": self._client.email, "sub": self._subject, "scope": " ".join(self._scopes), "aud": self._endpoints.token,
            "iat": now - 10, "exp": now + 1800,
        }  # fmt: skip
        try:
            return bytes(sign(key(self._client.secret), claims)).decode("ascii")
        except (ValueError, TypeError):
            raise Permanent(
                "The key in the service account's file cannot be used. Make a new key and download its file."
            ) from None


def revoke(text: str, endpoints: Endpoints = GOOGLE, ca_file: str = "") -> None:
    """Give back what the user granted (`text`: the tokens as kept). Quiet where they were revoked already."""
    token = str(json.loads(text).get("refresh_token", ""))
    parts = urlsplit(endpoints.token)
    with suppress(AuthExpired):
        _ask(Wire(ca_file), f"{parts.scheme}://{parts.netloc}/revoke", {"token": token})


def _ask(wire: Wire, url: str, form: dict[str, str]) -> dict[str, Any]:
    """The token endpoint's answer. Asking for a token changes nothing, so an unclear end is only a delay."""
    try:
        status, _, body = wire.send(url, "POST", urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})
    except Temporary as broken:
        raise Temporary("Google's sign-in cannot be reached.", broken.retry_after) from None
    try:
        found = json.loads(body[:_MOST_BYTES])
    except ValueError:
        found = {}
    if status == 200 and isinstance(found, dict):
        return found
    raise _refused(status, str(found.get("error", "")) if isinstance(found, dict) else "")


def _refused(status: int, error: str) -> OutsideError:
    if error in ("invalid_grant", "invalid_token"):
        return AuthExpired(_AGAIN)
    if error in ("invalid_client", "unauthorized_client", "deleted_client"):
        return AuthExpired("Google does not know this client (any more). Check the client file, then run `homeward auth google`.")
    if error == "redirect_uri_mismatch":
        return Permanent("The client file is not of the type “Desktop app”. Make one of that type and download its file.")
    if status == 429 or status >= 500 or not re.fullmatch(r"[a-z_]+", error):
        return Temporary("Google's sign-in has a problem of its own.")
    return Permanent(f"Google refused the sign-in ({error}).")
