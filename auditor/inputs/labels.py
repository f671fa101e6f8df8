"""How labels are compared, wherever they come from."""

from __future__ import annotations

import re


def folded(label: str) -> str:
    """Labels that differ in case or white space alone are one, as in ``auditor.evidence.classes``."""
    return re.sub(r"\s+", " ", label.strip()).lower()
