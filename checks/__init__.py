"""Every check of the audit, in the order of the report. A new check is one file and one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.benefit import (
    ben001_retrieval_baseline,
    ben002_monthly_volume,
    ben003_prompted_system,
)
from checks.governance import (
    gov001_personal_data,
    gov002_record_ids,
    gov003_open_questions,
    gov004_definitions,
    gov005_point_in_time,
)
from checks.labels import (
    lab001_label_issues,
    lab002_conflicting_duplicates,
    lab003_label_spelling,
    lab004_twin_classes,
    lab005_sheet,
    lab006_annotator_agreement,
    lab007_out_of_taxonomy,
    lab008_duplicate_classes,
)
from checks.patterns import (
    pat001_class_recall,
    pat002_confusions,
    pat003_source_bias,
    pat004_leaked_codes,
    pat005_period_bias,
    pat006_served_segments,
    pat007_telling_words,
    pat008_amplified_shares,
    pat009_kept_together,
    pat010_proven_leaks,
    pat011_label_in_text,
)
from checks.stability import (
    sta001_backtest_decay,
    sta002_label_drift,
    sta003_taxonomy_churn,
    sta004_missing_dates,
    sta005_wording_drift,
    sta006_column_drift,
    sta007_volume_over_time,
    sta008_definition_drift,
    sta009_benefit_in_time,
)
from checks.volume import (
    vol001_unique_rows,
    vol002_class_counts,
    vol003_learning_curve,
    vol004_thin_texts,
)

if TYPE_CHECKING:
    from auditor.check import Check
    from auditor.limits import Limit

ALL_CHECKS: tuple[Check, ...] = (
    vol001_unique_rows.CHECK,
    vol002_class_counts.CHECK,
    vol003_learning_curve.CHECK,
    vol004_thin_texts.CHECK,
    lab001_label_issues.CHECK,
    lab002_conflicting_duplicates.CHECK,
    lab003_label_spelling.CHECK,
    lab004_twin_classes.CHECK,
    lab006_annotator_agreement.CHECK,
    lab007_out_of_taxonomy.CHECK,
    lab008_duplicate_classes.CHECK,
    lab005_sheet.CHECK,
    pat001_class_recall.CHECK,
    pat002_confusions.CHECK,
    pat003_source_bias.CHECK,
    pat004_leaked_codes.CHECK,
    pat005_period_bias.CHECK,
    pat006_served_segments.CHECK,
    pat007_telling_words.CHECK,
    pat008_amplified_shares.CHECK,
    pat009_kept_together.CHECK,
    pat010_proven_leaks.CHECK,
    pat011_label_in_text.CHECK,
    sta001_backtest_decay.CHECK,
    sta002_label_drift.CHECK,
    sta003_taxonomy_churn.CHECK,
    sta004_missing_dates.CHECK,
    sta005_wording_drift.CHECK,
    sta006_column_drift.CHECK,
    sta007_volume_over_time.CHECK,
    sta008_definition_drift.CHECK,
    sta009_benefit_in_time.CHECK,
    ben001_retrieval_baseline.CHECK,
    ben002_monthly_volume.CHECK,
    ben003_prompted_system.CHECK,
    gov001_personal_data.CHECK,
    gov002_record_ids.CHECK,
    gov003_open_questions.CHECK,
    gov004_definitions.CHECK,
    gov005_point_in_time.CHECK,
)

LIMITS: tuple[Limit, ...] = tuple(limit for check in ALL_CHECKS for limit in check.limits)
