"""Google's sign-in: the consent page (which agrees at once, or as told), the token endpoint with PKCE, refresh and the JWT of
service accounts, and revocation."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

_LIFE = 3599
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(slots=True)
class Grant:
    user: str
    scopes: frozenset[str]
    client: str
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class _Code:
    grant: Grant
    redirect: str
    challenge: str


class TokenError(Exception):
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status, self.body = status, {"error": error, "error_description": description}


@dataclass(slots=True)
class OAuth:
    """`signs_in` is who sits at the browser; `consents`: None agrees to everything, else to these scopes only, an empty set to
    none. `keys` are PEM public keys of service accounts by address; `delegated` are users whom they may speak for."""

    clients: dict[str, str] = field(default_factory=dict)
    signs_in: str = ""
    consents: frozenset[str] | None = None
    keys: dict[str, bytes] = field(default_factory=dict)
    delegated: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)
    issued: int = 0
    _codes: dict[str, _Code] = field(default_factory=dict)
    _refresh: dict[str, Grant] = field(default_factory=dict)
    _access: dict[str, tuple[Grant, float]] = field(default_factory=dict)

    # --- for tests --------------------------------------------------------------------------------------------------------

    def token(self, user: str, *scopes: str) -> str:
        """An access token without any sign-in."""
        return self._issue(Grant(user, frozenset(scopes), "test"))

    def expire_access(self) -> None:
        self._access = {token: (grant, 0.0) for token, (grant, _) in self._access.items()}

    def revoke_all(self, user: str) -> None:
        for grant in [*self._refresh.values(), *(g for g, _ in self._access.values())]:
            if grant.user == user:
                grant.revoked = True

    # --- who is it --------------------------------------------------------------------------------------------------------

    def find(self, authorization: str) -> Grant | None:
        found = self._access.get(authorization.removeprefix("Bearer ")) if authorization.startswith("Bearer ") else None
        if found is None or found[0].revoked or found[1] <= time.time():
            return None
        return found[0]

    # --- the endpoints ----------------------------------------------------------------------------------------------------

    def authorise(self, target: str) -> str:
        """The address that the browser is sent back to. ValueError where Google would show an error page instead."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        self.asked.append(asked)
        back = urlsplit(asked.get("redirect_uri", ""))
        if asked.get("client_id") not in self.clients:
            raise ValueError("invalid_client: The OAuth client was not found.")
        if back.scheme != "http" or back.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("redirect_uri_mismatch")
        if asked.get("response_type") != "code" or asked.get("code_challenge_method") != "S256" or not asked.get("scope"):
            raise ValueError("invalid_request")
        wanted = frozenset(asked["scope"].split())
        given = wanted if self.consents is None else wanted & self.consents
        state = {"state": asked["state"]} if "state" in asked else {}
        if not given:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', **state})}"
        if asked.get("include_granted_scopes") == "true":
            given |= frozenset(s for g in self._refresh.values() if g.user == self.signs_in and not g.revoked for s in g.scopes)
        code = secrets.token_urlsafe(16)
        self._codes[code] = _Code(Grant(self.signs_in, given, asked["client_id"]), asked["redirect_uri"], asked["code_challenge"])
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'scope': ' '.join(sorted(given)), **state})}"

    def give(self, form: dict[str, str]) -> dict[str, Any]:
        kind = form.get("grant_type", "")
        if kind == "authorization_code":
            return self._for_code(form)
        if kind == "refresh_token":
            return self._for_refresh(form)
        if kind == _JWT:
            return self._for_assertion(form)
        raise TokenError("unsupported_grant_type", f"Invalid grant_type: {kind}")

    def revoke(self, form: dict[str, str]) -> None:
        token = form.get("token", "")
        grant = self._refresh.get(token) or (self._access.get(token) or (None,))[0]
        if grant is None or grant.revoked:
            raise TokenError("invalid_token", "Token expired or revoked")
        grant.revoked = True

    def _for_code(self, form: dict[str, str]) -> dict[str, Any]:
        self._require_client(form)
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.grant.client != form["client_id"]:
            raise TokenError("invalid_grant", "Malformed auth code.")
        if code.redirect != form.get("redirect_uri"):
            raise TokenError("redirect_uri_mismatch", "Bad Request")
        digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if digest != code.challenge:
            raise TokenError("invalid_grant", "Invalid code verifier.")
        refresh = secrets.token_urlsafe(24)
        self._refresh[refresh] = code.grant
        return {**self._answer(code.grant), "refresh_token": refresh}

    def _for_refresh(self, form: dict[str, str]) -> dict[str, Any]:
        self._require_client(form)
        grant = self._refresh.get(form.get("refresh_token", ""))
        if grant is None or grant.revoked or grant.client != form["client_id"]:
            raise TokenError("invalid_grant", "Token has been expired or revoked.")
        return self._answer(grant)

    def _for_assertion(self, form: dict[str, str]) -> dict[str, Any]:
        from google.auth import jwt

        assertion = form.get("assertion", "")
        try:
            claims = jwt.decode(assertion, verify=False)
            claims = jwt.decode(assertion, certs=self.keys[claims["iss"]])
        except (KeyError, ValueError):
            raise TokenError("invalid_grant", "Invalid JWT Signature.") from None
        if claims["exp"] - claims["iat"] > 3600 or not claims.get("scope"):
            raise TokenError("invalid_grant", "Invalid JWT: it must be short-lived and name its scopes.")
        subject = claims.get("sub", claims["iss"])
        if subject not in self.delegated:
            raise TokenError("unauthorized_client", "Client is unauthorized to retrieve access tokens using this method.", 401)
        return self._answer(Grant(subject, frozenset(claims["scope"].split()), claims["iss"]))

    def _require_client(self, form: dict[str, str]) -> None:
        if self.clients.get(form.get("client_id", "")) != form.get("client_secret", ""):
            raise TokenError("invalid_client", "The provided client secret is invalid.", 401)

    def _answer(self, grant: Grant) -> dict[str, Any]:
        scope = " ".join(sorted(grant.scopes))
        return {"access_token": self._issue(grant), "expires_in": _LIFE, "scope": scope, "token_type": "Bearer"}

    def _issue(self, grant: Grant) -> str:
        self.issued += 1
        token = f"ya29.{secrets.token_urlsafe(16)}"
        self._access[token] = (grant, time.time() + _LIFE)
        return token


def browse(url: str) -> str:
    """The address that the consent page leads to, which a browser would open."""

    class Stop(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        with urllib.request.build_opener(Stop).open(url):
            raise AssertionError("no redirect")
    except urllib.error.HTTPError as answer:
        return str(answer.headers["Location"])


def key_pair() -> tuple[str, bytes]:
    """The private key of a service account, as in its file, and the public one for `OAuth.keys`; both PEM."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()).decode()
    return private, key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
