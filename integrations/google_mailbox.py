"""A mailbox at Gmail. Held mail bears the label `Held` instead of INBOX; nothing else of a message is ever changed. What is there
is learnt from the history and from lists of labels, never by looking through all mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from integrations.envelope import replies_in
from integrations.errors import OutsideError, Permanent, Temporary
from integrations.google_client import GoogleApi
from integrations.google_errors import NotThere, Taken
from integrations.google_filters import from_any
from integrations.google_mail_copy import Known, Listing, MailCopy
from integrations.google_message import FIELDS, envelope_of
from integrations.google_own_filters import searches_for_filed
from integrations.ports import MailCapabilities
from rules.model import Envelope

INBOX = "INBOX"
_EVERYTHING = "ALL"  # the name of a listing
_COLOUR = {"backgroundColor": "#c9daf8", "textColor": "#434343"}
"""Of the label that homeward makes: by it homeward knows its own label again. Both are of Gmail's palette."""

_ID = re.compile(r"[0-9a-f]{8,20}\Z")
_MOST_AT_ONCE = 1000  # ids in one batchModify
_PAGE = 500
_MOST_LISTED = 20_000
_AT_ONCE = 200  # messages fetched before what came is kept
_MOST_FETCHED = 250  # headers in a minute: 5,000 of its 6,000 quota units
_MINUTE = timedelta(minutes=1)
_KINDS = ["messageAdded", "messageDeleted", "labelAdded", "labelRemoved"]


class GoogleMailbox:
    """`account` names the account in the cache. `fresh_for`: within this time after a look nothing is asked again (a pass asks
    several times); our own moves are always seen. `server_hold`: a filter holds, too (see GoogleResponder)."""

    def __init__(
        self,
        mail_id: str,
        api: GoogleApi,
        account: str,
        clock: Callable[[], datetime],
        *,
        held_label: str = "Held",
        server_hold: bool = False,
        cache_folder: Path | None = None,
        fresh_for: timedelta = timedelta(0),
    ) -> None:
        if not held_label.strip() or not held_label.isprintable() or len(held_label) > 100:
            raise Permanent(f"“{held_label[:40]}” cannot be the name of a label.")
        self._id, self._api, self._clock = mail_id, api, clock
        self._held_label, self._server_hold, self._fresh_for = held_label, server_hold, fresh_for
        key = f"{account}\n{api.endpoints.gmail}\n{held_label}"
        self._copy = MailCopy(key, cache_folder / "google-mail.db" if cache_folder else None)
        self._looked: datetime | None = None
        self._fetches: list[datetime] = []  # when each of the last headers came

    @property
    def id(self) -> str:
        return self._id

    def capabilities(self) -> MailCapabilities:
        return MailCapabilities(False, False, server_hold=self._server_hold, lease_ahead=False)

    # --- reading ----------------------------------------------------------------------------------------------------------

    def arrivals(self, since: datetime) -> Sequence[Envelope]:
        self._refresh()
        return self._since(self._listed(INBOX, since), since)

    def held_outline(self) -> Sequence[Envelope]:
        self._refresh()
        ids, now = self._held_ids(), self._clock()
        known = self._copy.envelopes(ids)
        return [known.get(each) or Envelope(each, "", "", "", now) for each in ids]

    def held(self) -> Sequence[Envelope]:
        """All of them, however many. Of a great number that was never seen the headers are fetched over several passes, since
        each costs quota; until then a message is known by its id alone, and counts as delivered now."""
        self._refresh()
        ids = self._held_ids()
        room = self._room()
        known = self._copy.envelopes(ids) if len(ids) > room else dict.fromkeys(ids)
        late = set([each for each in ids if each not in known][room:])
        now = self._clock()
        unknown = [Envelope(each, "", "", "", now) for each in ids if each in late]
        return [*self._since([each for each in ids if each not in late], None), *unknown]

    def find(self, since: datetime) -> Sequence[Envelope]:
        self._refresh()
        return self._since(self._listed(_EVERYTHING, since), since)

    def replies(self, since: datetime, senders: Collection[str]) -> Sequence[Envelope]:
        """Only what these people wrote is listed and looked at: whatever else came is not asked about for this."""
        if not senders:
            return []
        self._refresh()
        written = self._since(self._listed(_EVERYTHING, since, from_any(senders)), since)
        return self.with_texts(replies_in(written, senders))

    def _since(self, ids: Sequence[str], since: datetime | None) -> list[Envelope]:
        found = (e for e in self._envelopes(ids) if since is None or e.received >= since)
        return sorted(found, key=lambda e: (e.received, e.id))

    def _refresh(self) -> None:
        """See whether anything happened since the last look: one request where nothing did."""
        now = self._clock()
        if self._looked is not None and timedelta(0) <= now - self._looked < self._fresh_for:
            return
        known = self._copy.known()
        history = self._history(known.history) if known.history else ""
        if history != known.history or not known.history:
            self._copy.prune()  # first: what was listed until now may well be listed again
            self._copy.forget_listings()
            self._copy.keep(Known(history or self._now(), None, False))
        self._looked = now

    def _history(self, since: str) -> str:
        """`since` where nothing happened, else how far the history is now; "" where it does not reach back so far."""
        try:
            asked = self._api.resource("gmail.users.history").list(
                userId="me", startHistoryId=since, historyTypes=_KINDS, maxResults=1, fields="history/id,historyId"
            )  # fmt: skip
            page = self._api.read(asked)
        except NotThere:
            return ""
        return str(page.get("historyId", "")) if page.get("history") else since

    def _now(self) -> str:
        profile = self._api.read(self._api.resource("gmail.users").getProfile(userId="me", fields="historyId"))
        return str(profile.get("historyId", ""))

    def _listed(self, name: str, since: datetime | None, search: str = "") -> tuple[str, ...]:
        """Ids of what was delivered at `since` or (a little) earlier, under a label or anywhere; only what `search` finds."""
        begin = since.timestamp() if since else 0.0
        key = f"{name} {search}".rstrip()
        kept = self._copy.listing(key)
        if kept is not None and kept.since <= begin:
            return kept.ids
        asked: dict[str, Any] = {} if name == _EVERYTHING else {"labelIds": [name]}
        words = ["-in:chats -in:drafts"] if name == _EVERYTHING else []
        words += [search] if search else []
        words += [f"after:{int(begin) - 1}"] if begin else []
        asked |= {"q": " ".join(words)} if words else {}
        ids = tuple(self._search(asked))
        self._copy.list(key, Listing(begin, ids))
        return ids

    def _search(self, asked: dict[str, Any]) -> Iterator[str]:
        messages, token, count = self._api.resource("gmail.users.messages"), None, 0
        while count < _MOST_LISTED:
            page = self._api.read(
                messages.list(userId="me", maxResults=_PAGE, pageToken=token, fields="messages/id,nextPageToken", **asked)
            )
            found = [str(each["id"]) for each in page.get("messages", ())]
            yield from found
            count += len(found)
            token = page.get("nextPageToken")
            if not token:
                return

    def _held_ids(self) -> tuple[str, ...]:
        label, _ = self._label()
        return self._listed(label, None) if label else ()

    def with_texts(self, letters: Sequence[Envelope]) -> Sequence[Envelope]:
        """Texts are not kept: those of the newest are fetched again."""
        lacking = [letter.id for letter in letters if not letter.text][-_MOST_FETCHED:]
        found = {letter.id: letter for letter in letters}
        for begin in range(0, len(lacking), _AT_ONCE):
            found |= {letter.id: letter for letter in self._fetched(lacking[begin : begin + _AT_ONCE])}
        return list(found.values())

    def _envelopes(self, ids: Sequence[str]) -> list[Envelope]:
        """Headers are fetched once for each message, and of thousands that are new over several passes: at one go they would cost
        what Google gives for many minutes. What came before an error is kept, so that the next pass goes on there."""
        known = self._copy.envelopes(ids)
        lacking = [each for each in ids if each not in known][: self._room()]
        self._fetches += [self._clock()] * len(lacking)
        for begin in range(0, len(lacking), _AT_ONCE):
            fetched = self._fetched(lacking[begin : begin + _AT_ONCE])
            known |= {envelope.id: envelope for envelope in fetched}
        return [known[each] for each in ids if each in known]

    def _room(self) -> int:
        """How many headers may still be fetched, as far as this process knows."""
        now = self._clock()
        self._fetches = [each for each in self._fetches if timedelta(0) <= now - each < _MINUTE]
        return _MOST_FETCHED - len(self._fetches)

    def _fetched(self, ids: Sequence[str]) -> list[Envelope]:
        get = self._api.resource("gmail.users.messages").get
        answers = self._api.read_all("gmail", [get(userId="me", id=each, format="full", fields=FIELDS) for each in ids])
        found = [envelope_of(answer) for answer in answers if not isinstance(answer, OutsideError)]
        self._copy.learn(found)
        for answer in answers:
            if isinstance(answer, OutsideError) and not isinstance(answer, NotThere):
                raise answer
        return found

    # --- moving -----------------------------------------------------------------------------------------------------------

    def hold(self, ids: Sequence[str]) -> int:
        wanted = [each for each in dict.fromkeys(ids) if _ID.match(each)]
        if not wanted and not self._server_hold:
            return 0
        there = self._with_label(INBOX, wanted)
        label = self._label()[0] or self._made_label()
        try:
            self._modify(there, label, INBOX)
        except Permanent:  # the label was deleted: an empty one leaves no trace in the history
            if find_label(self._api, self._held_label)[0] == label:
                raise
            self._modify(there, self._made_label(), INBOX)
        return len(there)

    def release(self, ids: Sequence[str] | None = None) -> int:
        if ids is not None and not ids:
            return 0
        self._refresh_now()
        label, _ = self._label()
        if not label:
            return 0
        held = self._held_ids()
        there = list(held) if ids is None else [each for each in dict.fromkeys(ids) if each in set(held)]
        filed = self._filed(label) if there and self._server_hold else set()
        self._modify([each for each in there if each not in filed], INBOX, label)
        self._modify([each for each in there if each in filed], "", label)
        return len(there)

    def _filed(self, label: str) -> set[str]:
        """What under this label a filter of the user's own keeps out of the inbox: it stays where that one has put it."""
        filters = self._api.read(self._api.resource("gmail.users.settings.filters").list(userId="me")).get("filter", ())
        searches = searches_for_filed(filters, label)
        return {found for query in searches for found in self._search({"labelIds": [label], "q": query})}

    def _refresh_now(self) -> None:
        self._looked = None
        self._refresh()

    def _with_label(self, label: str, ids: Sequence[str]) -> list[str]:
        """Those that bear the label now."""
        if not ids:
            return []
        self._refresh_now()
        kept = self._copy.listing(label)
        listed = set(kept.ids) if kept else set()
        doubtful = [each for each in ids if each not in listed]
        get = self._api.resource("gmail.users.messages").get
        requests = [get(userId="me", id=each, format="minimal", fields="id,labelIds") for each in doubtful]
        for answer in self._api.read_all("gmail", requests):
            if isinstance(answer, OutsideError):
                if not isinstance(answer, NotThere):
                    raise answer
            elif label in answer.get("labelIds", ()):
                listed.add(str(answer["id"]))
        return [each for each in ids if each in listed]

    def _modify(self, ids: Sequence[str], add: str, remove: str) -> None:
        """The same however often it is done, so that it is tried again where the answer was lost."""
        modify = self._api.resource("gmail.users.messages").batchModify
        for begin in range(0, len(ids), _MOST_AT_ONCE):
            together = list(ids[begin : begin + _MOST_AT_ONCE])
            body = {"ids": together, "addLabelIds": [add] if add else [], "removeLabelIds": [remove]}
            self._api.settle(modify(userId="me", body=body))
        self._looked = None if ids else self._looked

    # --- the label --------------------------------------------------------------------------------------------------------

    def owns_held(self) -> bool:
        return self._label()[1]

    def tidy(self) -> None:
        self._refresh()
        label, ours = self._label()
        if not label or not ours or self._held_ids() or self._is_used(label):
            return
        labels = self._api.resource("gmail.users.labels")
        total = self._api.read(labels.get(userId="me", id=label)).get("messagesTotal")
        if total and not self._is_hidden(label, int(total)):
            return
        with suppress(NotThere):
            self._api.settle(labels.delete(userId="me", id=label))
        self._copy.keep(Known(self._copy.known().history, "", False))

    def _is_hidden(self, label: str, total: int) -> bool:
        """Whether all that bears it lies in the spam or the bin, where the label that a filter gave it shows it to nobody."""
        hidden = set(self._search({"labelIds": [label], "includeSpamTrash": True}))
        return len(hidden) >= total and not any(self._search({"labelIds": [label]}))

    def _is_used(self, label: str) -> bool:
        """Whether a filter still puts mail under it."""
        found = self._api.read(self._api.resource("gmail.users.settings.filters").list(userId="me")).get("filter", ())
        return any(label in (each.get("action") or {}).get("addLabelIds", ()) for each in found)

    def _label(self) -> tuple[str, bool]:
        """Its id ("" where there is none), and whether homeward made it."""
        known = self._copy.known()
        if known.label is None or not known.history:
            label, ours = find_label(self._api, self._held_label)
            self._copy.keep(Known(known.history, label, ours))
            return label, ours
        return known.label, known.ours

    def _made_label(self) -> str:
        """Looked for first: a run that died may have made it and told nobody."""
        label, ours = find_label(self._api, self._held_label)
        if not label:
            label, ours = make_label(self._api, self._held_label), True
        self._copy.keep(Known(self._copy.known().history, label, ours))
        return label


def find_label(api: GoogleApi, name: str) -> tuple[str, bool]:
    """The id of the user's label of that name ("" where there is none), and whether homeward made it."""
    found = api.read(api.resource("gmail.users.labels").list(userId="me", fields="labels(id,name,type,color)")).get("labels", ())
    for each in found:
        if each.get("type") == "user" and str(each.get("name", "")).lower() == name.lower():
            return str(each["id"]), each.get("color") == _COLOUR
    return "", False


def make_label(api: GoogleApi, name: str) -> str:
    """The id of a label of ours. Where one has appeared meanwhile, that one is taken."""
    body = {"name": name, "labelListVisibility": "labelShow", "messageListVisibility": "show", "color": _COLOUR}
    try:
        return str(api.settle(api.resource("gmail.users.labels").create(userId="me", body=body))["id"])
    except Taken:
        label, _ = find_label(api, name)
        if label:
            return label
        raise Temporary(f"Gmail refuses a label called “{name}” and shows none.") from None
