"""Any value as JSON values, the same way each time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

SIGNIFICANT_DIGITS = 6


def plain(value: Any, *, sort: bool = True) -> Any:  # noqa: ANN401 (any value in, one case per kind)
    """Anything as JSON values: keys sorted, NaN and infinity null, floats at six significant digits."""
    match value:
        case None | bool():
            return value
        case Enum():
            return plain(value.value)
        case int():
            return int(value)
        case float():
            return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
        case str():
            # A lone surrogate, as a broken export can hold, has no UTF-8 form.
            return value.encode("utf-8", "replace").decode("utf-8")
        case date():
            return value.isoformat()
        case Mapping():
            pairs = [(plain(str(key)), plain(item, sort=sort)) for key, item in value.items()]
            return dict(sorted(pairs, key=lambda pair: pair[0]) if sort else pairs)
        case list() | tuple():
            return [plain(item, sort=sort) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
    # Array scalars of any numeric library, without importing one.
    scalar = getattr(value, "item", None)
    return plain(scalar()) if callable(scalar) else plain(str(value))
