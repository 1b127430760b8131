"""Passwords and tokens, in the keyring of the desktop. Only keyrings that encrypt are used, each value is read back after it is
written, and nobody is ever prompted: a locked keyring is waited for. Values appear in no message and no record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from integrations.errors import OutsideError, Permanent, Temporary

ALLOWED = frozenset({
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.kwallet.DBusKeyringKWallet4",
    "keyring.backends.macOS.Keyring",
    "keyring.backends.Windows.WinVaultKeyring",
})  # fmt: skip
"""Backends that keep values encrypted. Plaintext, null, fail and chained ones are not among them, nor is what others install."""

_WAIT = timedelta(minutes=5)


def service_name(account_id: str) -> str:
    """What the entry is called in the desktop's keyring manager."""
    return f"homeward:{account_id}"


class MemorySecrets:
    """For tests and rehearsals: gone with the process."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], str] = {}

    def get(self, account_id: str, name: str) -> str | None:
        return self._values.get((account_id, name))

    def set(self, account_id: str, name: str, value: str) -> None:
        self._values[account_id, name] = value

    def delete(self, account_id: str, name: str) -> None:
        self._values.pop((account_id, name), None)


class KeyringSecrets:
    """`backend` is a keyring.backend.KeyringBackend; None takes the best one of this machine that is allowed. Permanent where
    there is none or it is not allowed; Temporary while it is locked."""

    def __init__(self, backend: Any = None) -> None:
        self.backend = _allowed(backend) if backend is not None else _best()

    def get(self, account_id: str, name: str) -> str | None:
        value = self._call("get_password", account_id, name)
        return value if isinstance(value, str) else None

    def set(self, account_id: str, name: str, value: str) -> None:
        self._call("set_password", account_id, name, value)
        if self.get(account_id, name) != value:
            raise Permanent("The keyring took the value but did not keep it.")

    def delete(self, account_id: str, name: str) -> None:
        if self.get(account_id, name) is not None:
            self._call("delete_password", account_id, name)

    def _call(self, method: str, account_id: str, *rest: str) -> object:
        from keyring.errors import KeyringError

        _require_unlocked(self.backend)
        try:
            return getattr(self.backend, method)(service_name(account_id), *rest)
        except KeyringError as error:
            raise _trouble(error) from None  # the cause may quote what was asked for


def backend_name(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _allowed(backend: Any) -> Any:
    if backend_name(backend) not in ALLOWED:
        raise Permanent(f"The keyring {backend_name(backend)} is not used: it is not known to keep secrets encrypted.")
    return backend


def _best() -> Any:
    import keyring.backend

    usable = [each for each in keyring.backend.get_all_keyring() if backend_name(each) in ALLOWED]
    if not usable:
        raise Permanent("There is no keyring here that keeps secrets encrypted: start one (GNOME Keyring, KWallet).")
    return max(usable, key=lambda each: float(each.priority))


def _require_unlocked(backend: object) -> None:
    """get_password of a locked Secret Service prompts, and hangs for ever where nobody sits."""
    if not backend_name(backend).startswith(("keyring.backends.SecretService", "keyring.backends.libsecret")):
        return
    import secretstorage
    from secretstorage.exceptions import SecretStorageException

    try:
        connection = secretstorage.dbus_init()
        try:
            locked = secretstorage.collection.get_collection_by_alias(connection, "default").is_locked()
        finally:
            connection.close()
    except SecretStorageException:
        raise Temporary("Waiting for the keyring: it does not answer.", _WAIT) from None
    if locked:
        raise Temporary("Waiting for the keyring: it is locked. Unlock it, for instance by signing in.", _WAIT)


def _trouble(error: Exception) -> OutsideError:
    from keyring.errors import KeyringLocked, NoKeyringError

    if isinstance(error, KeyringLocked):
        return Temporary("Waiting for the keyring: it is locked.", _WAIT)
    if isinstance(error, NoKeyringError):
        return Permanent("There is no keyring here.")
    return Temporary(f"The keyring failed ({type(error).__name__}).", _WAIT)
