"""Records per month."""

from __future__ import annotations

from auditor.check import Check, Context
from auditor.estimators.volume import VOLUME
from auditor.evidence.profile import PROFILE, TOKENS_PER_RECORD
from auditor.model import CheckReport, Estimate, GateId
from auditor.script_tokens import METHOD


def monthly_volume(context: Context) -> CheckReport:
    """Records per month and their length, which any cost is made of."""
    profile, volume = context.results[PROFILE], context.results[VOLUME]
    return CheckReport(
        {"monthly_volume": volume.monthly, "words_per_record": profile.mean_words},
        (),
        {
            "monthly_volume": Estimate(volume.monthly, None, None, "records", volume.said),
            "tokens_per_record": Estimate(context.results[TOKENS_PER_RECORD], None, None, "tokens", METHOD),
        },
    )


CHECK = Check(
    "BEN002",
    "monthly-volume",
    "Records per month",
    GateId.BENEFIT,
    "Training pays back only over many records.",
    monthly_volume,
    reads=(PROFILE, TOKENS_PER_RECORD, VOLUME),
    needs=frozenset({"time"}),
)
