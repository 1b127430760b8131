"""Writes the Sieve script (RFC 5228) that answers and holds mail on top of the user's own script, which is included and never
changed. Where neither is due the original runs untouched. Else a copy of it runs, rewritten so that we learn whether the mail
was filed, and what it would have left in the inbox goes to the held folder. Pure text: touches no file and knows no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from integrations.ports import Lease
from integrations.sieve_text import DOLLAR, MOST_BYTES, Command, NotUnderstood, Token, commands, listed, multiline, quoted, walk
from rules.interval import Interval
from rules.items import ResponderItem, ResponderText

MARK = "# X-HOMEWARD:"
_DOMAIN = re.compile(r"[^\s*?\\@]+")  # nothing that means something to `:matches`

# Commands that leave alone where the mail ends up.
_HARMLESS = frozenset({
    "require", "if", "elsif", "else", "global", "import", "export", "set", "unset", "foreverypart", "break", "error", "addflag",
    "setflag", "removeflag", "addheader", "deleteheader", "notify", "denotify", "replace", "enclose", "extracttext", "return",
    "report", "filter", "execute", "debug_log",
})  # fmt: skip
# Commands that take the mail out of the inbox, unless they say :copy.
_FILING = frozenset({"fileinto", "redirect", "discard", "reject", "ereject", "pipe"})
_COPY_NEEDS = ("include", "variables", "fileinto", "mailbox")
_ALWAYS_NEEDS = (*_COPY_NEEDS, "date", "relational")
_REPLY_NEEDS = ("envelope", "vacation")

# In the "global." namespace of RFC 6609, so that they meet no variable of the user's.
_DONE, _KEPT, _HOLD, _REPLY, _STOP = (f"global.homeward_{name}" for name in ("done", "kept", "hold", "reply", "stop"))


def _set(name: str) -> str:
    return f'set "{name}" "1";'


def _is(name: str) -> str:
    return f'string "${{{name}}}" "1"'


# --- the copy of the user's script ------------------------------------------------------------------------------------


class Rewriting(Struct, frozen=True):
    """What a copy depends on. `names` maps each included script of the user to the name of its copy."""

    held_folder: str
    drop_vacation: bool
    names: Mapping[str, str]


def replies(script: str) -> bool:
    """Whether the script itself answers mail (RFC 5230). NotUnderstood where that cannot be told."""
    return any(command.name == "vacation" for command in walk(commands(script)))


def guarded_copies(
    own: str, load: Callable[[str], str | None], held_folder: str, drop_vacation: bool, prefix: str
) -> dict[str, str]:
    """The rewritten script under the name `prefix`, and `prefix`-2, … for the personal scripts that it includes, which `load`
    finds by name. NotUnderstood, in words, where a faithful copy cannot be made."""
    originals = {"": own}
    names: dict[str, str] = {}
    waiting = [own]
    while waiting:
        for name in _included(waiting.pop()):
            text = load(name) if name not in names else None
            if text is not None:
                names[name] = f"{prefix}-{len(names) + 2}"
                originals[name] = text
                waiting.append(text)
    rewriting = Rewriting(held_folder, drop_vacation, names)
    return {names.get(name, prefix): guarded_copy(text, rewriting) for name, text in originals.items()}


def _included(script: str) -> list[str]:
    found = [command for command in walk(commands(script)) if command.name == "include"]
    return [_include_name(command) for command in found]


def _include_name(command: Command) -> str:
    strings = command.strings()
    if ":global" in command.tags() or len(strings) != 1 or "${" in strings[0].raw:
        raise NotUnderstood(
            "Your Sieve script includes another one in a way that cannot be followed (a global or computed name)."
        )
    return strings[0].value()


def guarded_copy(script: str, rewriting: Rewriting) -> str:
    """`script` with only those commands replaced that decide where the mail goes, that stop, or that answer."""
    if len(script.encode("utf-8", "surrogatepass")) > MOST_BYTES // 2:
        raise NotUnderstood("Your Sieve script is too long to be copied.")
    found = commands(script)
    _require_no_accidental_variables(script, found)
    out: list[str] = []
    at = 0
    for command in walk(found):
        replacement = _replacement(script, command, rewriting)
        if replacement is not None:
            out += [script[at : command.start], replacement]
            at = command.end
    needs = "require [" + ", ".join(f'"{each}"' for each in _COPY_NEEDS) + "];\n"
    return needs + "".join(out) + script[at:]


def _require_no_accidental_variables(script: str, found: tuple[Command, ...]) -> None:
    """The copy requires `variables`; in a script that does not, `${` is text and would change its meaning."""
    asked = {t.value() for command in found if command.name == "require" for t in command.strings()}
    if "variables" not in asked and any("${" in t.raw for command in walk(found) for t in command.strings()):
        raise NotUnderstood("Your Sieve script has “${” as plain text, which cannot be copied faithfully.")


def _replacement(script: str, command: Command, rewriting: Rewriting) -> str | None:
    """The new text of a command; None leaves it as it is."""
    source = script[command.start : command.end]
    if command.name in _FILING:
        if ":copy" in command.tags() and command.name != "fileinto":
            return None
        return _filing(script, command, source, rewriting)
    if command.name == "keep":
        tail = script[command.start + len("keep") : command.end - 1]
        return _kept(f"fileinto :create{tail.rstrip()} {quoted(rewriting.held_folder)};", source)
    if command.name == "stop":
        return f"{_set(_STOP)} return;"
    if command.name == "vacation":
        return "" if rewriting.drop_vacation else None
    if command.name == "include":
        return _include(script, command, source, rewriting)
    if command.name in _HARMLESS:
        return None
    raise NotUnderstood(f"Your Sieve script uses “{command.name[:40]}”, which homeward does not know.")


def _kept(held: str, otherwise: str) -> str:
    return f"{_set(_KEPT)} if {_is(_HOLD)} {{ {held} }} else {{ {otherwise} }}"


def _filing(script: str, command: Command, source: str, rewriting: Rewriting) -> str:
    done = source if ":copy" in command.tags() else f"{source} {_set(_DONE)}"
    if command.name != "fileinto":
        return done
    folder = command.arguments[-1] if command.arguments else None
    if folder is None or folder.kind not in ("string", "multiline"):
        raise NotUnderstood("Your Sieve script has a “fileinto” without a folder.")
    if "${" in folder.raw:
        kept = _kept(_held_instead(script, command, folder, rewriting), source)
        # Said expressly: Pigeonhole compares a `string` by its octets unless told otherwise.
        return f'if string :comparator "i;ascii-casemap" {folder.raw} "INBOX" {{ {kept} }} else {{ {done} }}'
    if folder.value().upper() == "INBOX":
        return _kept(_held_instead(script, command, folder, rewriting), source)
    return done


def _held_instead(script: str, command: Command, folder: Token, rewriting: Rewriting) -> str:
    create = "" if ":create" in command.tags() else " :create"
    between = script[command.start + len("fileinto") : folder.start]
    return f"fileinto{create}{between}{quoted(rewriting.held_folder)};"


def _include(script: str, command: Command, source: str, rewriting: Rewriting) -> str | None:
    name = command.strings()[0]
    copy = rewriting.names.get(name.value())
    if copy is None:
        if ":optional" in command.tags():
            return None
        raise NotUnderstood(f"Your Sieve script includes “{name.value()[:80]}”, which is not there.")
    changed = source[: name.start - command.start] + quoted(copy) + source[name.end - command.start :]
    return f"{changed} if {_is(_STOP)} {{ return; }}"


# --- our script -------------------------------------------------------------------------------------------------------

_ROBOTS = (
    "noreply*", "no-reply*", "no_reply*", "no.reply*", "donotreply*", "do-not-reply*", "do_not_reply*", "*-noreply",
    "*-no-reply", "notification", "notifications", "notification-*", "notifications-*", "notification+*", "notifications+*",
    "notify", "alert", "alerts", "postmaster", "hostmaster", "mailer-daemon", "mailerdaemon", "listserv", "majordomo", "owner-*",
    "*-owner", "*-request", "bounce", "bounces", "bounce+*", "bounces+*", "bounce-*", "bounces-*", "*-bounce", "*-bounces",
)  # fmt: skip
_LIST_HEADERS = (
    "List-Id",
    "List-Help",
    "List-Subscribe",
    "List-Unsubscribe",
    "List-Post",
    "List-Owner",
    "List-Archive",
    "Mailing-List",
)
_ROBOT_HEADERS = ("Feedback-ID", "X-Autoreply", "X-Autorespond", "X-Autoresponse", "X-Loop", "X-Cron-Env", "X-HOMEWARD")


def _moment(at: datetime) -> str:
    """Without the zone's suffix: Pigeonhole writes `…Z` and RFC 5260 also allows `…+00:00`; both sort after the bare second."""
    return f'"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"'


def within(span: Interval) -> str:
    """A test that is true in [start, end), to the second, in UTC (RFC 5260 4.2, RFC 5231)."""
    current = 'currentdate :zone "+0000" :value'
    return f'allof({current} "ge" "iso8601" {_moment(span.start)}, {current} "lt" "iso8601" {_moment(span.end)})'


def _calendar_answer(methods: str, mime: bool) -> str:
    if mime:
        return f'header :mime :anychild :param "method" :is "Content-Type" [{methods}]'
    wanted = ", ".join(f'"*method={each.strip(chr(34))}*"' for each in methods.split(", "))
    return f'header :matches "Content-Type" [{wanted}]'


def _never(item: ResponderItem, mime: bool) -> list[str]:
    """Mail that gets no reply (RFC 3834 2, RFC 5230 4.6), beyond what servers see to themselves."""
    people = [*item.own, *item.never]
    tests = [
        f'envelope :localpart :matches "from" {listed(_ROBOTS)}',
        f'address :localpart :matches ["From", "Sender", "Reply-To"] {listed(_ROBOTS)}',
        *(f"exists {quoted(name)}" for name in (*_LIST_HEADERS, *_ROBOT_HEADERS)),
        'allof(exists "Auto-Submitted", not header :matches "Auto-Submitted" ["no", "no;*", "no *"])',
        'header :matches "Precedence" ["bulk*", "list*", "junk*"]',
        'header :contains "X-Auto-Response-Suppress" ["OOF", "All", "AutoReply"]',
        'header :contains "X-Spam-Flag" ["yes", "true"]',
        'header :matches "X-Spam-Status" "yes*"',
        'header :matches "Content-Type" ["multipart/report*", "message/*"]',
        _calendar_answer('"REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH", "CANCEL"', mime),
    ]
    if people:
        tests += [f'envelope :all :is "from" {listed(people)}', f'address :all :is ["From", "Reply-To"] {listed(people)}']
    return tests


def _text_for(item: ResponderItem, audience: str) -> ResponderText | None:
    """Texts of several languages for one audience go out one under the other."""
    texts = [text for text in item.texts if text.audience == audience]
    if len(texts) < 2:
        return texts[0] if texts else None
    return ResponderText(texts[0].audience, texts[0].subject, "\n\n-- \n\n".join(text.body.strip() for text in texts))


def _vacation(item: ResponderItem, text: ResponderText | None) -> str:
    if text is None:
        return "# no reply"
    addresses = f" :addresses {listed(item.own)}" if item.own else ""
    head = f"vacation :days {item.days} :handle {quoted(item.absence_id)} :subject {quoted(text.subject)}{addresses}"
    return f"{head} {multiline(text.body)};"


def _audiences(item: ResponderItem) -> str:
    """By the envelope's sender, since the reply goes there: nobody gets the words of another audience by writing a false From."""
    internal, known = [d.lstrip("@") for d in item.internal_domains], item.known
    branches: list[tuple[str, ResponderText | None]] = []
    if internal:
        branches.append((f'envelope :domain :is "from" {listed(internal)}', _text_for(item, "internal")))
    if known:
        branches.append((f'envelope :all :is "from" {listed(known)}', _text_for(item, "known")))
    lines = [f"{'elsif' if n else 'if'} {test} {{\n{_vacation(item, text)}\n}}" for n, (test, text) in enumerate(branches)]
    rest = _vacation(item, _text_for(item, "unknown"))
    return "\n".join([*lines, f"else {{\n{rest}\n}}"] if lines else [rest])


def _reply_part(item: ResponderItem, mime: bool) -> list[str]:
    guards = ",\n    ".join(_never(item, mime))
    return [
        f"if allof({_is(_REPLY)}, anyof(not {_is(_DONE)}, {_is(_KEPT)}), not anyof(\n    {guards})) {{",
        _audiences(item),
        "}",
    ]


def _passing(lease: Lease, mime: bool) -> list[str]:
    """Mail that the lease never holds."""
    tests = [_calendar_answer('"REPLY", "COUNTER"', mime), *_from(lease.passes)]
    words = [word for word in lease.pass_subjects if word.strip()]
    if words:
        tests.append(f'header :contains "Subject" {listed(words)}')
    urgent = _from(lease.urgent_from)
    if urgent and lease.urgent_word.strip():
        word = f'header :contains "Subject" {listed([lease.urgent_word.strip()])}'
        tests.append(f"allof({word}, anyof({', '.join(urgent)}))")
    return tests


def _from(entries: Collection[str]) -> list[str]:
    """Tests for a sender: an address exactly, `@domain` with its subdomains."""
    people = [each for each in entries if not each.startswith("@")]
    domains = [each[1:] for each in entries if each.startswith("@") and _DOMAIN.fullmatch(each[1:])]
    tests = [f'address :all :is "From" {listed(people)}'] if people else []
    if domains:
        tests.append(f'address :domain :is "From" {listed(domains)}')
        tests.append(f'address :domain :matches "From" {listed([f"*.{domain}" for domain in domains])}')
    return tests


def _hold_test(lease: Lease, mime: bool) -> str:
    span = Interval(lease.starts, max(lease.starts, lease.ends))
    openings = [within(opening.span) for opening in lease.openings if opening.span.overlaps(span)]
    excused = ",\n    ".join([*openings, *_passing(lease, mime)])
    return f"allof({within(span)}, not anyof(\n    {excused}))"


class Names(Struct, frozen=True):
    """Of the scripts that ours includes: the user's own ("" where there is none) and its copy."""

    own: str
    copy: str
    held_folder: str


def _needs(answers: bool) -> tuple[str, ...]:
    return (*_ALWAYS_NEEDS, *(_REPLY_NEEDS if answers else ()))


def missing(extensions: Collection[str], answers: bool) -> tuple[str, ...]:
    """What a server lacks for a script of ours that holds mail and, if it `answers`, replies; by the names of RFC 5228 6."""
    return tuple(name for name in _needs(answers) if name not in extensions)


def main_script(
    item: ResponderItem | None, lease: Lease | None, names: Names, extensions: Collection[str] | None = None
) -> str:  # fmt: skip
    """Our script without its marking lines. `extensions` are those of the server where they are known: without `mime`, calendar
    answers are only seen at the top of a message. NotUnderstood where it gets longer than servers take."""
    mime = extensions is None or "mime" in extensions
    needs = [*_needs(item is not None), *(["mime"] if mime else [])]
    lines = ["require [" + ", ".join(f'"{each}"' for each in needs) + "];", f'set "{DOLLAR}" "$";', ""]
    if item:
        lines += ["# when a reply is due", f"if {within(item.span)} {{ {_set(_REPLY)} }}"]
    if lease:
        lines += ["# when the inbox is held, and for whom", f"if {_hold_test(lease, mime)} {{ {_set(_HOLD)} }}"]
    lines += ["", f"if not anyof({_is(_REPLY)}, {_is(_HOLD)}) {{", "# your own rules, untouched", *_including(names.own), "}"]
    lines += ["else {", "# your own rules, and what they did", *_including(names.copy if names.own else "")]
    lines += _reply_part(item, mime) if item else []
    lines += [f"if allof({_is(_HOLD)}, not {_is(_DONE)}) {{ fileinto :create {quoted(names.held_folder)}; }}", "}", ""]
    script = "\n".join(lines)
    if len(script.encode()) > MOST_BYTES:
        raise NotUnderstood("The Sieve script would be longer than servers take: too many known addresses.")
    return script


def _including(name: str) -> list[str]:
    return [f"include :personal {quoted(name)};"] if name else []
