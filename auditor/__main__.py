"""Where the command starts: Ctrl-C is answered from the first import on, and once."""

from __future__ import annotations

import _thread
import signal
import sys
import threading


def main() -> None:
    """The command line; stopped before it listens, it ends in a sentence as well."""
    sys.unraisablehook = _hear_again
    try:
        from auditor.cli import main as command

        command()
    except KeyboardInterrupt:
        print("Stopped. Nothing was written.", file=sys.stderr)
        sys.exit(130)
    finally:
        # What comes once the command has ended must not change how it ended.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        # Stopped in code that a library makes of text, Python would end by the signal whatever exit code was asked for,
        # until it has run more such code.
        eval("0")  # noqa: S307


def _hear_again(failed: sys.UnraisableHookArgs) -> None:
    """Python drops what a ``__del__`` raises, a Ctrl-C that came in its midst as well."""
    if issubclass(failed.exc_type, KeyboardInterrupt):
        # Not in here: what this raises is dropped too.
        threading.Timer(0.01, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(failed)


if __name__ == "__main__":
    main()
