"""What people put right in the labels before an audit, and what the audit before them said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from auditor.model.findings import Estimate
from auditor.model.ways import Level


@dataclass(frozen=True)
class Corrections:
    """Of the records that people read, ``changed`` have another label here than the export files, and ``confirmed``
    keep theirs; ``gone`` are no longer in the export, or have another text or label there by now.

    ``before`` are estimates of the audit ``run`` at ``time``, from which the records came, by their ids; ``forecast``
    is what that audit expected `accuracy_given_labels` to be once its listed records were read, None where it listed
    none. ``listed`` counts those.
    """

    run: str
    time: datetime
    changed: int
    confirmed: int
    gone: int
    listed: int
    before: Mapping[str, Estimate]
    forecast: Level | None
