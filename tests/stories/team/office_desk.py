"""The leader's working calendar on a server of the whole office: it tells whom an event names, and brings their answers back."""

from __future__ import annotations

import re
from pathlib import Path

from tests.servers.xandikos import Office
from tests.stories.leader import LOCAL, caldav, collection
from tests.stories.team.desks import answered_by, unfolded
from tests.stories.team.office import ADDRESSES, Lines, text, uid

_DEFAULT = "/{}/calendars/calendar/"  # Xandikos brings answers into the default calendar alone
_ORGANIZER = re.compile(r"ORGANIZER[^:]*:mailto:(\w+)@")
_NOTED = re.compile(r';SCHEDULE-STATUS="?[0-9.;]+"?')  # what the server notes of its delivery


class OnServer:
    by_mail = False

    def __init__(self, server: Office) -> None:
        self._server, self._path = server, _DEFAULT.format("lea")
        self._put: dict[str, object] = {}
        self.account = LOCAL + caldav("office", server) + 'ca_file = "calendar.pem"\n'
        self.table = collection("work", self._path, account="office")

    def trust(self, root: Path) -> None:
        (root / "calendar.pem").write_text(Path(self._server.ca_file).read_text())

    def put(self, name: str, lines: Lines) -> None:
        """By whoever organizes it: nobody else may."""
        data = text(name, lines)
        who = (_ORGANIZER.findall(data.decode()) or ["lea"])[0]
        self._server.put(f"{_DEFAULT.format(who)}{name}.ics", data, who)
        self._put[uid(name)] = self.content()[uid(name)]

    def answer(self, who: str, title: str, yes: bool, day: str = "") -> int:
        """In the copy that the server has put into their own calendar; 0 where they have said something else to another day of
        the series, since Xandikos brings back the first of these answers for all of them."""
        count = 0
        for path in self._server.names(_DEFAULT.format(who), who):
            copy = unfolded(self._server.get(path, who).decode())
            made, answered = answered_by(who, title, yes, day, copy)
            if answered and len(set(re.findall(rf"PARTSTAT=([A-Z-]+)[^\r]*mailto:{ADDRESSES[who]}", made))) == 1:
                self._server.put(path, made.encode(), who)
                count += answered
        return count

    def content(self) -> dict[str, object]:
        found = [_NOTED.sub("", unfolded(self._server.get(path).decode())) for path in self._server.names(self._path)]
        return {re.findall(r"\nUID:(\S+)", each)[0]: each for each in found}

    def as_put(self) -> dict[str, object]:
        return dict(self._put)
