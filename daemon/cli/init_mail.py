"""The part of `homeward init` about mail servers: finds IMAP, the one that sends and the one of the Sieve scripts, signs in,
asks who holds the mail. It keeps nothing and writes nothing."""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from daemon.advice import Usage
from daemon.cli.init_servers import TRIES, Dialog
from daemon.cli.screen import show
from daemon.cli.servers_text import told_lines
from daemon.servers import Service, Told, ask_server
from daemon.setup.mail_servers import Candidate, Looked, candidates, first_that_answers
from daemon.setup.on_servers import OnServers
from integrations.errors import AuthExpired
from integrations.login import Login, Server
from rules.policy import MailConfig
from rules.telling import printable

_HOLDS = """Who keeps new mail out of the inbox while you are away?
  server  its Sieve script does, at delivery, also while this machine sleeps; it ends by itself a day after the last pass
  client  this machine does, at each pass: new mail can be seen for some minutes, and nothing is held while it sleeps"""


class MailServers:
    """Asks by `dialog`."""

    def __init__(self, dialog: Dialog) -> None:
        self._dialog, self._given = dialog, dialog.given

    def find(self, known: tuple[Login, str] | None) -> OnServers | None:
        """None where there is none. `known` is the login to the calendars, with its password, which is tried first."""
        imap = self._server("imap", "Your mail server (IMAP), or none")
        if not imap:
            return None
        login, secret = known or self._dialog.login(self._dialog.user(), "your mail")
        if self._dialog.is_known(login.user, imap):
            return OnServers()
        told, login, secret = self._entered("imap", imap, login, secret)
        host = Server.parse(imap, "imaps").host
        smtp = self._server("smtp", "The server that sends your mail (SMTP), or none", host)
        sieve = self._server("managesieve", "The server of your Sieve scripts, or none", host)
        sends, able = self._useful("smtp", smtp, login), self._useful("managesieve", sieve, login)
        holds = able is not None and able.sieve is not None and able.sieve.holds
        account = self._dialog.account("mail", login.user)
        account = replace(
            account, kind="imap", imap=told.address,
            smtp=smtp if sends else "", managesieve=sieve if able else "",
        )  # fmt: skip
        if not account.managesieve:
            show(["No Sieve there: homeward sets no autoreply, and mail is held by this machine."])
        mail = MailConfig(id=self._dialog.free("mail", "mail"), account=account.id, hold=self._hold(holds))
        return OnServers((account,), (), mail, {account.id: secret} if secret else {})

    def _server(self, service: Service, question: str, host: str = "") -> str:
        """Its address: as given, else found, else asked for; "" for none."""
        named: str | None = getattr(self._given, service)
        if named:
            return "" if named == "none" else named
        domain = self._dialog.email.rpartition("@")[2]
        found = self._found(service, domain, host) if domain else ""
        if found or self._given.yes:
            return found
        answer = self._dialog.ask(question, "none")
        return "" if answer == "none" else answer

    def _found(self, service: Service, domain: str, host: str) -> str:
        known = (each for each in candidates(service, domain, host) if self._is_right(each))
        found = first_that_answers(known, service, self._given.ca_file, _show_looked)
        return found.address if found else ""

    def _is_right(self, candidate: Candidate) -> bool:
        """Nothing proves the records of a domain: a host of somebody else gets no password unless the user knows it."""
        if not candidate.foreign:
            return True
        if self._given.yes:
            said = "the domain names it, and it is another's. If it is right, name it: --imap, --smtp, --managesieve"
            show([f"· {printable(candidate.address)}: {said}"])
            return False
        answer = self._dialog.ask(f"The domain names {printable(candidate.address)}. Is that your provider?", "no")
        return answer.lower() in ("yes", "y")

    def _entered(self, service: Service, address: str, login: Login, secret: str) -> tuple[Told, Login, str]:
        """Signed in, with another password where that of the calendars is not the one."""
        for attempt in range(TRIES):
            told = ask_server(service, address, login, self._given.ca_file)
            if told.error is None:
                show(told_lines(told))
                return told, login, secret
            again = isinstance(told.error, AuthExpired) and (self._dialog.lines or not self._given.yes) and attempt < TRIES - 1
            if not again:
                raise told.error
            show(told_lines(told))
            login, secret = self._dialog.login(login.user, "your mail")
        raise AssertionError("the last attempt raises")

    def _useful(self, service: Service, address: str, login: Login) -> Told | None:
        """None where there is none, or where it cannot be entered and nobody named it."""
        if not address:
            return None
        told = ask_server(service, address, login, self._given.ca_file)
        if told.error is None:
            show(told_lines(told))
            return told
        if getattr(self._given, service):
            raise told.error
        show(told_lines(told))
        return None

    def _hold(self, can: bool) -> Literal["server", "client"]:
        """Never chosen silently."""
        if not can:
            if self._given.hold == "server":
                raise Usage("--hold server: no Sieve script can hold mail there.")
            return "client"
        if self._given.hold or self._given.yes:
            client = "this machine, at each pass (--hold server: by the server)"
            show([f"Mail is held by {'the server' if self._given.hold == 'server' else client}."])
            return "server" if self._given.hold == "server" else "client"
        show(_HOLDS.splitlines())
        answer = ""
        while answer not in ("server", "client"):
            answer = self._dialog.ask("server or client?", "")
        return "server" if answer == "server" else "client"


def _show_looked(looked: Looked) -> None:
    show([(f"{'✓' if looked.ok else '✗'} {printable(looked.said, 200)}", "green" if looked.ok else "yellow")])
