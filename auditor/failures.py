"""What a terminal and a log say of an error that no person made: never its message, which may quote a record."""

from __future__ import annotations

import traceback
from pathlib import Path


def is_interrupt(error: BaseException) -> bool:
    """Whether ``error`` is what a library made of a Ctrl-C: DuckDB of one in a query, Python 3.11 of one in a class."""
    of_duckdb = isinstance(error, RuntimeError) and "interrupted" in str(error).lower()
    return of_duckdb or isinstance(error.__cause__, KeyboardInterrupt)


def told(error: BaseException) -> str:
    """One sentence, for exit code 1."""
    match error:
        case OSError():
            file = f"'{error.filename}'" if error.filename else "A file"
            return f"{file} cannot be written or read: {error.strerror or type(error).__name__}."
        case MemoryError():
            return (
                "There is not enough memory on this machine for the export. Audit fewer columns or a slice of time "
                "(--window), or take a larger machine. Nothing was written."
            )
        case _:
            return _inside(error)


def _inside(error: BaseException) -> str:
    """Where an error that nobody foresaw arose."""
    root = Path(__file__).parents[1]
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(root)] or frames
    place = f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}"
    return f"auditor failed inside ({type(error).__name__} in {place}). Please report that line; it quotes no record."
