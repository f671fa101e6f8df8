"""Patterns: would training amplify bad ones?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from auditor.check import Check, Context, Parameter
from auditor.evidence.churn import CLASS_EVENTS
from auditor.evidence.classes import CLASSES, Classes
from auditor.evidence.given import ROWS
from auditor.evidence.intervals import share_estimate
from auditor.evidence.proxy import OUT_OF_FOLD
from auditor.evidence.scrambled import SCRAMBLED, Scrambled
from auditor.evidence.sources import HABITS, PERIOD_HABITS, RELABELLING_GAIN, Habit
from auditor.evidence.surrogate import SURROGATE
from auditor.inputs.levels import levels_of
from auditor.limits import Limit
from auditor.model import CheckReport, Estimate, Finding, GateId, GateStatus, Severity, Subject, SubjectKind

if TYPE_CHECKING:
    from auditor.evidence.moments import Codes

MAX_NAMED = 20
MAX_ROW_IDS = 20


def class_recall(context: Context) -> CheckReport:
    """Recall of each class out of fold, and the volume of those that the model gives up."""
    classes, predicted = context.results[CLASSES], context.results[SURROGATE].out_of_fold.predicted
    counts = classes.counts
    hits = np.bincount(classes.codes[predicted == classes.codes], minlength=len(classes))
    recall = hits / counts
    starved = recall < context["recall"]
    given, said = counts / counts.sum(), np.bincount(predicted, minlength=len(classes)) / len(predicted)
    worst = [int(code) for code in np.flatnonzero(starved & ~classes.rare)]
    findings = [
        Finding(
            "PAT001",
            Severity.WARNING,
            Subject(SubjectKind.CLASS, (classes.shown[code],)),
            f"A model finds {100 * recall[code]:.0f} % of '{classes.shown[code]}' ({counts[code]:,} records) and "
            f"answers it for {100 * said[code]:.1f} % of records where {100 * given[code]:.1f} % carry it.",
            float(recall[code]),
            context["recall"],
            "Sharpen its definition against the class it is taken for, collect more, or leave it to prompting.",
        )
        for code in worst[:MAX_NAMED]
    ]
    return CheckReport(
        {
            "macro_recall": float(recall.mean()),
            "starved_classes": int(starved.sum()),
            "starved_volume_share": float(given[starved].sum()),
            "imbalance_ratio": float(counts.max() / max(counts.min(), 1)),
        },
        tuple(findings),
    )


def confusions(context: Context) -> CheckReport:
    """Class pairs that the out-of-fold model confuses more often than their sizes explain, and pairs whose labels are
    a toss-up: ``confused_share`` counts the records of these alone, as an overlap is no mistake.
    """
    classes, predicted = context.results[CLASSES], context.results[OUT_OF_FOLD].predicted
    k = len(classes)
    wrong = predicted != classes.codes
    errors = np.bincount(classes.codes[wrong] * np.int64(k) + predicted[wrong], minlength=k * k).reshape(k, k)
    by_given, by_said = errors.sum(axis=1), errors.sum(axis=0)
    total = max(int(errors.sum()), 1)
    chance = np.outer(by_given, by_said) / total**2
    p_values = binom.sf(errors - 1, total, np.clip(chance, 0, 1))
    beyond = (p_values * k * k < context["family_error"]) & (errors >= context["rate"] * classes.counts[:, None])
    pairs = sorted(zip(*np.nonzero(beyond), strict=True), key=lambda pair: -int(errors[pair]))
    findings = [
        Finding(
            "PAT002",
            Severity.INFO,
            Subject(SubjectKind.CLASS, (classes.shown[a], classes.shown[b])),
            f"{errors[a, b]:,} records of '{classes.shown[a]}' "
            f"({100 * errors[a, b] / classes.counts[a]:.0f} %) read like '{classes.shown[b]}'.",
            float(errors[a, b] / classes.counts[a]),
            context["rate"],
            "Write down what tells the two apart, or merge them.",
            {"rows": int(errors[a, b])},
        )
        for a, b in pairs[:MAX_NAMED]
    ]
    tossed = context.results[SCRAMBLED]
    findings = [*_branches(classes, predicted), *(_toss_up(pair, classes) for pair in tossed[:MAX_NAMED]), *findings]
    share = sum(len(pair.rows) for pair in tossed) / len(predicted)
    return CheckReport({"confused_pairs": len(pairs), "confused_share": share}, tuple(findings))


def _branches(classes: Classes, predicted: Codes) -> list[Finding]:
    """Errors between siblings and between branches, and how right each level is, where the names are paths."""
    levels = levels_of(classes.names)
    if levels is None:
        return []
    right = []
    for level in range(1, levels.depth + 1):
        cut = [levels.cut(name, level) for name in classes.names]
        place = {name: code for code, name in enumerate(dict.fromkeys(cut))}
        codes = np.array([place[name] for name in cut])
        right.append(float((codes[predicted] == codes[classes.codes]).mean()))
    siblings, branches = right[-2] - right[-1], 1 - right[-2]
    said = ", ".join(
        f"{100 * share:.0f} % on level {level} ({count:,} classes)"
        for level, (share, count) in enumerate(zip(right, levels.classes, strict=True), 1)
    )
    return [
        Finding(
            "PAT002",
            Severity.INFO,
            Subject(SubjectKind.DATASET),
            f"The classes are paths in a tree: a model takes {100 * siblings:.0f} % of the records for a sibling of "
            f"their class and {100 * branches:.0f} % for a class of another branch. It is right of {said}.",
            siblings,
            None,
            "Audit a level above with --label-level N where it is enough for what follows from the label.",
            {"siblings": siblings, "branches": branches, "right_by_level": right},
        )
    ]


def _toss_up(pair: Scrambled, classes: Classes) -> Finding:
    expected, given = classes.shown[pair.expected], classes.shown[pair.given]
    return Finding(
        "PAT002",
        Severity.WARNING,
        Subject(SubjectKind.CLASS, (expected, given)),
        f"{len(pair.rows):,} records of '{given}' read like '{expected}', and whether a record that does carries its "
        f"label is a toss-up ({100 * pair.held:.0f} %): the classes do not merely overlap.",
        pair.held,
        None,
        "Have these records read; write down what tells the two apart.",
        {"rows": len(pair.rows), "given": given, "expected": expected},
    )


def source_habits(context: Context) -> CheckReport:
    """Labelling that one source has and the others do not, and whether a model repeats it."""
    habits, classes = context.results[HABITS], context.results[CLASSES]
    row_ids = context.results[ROWS]["row_id"].to_numpy()
    n = len(classes.codes)
    findings = [
        _habit_finding("PAT003", Severity.CRITICAL, habit, classes.shown, row_ids) for habit in habits[:MAX_NAMED]
    ]
    rows = np.unique(np.concatenate([habit.rows for habit in habits])) if habits else np.empty(0, np.int64)
    estimates = {}
    if habits:
        sizes = np.array([len(habit.rows) for habit in habits])
        repeated = np.array([habit.repeated_noise_rate for habit in habits])
        amplified = float(np.average([habit.amplification_ratio for habit in habits], weights=sizes))
        repeated_rows = round(float((sizes * repeated).sum()))
        estimates = {
            "repeated_noise_rate": share_estimate(
                repeated_rows, int(sizes.sum()), "suspect labels that a model trained on them gives again"
            ),
            "amplification_ratio": Estimate(
                amplified,
                None,
                None,
                "ratio",
                "suspect pattern in predictions over the same in labels (cf. Zhao et al. 2017)",
            ),
        }
    measurements = {"systematic_share": len(rows) / n, "habits": len(habits), "repeated_systematic_share": 0.0}
    if habits:
        again = context.results[OUT_OF_FOLD].predicted[rows] == classes.codes[rows]
        measurements["repeated_systematic_share"] = float(again.sum() / n)
        measurements["relabelling_gain"] = context.results[RELABELLING_GAIN]
    return CheckReport(measurements, tuple(findings), estimates)


def _habit_finding(
    code: str, severity: Severity, habit: Habit, names: tuple[str, ...], row_ids: NDArray[np.int64]
) -> Finding:
    return Finding(
        code,
        severity,
        Subject(SubjectKind.SEGMENT, (f"{habit.column}={habit.value}",)),
        f"{habit.column} '{habit.value}' files {100 * habit.rate:.0f} % of what reads like "
        f"'{names[habit.expected]}' under '{names[habit.given]}' "
        f"({len(habit.rows):,} records; elsewhere {100 * habit.elsewhere:.1f} %).",
        habit.rate,
        habit.elsewhere,
        "Ask this source for its rule; relabel the records or keep them out of training. "
        f"A model trained now repeats {100 * habit.repeated_noise_rate:.0f} % of them.",
        {
            "column": habit.column,
            "value": habit.value,
            "given": names[habit.given],
            "expected": names[habit.expected],
            "rows": len(habit.rows),
            "p_value": habit.p_value,
            "repeated_noise_rate": habit.repeated_noise_rate,
            "amplification_ratio": habit.amplification_ratio,
            "row_ids": row_ids[habit.rows[:MAX_ROW_IDS]].tolist(),
        },
    )


def period_habits(context: Context) -> CheckReport:
    """Class pairs that one period files unlike the periods before and after it."""
    names = context.results[CLASSES].shown
    # A class that is born or dies is taxonomy churn, which STA003 reports.
    churned = {event.code for event in context.results[CLASS_EVENTS]}
    habits = [h for h in context.results[PERIOD_HABITS] if not churned & {h.given, h.expected}]
    row_ids = context.results[ROWS]["row_id"].to_numpy()
    findings = [_habit_finding("PAT005", Severity.WARNING, habit, names, row_ids) for habit in habits[:MAX_NAMED]]
    rows = sum(len(habit.rows) for habit in habits)
    return CheckReport({"period_habits": len(habits), "period_habit_share": rows / len(row_ids)}, tuple(findings))


CLASS_RECALL = Check(
    "PAT001",
    "class-recall",
    "Classes that a model gives up",
    GateId.PATTERNS,
    "Training answers the common classes more often than they occur and the rare ones less.",
    class_recall,
    reads=(CLASSES, SURROGATE),
    parameters=(Parameter("recall", 0.5, "house rule: a class missed more often than found is not served"),),
    limits=(
        Limit(
            GateId.PATTERNS,
            "starved_volume_share",
            "volume in classes that a model misses more often than not",
            "{} of the volume is in classes that a model misses more often than not",
            0.1,
            None,
            "share",
            "house rule (2026)",
            "Merge or redefine the classes that a model misses.",
            hours=16,
            missing=GateStatus.UNKNOWN,
        ),
    ),
)
CONFUSIONS = Check(
    "PAT002",
    "confusions",
    "Class pairs confused beyond chance",
    GateId.PATTERNS,
    "Pairs that read alike cost more accuracy than any lack of data.",
    confusions,
    reads=(CLASSES, OUT_OF_FOLD, SCRAMBLED),
    parameters=(
        Parameter("family_error", 0.01, "Bonferroni over all class pairs"),
        Parameter("rate", 0.1, "house rule: a tenth of the class"),
    ),
    limits=(
        Limit(
            GateId.PATTERNS,
            "confused_share",
            "records whose label is a toss-up between two classes",
            "For {} of the records the label is a toss-up between two classes",
            0.01,
            0.03,
            "share",
            "readiness benchmark (2026): none in sound exports, whose overlapping classes do not count; 3 % cost "
            "the material margin",
            "Write down what tells the two classes apart and relabel their records, or merge them.",
            hours=16,
            missing=GateStatus.UNKNOWN,
        ),
    ),
)
SOURCE_HABITS = Check(
    "PAT003",
    "source-habits",
    "Labelling habits of one source",
    GateId.PATTERNS,
    "Random mistakes average out in training; a habit of one source is learned and repeated.",
    source_habits,
    reads=(CLASSES, ROWS, HABITS, OUT_OF_FOLD, RELABELLING_GAIN),
    needs=frozenset({"segment"}),
    limits=(
        Limit(
            GateId.PATTERNS,
            "repeated_systematic_share",
            "records that a model would file by the habit of one source",
            "A model would file {} of the records by the habit of one source",
            0.001,
            0.005,
            "share",
            "house rule (2026)",
            "Relabel the records whose habit a model would repeat.",
            counted=True,
            missing=GateStatus.CAUTION,
        ),
        Limit(
            GateId.PATTERNS,
            "systematic_share",
            "records filed by the habit of one source",
            "{} of the records are filed by the habit of one source",
            0.001,
            None,
            "share",
            "house rule (2026)",
            "Relabel the records that one source files by its own habit.",
            counted=True,
            missing=GateStatus.CAUTION,
        ),
    ),
)
HABITS_OF_PERIODS = Check(
    "PAT005",
    "period-habits",
    "Labelling habits of one period",
    GateId.PATTERNS,
    "A clerk who stays for a quarter, or a rule that held for a year, leaves labels that no later model should learn.",
    period_habits,
    reads=(CLASSES, ROWS, CLASS_EVENTS, PERIOD_HABITS),
    needs=frozenset({"time"}),
)
