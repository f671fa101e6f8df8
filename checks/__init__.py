"""Every check of the audit, in the order of the report. A new check is one file and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks import (
    benefit,
    governance,
    labels,
    later,
    leakage,
    names,
    patterns,
    segments,
    sheet,
    stability,
    taxonomy,
    thin,
    volume,
    wording,
)

if TYPE_CHECKING:
    from auditor.check import Check
    from auditor.limits import Limit

ALL_CHECKS: tuple[Check, ...] = (
    volume.UNIQUE_ROWS,
    volume.CLASS_COUNTS,
    volume.ACCURACY_BY_ROWS,
    thin.THIN,
    labels.DOUBTED_LABELS,
    labels.CONFLICTING_DUPLICATES,
    labels.LABEL_SPELLING,
    taxonomy.TWIN_CLASSES,
    taxonomy.ANNOTATOR_AGREEMENT,
    taxonomy.OUT_OF_TAXONOMY,
    names.NAMES_SIDE_BY_SIDE,
    sheet.FRESH_SHEET,
    patterns.CLASS_RECALL,
    patterns.CONFUSIONS,
    patterns.SOURCE_HABITS,
    leakage.CODES,
    patterns.HABITS_OF_PERIODS,
    segments.SERVED_SEGMENTS,
    leakage.WORDS,
    segments.AMPLIFIED_SHARES,
    stability.BACKTEST_DECAY,
    stability.LABEL_DRIFT,
    stability.TAXONOMY_CHURN,
    stability.MISSING_DATES,
    wording.WORDING_DRIFT,
    wording.COLUMN_DRIFT,
    wording.VOLUME,
    wording.REDEFINITION,
    later.BENEFIT_IN_TIME,
    benefit.RETRIEVAL_BASELINE,
    benefit.MONTHLY_VOLUME,
    benefit.PROMPTED_SYSTEM,
    governance.PERSONAL_DATA,
    governance.RECORD_IDS,
    governance.OPEN_QUESTIONS,
    governance.DEFINED_CLASSES,
    governance.POINT_IN_TIME,
)

LIMITS: tuple[Limit, ...] = tuple(limit for check in ALL_CHECKS for limit in check.limits)
