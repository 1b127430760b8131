"""Where the mail of a story is, beside a calendar at Google: at Gmail, whose clock stands where it was set, or on a real server
whose clock goes on. Both say where each message is, and let another one come."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from typing import Any, Protocol

from tests.servers.fake_google.server import FakeGoogle
from tests.servers.fake_google.worlds import Clock
from tests.servers.sieve_users import Account
from tests.servers.submission import Submission
from tests.stories import leader
from tests.stories.clocked import ClockedDovecot
from tests.stories.letters import ME, Letters, letter

_NO_PLACE = {"UNREAD", "SENT", "IMPORTANT"}
LISTS = "Lists"
AUTOREPLY = {"enableAutoReply": False, "responseSubject": "Mine", "responseBodyPlainText": "my words"}


class Post(Protocol):
    table: str

    def set(self, moment: datetime) -> None: ...

    def now(self) -> datetime: ...

    def come(self, sender: str, subject: str, **headers: str) -> None:
        """Now, through whatever the user or homeward has set up there."""

    def where(self) -> dict[str, str]:
        """Subject → where it is, as `A+B` where it is in two places at once. AssertionError where it is in none."""

    def settings(self) -> dict[str, object]:
        """All that has to be as it was in the end."""

    def sent(self, to: str = "") -> list[Message]:
        """What homeward sent."""

    def replied_to(self) -> list[str]: ...


class Gmail:
    """With an autoreply of the user's own, which is off, and a filter that keeps a list out of the inbox."""

    account = ""

    def __init__(self, google: FakeGoogle, clock: Clock, hold: str, owner: str = ME) -> None:
        self._google, self._clock, self._owner = google, clock, owner
        self.table = f'[[mail]]\nid = "mail"\naccount = "g"\nhold = "{hold}"\n'
        self.box.contacts.add("ola@customer.example")
        self.box.vacation = dict(AUTOREPLY)
        self.box.labels["Label_1"] = {"id": "Label_1", "name": LISTS, "type": "user"}
        action = {"addLabelIds": ["Label_1"], "removeLabelIds": ["INBOX"]}
        self.box.filters["mine"] = {"id": "mine", "criteria": {"from": "news@list.example"}, "action": action}

    @property
    def box(self) -> Any:
        return self._google.gmail.boxes[self._owner]

    def set(self, moment: datetime) -> None:
        self._clock.now = moment

    def now(self) -> datetime:
        return self._clock.now

    def come(self, sender: str, subject: str, **headers: str) -> None:
        message = letter(sender, subject)
        message["Message-ID"] = f"<story{len(self.box.messages)}@mail.example>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        self.come_as(message, sender)

    def come_as(self, message: EmailMessage, sender: str) -> None:
        stored = self._google.gmail.deliver(self._owner, message.as_bytes(), self._clock.now)
        if message["X-Spam-Flag"]:  # Gmail knows it without a filter, and a label beside it stays
            stored.labels = stored.labels - {"INBOX"} | {"SPAM"}

    def where(self) -> dict[str, str]:
        names = {key: str(label["name"]) for key, label in self.box.labels.items()}
        found: dict[str, str] = {}
        for stored in self.box.messages.values():
            if "SENT" in stored.labels:
                continue
            places = {names.get(label, label) for label in stored.labels - _NO_PLACE}
            subject = str(stored.message()["Subject"])
            assert places, subject
            found[subject] = "SPAM" if "SPAM" in places else "+".join(sorted(places))
        return found

    def settings(self) -> dict[str, object]:
        return {"autoreply": dict(self.box.vacation), "filters": dict(self.box.filters), "labels": dict(self.box.labels)}

    def sent(self, to: str = "") -> list[Message]:
        found = (raw for _, people, raw in self._google.gmail.outgoing if not to or to in people)
        return [message_from_bytes(raw, policy=default) for raw in found]  # type: ignore[arg-type]

    def replied_to(self) -> list[str]:
        return sorted(reply.to for reply in self.box.replies)


class Server:
    """A real Dovecot; Google's clock follows its own."""

    def __init__(self, clock: Clock, mail: ClockedDovecot, submission: Submission, owner: str = ME) -> None:
        self._clock, self._mail, self._submission = clock, mail, submission
        self.sieve = Account(mail.server)
        self._letters = Letters(mail, self.sieve.user)
        self.account = leader.post(mail.server, submission, self.sieve.user)
        self.table = leader.MAIL
        self.sieve.put("mine", leader.OWN_SCRIPT, active=True)
        self._wrote_to("ola@customer.example", owner)

    def _wrote_to(self, address: str, owner: str) -> None:
        """Some weeks ago: so her own letters get a reply."""
        message = letter(owner, "The offer")
        message.replace_header("To", address)
        with self._letters.signed_in() as client:
            client.append("Sent", message.as_bytes(), msg_time=datetime(2026, 9, 1, 12, tzinfo=UTC))

    def set(self, moment: datetime) -> None:
        self._mail.set(moment)
        self._clock.now = moment.astimezone(UTC)

    def now(self) -> datetime:
        self._clock.now = self._mail.now()
        return self._clock.now

    def come(self, sender: str, subject: str, **headers: str) -> None:
        self._letters.come(sender, subject, "", **headers)

    def come_as(self, message: EmailMessage, sender: str) -> None:
        self._letters.come_as(message, sender)

    def where(self) -> dict[str, str]:
        return self._letters.where()

    def settings(self) -> dict[str, object]:
        folders = [name for name in self._letters.folders() if name != LISTS]
        return {"scripts": self.sieve.scripts(), "in force": self.sieve.in_force(), "folders": folders}

    def sent(self, to: str = "") -> list[Message]:
        found = (each.content for each in self._submission.caught.letters if not to or to in each.to)
        return [message_from_bytes(content, policy=default) for content in found]  # type: ignore[arg-type]

    def replied_to(self) -> list[str]:
        return sorted(address for each in self._mail.server.replies.caught.letters for address in each.to)
