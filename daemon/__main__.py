"""The `homeward` command: finds the subcommand, opens the session, and is the one place where an error becomes advice.

Exit codes: 0 done, 1 failed, 2 usage or config, 3 plan has changes (with --detailed-exitcode), 4 refused as unsafe,
5 needs an answer, 130 stopped by Ctrl-C."""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import os
import sys
import unicodedata
from collections.abc import Sequence
from types import ModuleType

from daemon.cli.commands import COMMANDS, module_of, overview

_EPILOG = """
On any calendar, without a config and without touching anything:
  homeward trips FILE.ics --home Europe/Berlin
  homeward why FILE.ics "Lisbon"

homeward COMMAND --help has examples. --config and --state may also stand after the command.
Exit codes: 0 done, 1 failed, 2 usage or config, 3 plan has changes (plan --detailed-exitcode), 4 refused as unsafe,
5 needs an answer."""

_OBJECTS = 50_000  # new ones before Python looks for cycles; ours have none, and every 700, its default, costs a tenth of a pass


class _Parser(argparse.ArgumentParser):
    """argparse, with advice in place of the usage line."""

    def error(self, message: str) -> None:  # type: ignore[override]
        sys.stderr.write(f"homeward: {_harmless(message)}\nTry: {self.prog} --help\n")
        raise SystemExit(2)


def parser() -> _Parser:
    top = _Parser(
        prog="homeward",
        description="Lets a leader leave properly, and come home.\n\n" + overview(),
        epilog=_EPILOG,
        usage="homeward [--config FILE] [--state DIR] COMMAND …",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--config", metavar="FILE", help="the config (default: ~/.config/homeward/config.toml)")
    top.add_argument("--state", metavar="DIR", help="where homeward remembers (default: ~/.local/state/homeward)")
    top.add_argument("--version", action="store_true", help="print the version")
    top.add_argument("command", nargs="?", help=argparse.SUPPRESS)
    top.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Never raises for what a user can cause."""
    os.umask(0o077)
    gc.set_threshold(_OBJECTS)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that lacks a character gets a question mark for it, no trace.
        sys.stdout.reconfigure(errors="replace")
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        if sys.stdout is not None:  # None where the caller closed it
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader (head, less) has seen enough.
        _stop_writing()
        return 0
    except OSError as error:
        _stop_writing()
        sys.stderr.write(f"homeward: the output cannot be written: {error.strerror}\n")
        return 1
    except KeyboardInterrupt as stopped:
        words = str(stopped) or "Stopped. What was done is in `homeward log`; the next pass finds what was not."
        sys.stderr.write(f"\n{words}\n")
        return 130


def _stop_writing() -> None:
    """Python flushes at exit once more, and would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(argv: list[str]) -> int:
    options = parser().parse_args(_asked_for_help(argv))
    if options.version:
        print(_version())
        return 0
    if options.command is None:
        parser().print_help()
        return 0
    if options.command not in COMMANDS:
        return _unknown(options.command)
    module = importlib.import_module(module_of(options.command))
    return _with_advice(module, _arguments(module, options))


def _asked_for_help(argv: list[str]) -> list[str]:
    """`homeward help plan` is what many type first."""
    return [*argv[1:2], "--help"] if argv[:1] == ["help"] else argv


def _arguments(module: ModuleType, options: argparse.Namespace) -> argparse.Namespace:
    name = options.command
    sub = _Parser(
        prog=f"homeward {name}",
        description=f"{COMMANDS[name][0].upper()}{COMMANDS[name][1:]}.\n\n{getattr(module, 'ABOUT', '')}",
        epilog=module.EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option in ("--config", "--state"):
        sub.add_argument(option, default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    module.configure(sub)
    return sub.parse_args(options.rest, argparse.Namespace(config=options.config, state=options.state))


def _with_advice(module: ModuleType, arguments: argparse.Namespace) -> int:
    from daemon.advice import explain_failure
    from daemon.session import Session
    from daemon.stopping import stoppable

    try:
        with stoppable():
            session = Session.open(arguments.config, arguments.state, os.environ)
            try:
                return int(module.run(session, arguments))
            finally:
                session.close()
                session.tell_service()
    except BrokenPipeError:
        raise
    except Exception as error:
        told = explain_failure(error)
        if told is None:
            raise
        sys.stderr.write(_harmless(told.text) + "\n")
        return told.exit_code


def _harmless(text: str) -> str:
    """Errors quote names of files and events: no terminal may act on what stands in them."""
    return "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else "?" for c in text)


def _unknown(command: str) -> int:
    import difflib

    near = difflib.get_close_matches(command, COMMANDS, 1)
    hint = f" Did you mean `homeward {near[0]}`?" if near else ""
    sys.stderr.write(f"homeward: there is no command “{_harmless(command)}”.{hint}\nTry: homeward --help\n")
    return 2


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"homeward {version('homeward')}"
    except PackageNotFoundError:
        return "homeward (run from its source, not installed)"


if __name__ == "__main__":
    sys.exit(main())
