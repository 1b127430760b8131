"""Which keyrings are used, which are refused, and what is said."""

from __future__ import annotations

import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend

from integrations.errors import Permanent
from integrations.secrets import ALLOWED, KeyringSecrets, MemorySecrets, backend_name, service_name


class PlaintextKeyring(KeyringBackend):
    """As other packages install them: viable, and readable by everybody."""

    priority = 9.0  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return "leaked"

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("a plaintext keyring was used")

    def delete_password(self, service: str, username: str) -> None:
        raise AssertionError("a plaintext keyring was used")


def test_secrets_in_memory_are_kept_by_account_and_name() -> None:
    secrets = MemorySecrets()
    secrets.set("work", "token", "a")
    secrets.set("home", "token", "b")
    assert (secrets.get("work", "token"), secrets.get("work", "password")) == ("a", None)
    secrets.delete("work", "token")
    secrets.delete("work", "token")
    assert secrets.get("work", "token") is None and secrets.get("home", "token") == "b"


@pytest.mark.parametrize(
    "backend",
    [
        keyring.backends.null.Keyring(),
        keyring.backends.fail.Keyring(),
        keyring.backends.chainer.ChainerBackend(),
        PlaintextKeyring(),
    ],
    ids=backend_name,
)
def test_a_keyring_that_does_not_encrypt_is_refused(backend: KeyringBackend) -> None:
    with pytest.raises(Permanent, match="not used"):
        KeyringSecrets(backend)


def test_a_plaintext_keyring_is_not_chosen_however_high_it_ranks() -> None:
    try:
        chosen = backend_name(KeyringSecrets().backend)
    except Permanent as error:
        assert "no keyring" in error.what
    else:
        assert chosen in ALLOWED


def test_entries_are_named_by_account() -> None:
    assert service_name("work") == "homeward:work"
