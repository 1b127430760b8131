"""The story: a head of engineering flies to Lisbon for four nights."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from daemon.demo.stage import Stage


def tell(words: str) -> None:
    print(f"\n\033[36m# {words}\033[0m" if sys.stdout.isatty() else f"\n# {words}")


def before(stage: Stage) -> None:
    stage.at("2026-11-23 09:00")
    tell("Monday 23 November, Berlin. Lena leads a team of four. Next week there is a conference in Lisbon.")
    stage.type("trips")
    tell("School holidays, birthdays and a colleague's vacation are no trips of hers:")
    stage.type("why", "Weihnachtsferien")
    stage.type("why", "Ben Roth")
    tell("What would happen? Nothing is touched yet.")
    stage.type("plan")
    stage.type("apply", "--yes")


def answers(stage: Stage) -> None:
    stage.at("2026-11-24 10:00")
    tell("Tuesday. Ana answers the request by mail: no. The chain moves on to Carla.")
    stage.mail(
        "Ana Silva <ana@example.org>",
        "Re: Monday team meeting",
        "No, sorry.",
        stage.request_id("ana@example.org", "team meeting"),
    )
    stage.type("pass")
    stage.at("2026-11-24 15:00")
    tell("Carla accepts the meeting in her calendar. To the training she says yes in the corridor.")
    stage.answer("work/team-meeting.ics", "carla@example.org", "ACCEPTED")
    stage.type("accept", "carla", "training")
    stage.at("2026-11-26 09:05")
    tell("Thursday, two working days before: the brief goes to the team.")
    stage.type("pass")
    stage.type("brief")


def away(stage: Stage) -> None:
    stage.zone = "Europe/Lisbon"
    stage.at("2026-11-30 11:40")
    tell("Monday 30 November, Lisbon. Mail comes in; her husband's passes, the rest waits for the window.")
    stage.mail("Ola <ola@customer.example>", "Question about the offer")
    stage.mail("Jonas <jonas@family.example>", "Mia lost a tooth")
    stage.mail("News <news@vendor.example>", "Ten tips for leaders")
    stage.type("pass")
    print(f"  In the inbox: {stage.folder()}\n  Held: {stage.folder('.Held')}")
    stage.type("status")
    stage.at("2026-11-30 12:30")
    tell("12:30 in Lisbon: the second window of the day opens.")
    stage.type("pass")
    print(f"  In the inbox: {stage.folder()}")
    for hour in ("17:30", "20:00"):
        stage.at(f"2026-11-30 {hour}")
        stage.type("pass")


def home(stage: Stage) -> None:
    stage.zone = "Europe/Berlin"
    stage.at("2026-12-05 09:00")
    tell("Saturday 5 December, home. Nothing is held, the autoreply is off, the family's time is in the calendar.")
    stage.type("pass")
    stage.type("digest")
    stage.at("2026-12-18 20:00")
    tell("Two weeks later: what was promised to the family, and what was kept.")
    stage.type("pass")
    stage.type("status")


def back_to_the_beginning(stage: Stage) -> None:
    tell("And all of it taken back, the past included.")
    stage.type("undo", "--past")
    changed = stage.changed()
    held = stage.folder(".Held")
    print(f"\nFiles that differ from the beginning: {changed or 'none, every byte is as before'}. Mail still held: {len(held)}.")
    if changed or held:
        raise SystemExit(1)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="homeward-demo-") as root:
        stage = Stage(Path(root))
        for act in (before, answers, away, home, back_to_the_beginning):
            act(stage)
    return 0


if __name__ == "__main__":
    sys.exit(main())
