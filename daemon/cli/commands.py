"""The commands, in the order in which a leader meets them. Only names and one line each: `homeward --help` loads nothing else."""

from __future__ import annotations

# name → one line. The module is daemon.cli.<name>, "-" and reserved words aside.
COMMANDS: dict[str, str] = {
    "init": "write a first config, by a few questions",
    "auth": "the password of an account: set, check, forget",
    "calendars": "your calendars, and those on your servers that you left out",
    "doctor": "check everything end to end, and say what to type",
    "trip": "set up one trip now: what is planned, and your yes",
    "trips": "which absences your calendars (or a file) show",
    "why": "why an entry was, or was not, taken for an absence",
    "confirm": "yes, that is an absence",
    "dismiss": "no, that is none",
    "plan": "what homeward would do, and what if you left another day",
    "apply": "do what the plan says",
    "ready": "what is still missing before you leave",
    "status": "where you are, what is held, who hosts, what is owed",
    "accept": "somebody said yes to hosting, in the corridor",
    "decline": "somebody said no to hosting, in the corridor",
    "rota": "whose turn it was and is, and what each is owed",
    "inbox": "the hold: status, hold, release",
    "back": "you came home early",
    "extend": "you stay longer",
    "brief": "who covers what: as Markdown, HTML, calendar or mail",
    "digest": "what happened while you were away",
    "note": "what somebody decided, or how it went, for the development log",
    "balance": "the family's time: owed, kept, ahead, broken; and your word on it",
    "undo": "take it all back",
    "log": "what was done, when and why",
    "pass": "one pass, as the service makes it every few minutes",
    "run": "the service itself, in the foreground",
    "service": "have it started for you: install, uninstall, status, logs",
}

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Set up", ("init", "auth", "calendars", "doctor")),
    ("Before you leave", ("trip", "trips", "why", "confirm", "dismiss", "plan", "apply", "brief", "ready")),
    ("While you are away", ("status", "inbox", "accept", "decline", "rota", "back", "extend")),
    ("Home again", ("digest", "balance", "note", "log", "undo")),
    ("In the background", ("service", "run", "pass")),
)


def overview() -> str:
    """The list of commands for `homeward --help`."""
    lines: list[str] = []
    for title, names in GROUPS:
        lines.append(f"{title}:")
        lines += [f"  {name:<9} {COMMANDS[name]}" for name in names]
    return "\n".join(lines)


def module_of(command: str) -> str:
    return "daemon.cli.pass_" if command == "pass" else f"daemon.cli.{command}"
