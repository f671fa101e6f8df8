"""Where the command starts: Ctrl-C is answered from the first import on."""

from __future__ import annotations

import sys


def main() -> None:
    """The command line; stopped before it listens, it ends in a sentence as well."""
    try:
        from auditor.cli import main as command

        command()
    except KeyboardInterrupt:
        print("Stopped. Nothing was written.", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
