"""Who is believed to be the server: certificates on a real one, and somebody in between."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path

import pytest

from integrations.errors import AuthExpired, Permanent
from integrations.login import Login, Server
from integrations.managesieve import ManageSieve
from tests.servers.dovecot import Dovecot, Shape, running_dovecot
from tests.servers.scripted import CUT, saying

CLEAR = b'"SIEVE" "fileinto"\r\n"SASL" "PLAIN"\r\nOK\r\n'
WITH_TLS = b'"SIEVE" "fileinto"\r\n"SASL" "PLAIN"\r\n"STARTTLS"\r\nOK\r\n'

ELSEWHERE = "0.0.0.0"
"""Linux takes it for this machine, and homeward for another one."""


def on(port: int, host: str) -> Server:
    return Server.parse(f"sieve://{host}:{port}", "sieve")


def login(secret: str = "correct-horse") -> Login:
    return Login("leader", "password", lambda: secret)


def test_tls_of_an_authority_of_ones_own_is_used(dovecot: Dovecot) -> None:
    with ManageSieve(on(dovecot.sieve, "localhost"), login(), dovecot.ca_file) as client:
        assert not client.capabilities.starttls and "PLAIN" not in client.capabilities.others.get("STARTTLS", "")
        client.putscript("mine", b"keep;" + b" " * 100_000)
        assert client.getscript("mine") == b"keep;" + b" " * 100_000


def test_a_certificate_of_an_unknown_authority_is_refused(dovecot: Dovecot) -> None:
    with pytest.raises(Permanent, match=r"not to be trusted.* No password was sent"):
        ManageSieve(on(dovecot.sieve, ELSEWHERE), login())


def test_a_certificate_for_another_name_is_refused(dovecot: Dovecot) -> None:
    with pytest.raises(Permanent, match=r"not to be trusted: .*0\.0\.0\.0"):
        ManageSieve(on(dovecot.sieve, ELSEWHERE), login(), dovecot.ca_file)


def test_a_certificate_for_the_name_is_taken_and_an_expired_one_refused() -> None:
    with running_dovecot(names=f"IP:{ELSEWHERE}") as good:
        ManageSieve(on(good.sieve, ELSEWHERE), login(), good.ca_file).logout()
    with running_dovecot(days=-1) as expired, pytest.raises(Permanent, match="expired"):
        ManageSieve(on(expired.sieve, "localhost"), login(), expired.ca_file)


def test_a_password_goes_to_no_other_machine_where_encryption_was_taken_out_of_the_offer() -> None:
    with saying(CLEAR, b"OK\r\n", CLEAR, CUT) as server, pytest.raises(Permanent, match=r"no encryption \(STARTTLS\)"):
        ManageSieve(on(server.port, ELSEWHERE), login())
    assert not any(server.heard)


def test_a_password_goes_to_no_other_machine_where_encryption_is_refused() -> None:
    with saying(WITH_TLS, b'NO "not today"\r\n', CLEAR, CUT) as server, pytest.raises(Permanent, match="not today"):
        ManageSieve(on(server.port, ELSEWHERE), login())
    assert server.heard[0] == b"STARTTLS\r\n" and not any(server.heard[1:])


def test_what_is_said_before_tls_and_meant_for_after_is_not_believed() -> None:
    injected = b'OK\r\n"SIEVE" "evil"\r\n"SASL" "PLAIN"\r\nOK\r\n'
    with saying(WITH_TLS, injected, CUT) as server, pytest.raises(Permanent, match="in its name"):
        ManageSieve(on(server.port, ELSEWHERE), login())
    assert server.heard[0] == b"STARTTLS\r\n" and not any(server.heard[1:])


def test_on_this_machine_a_password_may_go_without_tls() -> None:
    with saying(CLEAR, b"OK\r\n", CLEAR) as server:
        ManageSieve(on(server.port, "127.0.0.1"), login()).logout()
    assert server.heard[0] == b'AUTHENTICATE "PLAIN" "%b"\r\n' % base64.b64encode(b"\0leader\0correct-horse")


def test_tls_that_begins_with_the_first_byte_is_no_managesieve() -> None:
    with pytest.raises(Permanent, match="sieve://"):
        ManageSieve(Server.parse("imaps://localhost", "sieve"), login())


# --- tokens on a real server ------------------------------------------------------------------------------------------

KEY = b"a secret of the authority that gives tokens"


def token(user: str, ends: float) -> str:
    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    now = int(time.time())
    claims = {"sub": user, "email": user, "iat": now - 60, "nbf": now - 60, "exp": int(ends), "azp": "homeward"}
    signed = part(b'{"alg":"HS256","typ":"JWT","kid":"default"}') + "." + part(json.dumps(claims).encode())
    return signed + "." + part(hmac.new(KEY, signed.encode(), hashlib.sha256).digest())


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_a_token_opens_a_real_server_and_an_expired_one_does_not(mechanism: str, open_folder: Path) -> None:
    keys = open_folder / "keys" / "homeward" / "HS256"
    keys.mkdir(parents=True)
    (keys / "default").write_bytes(base64.b64encode(KEY))
    (open_folder / "oauth2.conf").write_text(
        f"introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={open_folder}/keys/\nusername_attribute = sub\n"
    )
    passdb = f"passdb {{\n  driver = oauth2\n  mechanisms = {mechanism}\n  args = {open_folder}/oauth2.conf\n}}\n"
    more = f"auth_mechanisms = plain {mechanism}\n{passdb}"
    with running_dovecot(Shape(more=more)) as server:
        address = on(server.sieve, "localhost")
        good = Login("leader", "token", lambda: token("leader", time.time() + 600))
        with ManageSieve(address, good, server.ca_file) as client:
            client.putscript("mine", b"keep;")
            assert client.getscript("mine") == b"keep;"
        with pytest.raises(AuthExpired):
            ManageSieve(address, Login("leader", "token", lambda: token("leader", time.time() - 600)), server.ca_file)
