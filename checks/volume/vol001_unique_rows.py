"""Different texts after near duplicates."""

from __future__ import annotations

import numpy as np

from auditor.check import Check, Context, Parameter
from auditor.estimators.intervals import share_estimate
from auditor.evidence.duplicates import DUPLICATES
from auditor.limits import Limit
from auditor.model import COUNT, CheckReport, Finding, GateId, GateStatus, Severity, Subject, SubjectKind, Template

REPEATED = Template(
    "repeated",
    "{repeated} of {rows} records repeat another one almost word for word, so that {different} different texts remain.",
    "Keep one record of each group, or split by group, before you train or score a model.",
    {"repeated": COUNT, "rows": COUNT, "different": COUNT},
)


def unique_rows(context: Context) -> CheckReport:
    """Counts texts after exact and near duplicates are folded."""
    duplicates = context.results[DUPLICATES]
    n = len(duplicates.near)
    n_exact, n_near = len(np.unique(duplicates.exact)), len(np.unique(duplicates.near))
    share = (n - n_near) / n
    groups = np.bincount(duplicates.near)
    findings = []
    if share > context["near_duplicate_share"]:
        findings.append(
            Finding(
                "VOL001",
                Severity.WARNING,
                Subject(SubjectKind.DATASET),
                REPEATED.of(repeated=n - n_near, rows=n, different=n_near),
                share,
                context["near_duplicate_share"],
                evidence={"groups": int((groups > 1).sum()), "largest_group": int(groups.max())},
            )
        )
    return CheckReport(
        {
            "rows": n,
            "unique_rows": n_near,
            "exact_duplicate_share": (n - n_exact) / n,
            "near_duplicate_share": share,
        },
        tuple(findings),
        {"near_duplicate_share": share_estimate(n - n_near, n, "MinHash, word sets alike by 0.8 or more")},
    )


CHECK = Check(
    "VOL001",
    "unique-rows",
    "Different texts after near duplicates",
    GateId.VOLUME,
    "A template filed a thousand times teaches as much as one record, and makes scores look better than they are.",
    unique_rows,
    reads=(DUPLICATES,),
    parameters=(Parameter("near_duplicate_share", 0.02, "house rule; Lee et al. 2022 find 3 to 14 % in web corpora"),),
    limits=(
        Limit(
            GateId.VOLUME,
            "unique_rows",
            "different records",
            "There are {} different records",
            1000,
            200,
            "count",
            "house rule (2026): under 200 no gate below can be measured",
            "Collect more different records.",
            higher_is_better=True,
            missing=GateStatus.UNKNOWN,
        ),
    ),
    templates=(REPEATED,),
)
