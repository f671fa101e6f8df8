"""Labels: which are doubted, what the wrong ones cost, and what people say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import NotApplicable
from auditor.estimators.churn import CLASS_EVENTS
from auditor.evidence import (
    agreement,
    definitions,
    duplicate_classes,
    label_cost,
    label_issues,
    quality,
    scrambled,
    sheet_rates,
)
from auditor.evidence.agreement import AGREEMENT
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import DAYS
from auditor.evidence.definitions import DEFINITIONS
from auditor.evidence.duplicate_classes import ALIASES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.features import EMBEDDING, FEATURES
from auditor.evidence.given import BATCH, LOTS, ROWS, SEED
from auditor.evidence.label_cost import LABEL_COST
from auditor.evidence.label_issues import ANCHOR_NOISE, LABEL_ISSUES
from auditor.evidence.naive_bayes import NAIVE_BAYES
from auditor.evidence.prompted import BESIDE_TRIAL, PROMPTED, TRAINED
from auditor.evidence.proxy import FOLD_MOMENTS, OUT_OF_FOLD
from auditor.evidence.quality import LABEL_QUALITY
from auditor.evidence.scrambled import SCRAMBLED, dated_in_turn
from auditor.evidence.sheet_rates import SHEET, SHEET_RATES
from auditor.evidence.sources import SOURCE_BIAS, SOURCE_COLUMNS
from auditor.evidence.surrogate import SURROGATE
from auditor.plan.step import Step

if TYPE_CHECKING:
    from auditor.batch import Batch
    from auditor.results import Results
    from auditor.sheets.fill import Filled


def _label_quality(of: Results) -> quality.LabelQuality:
    by_terms = of[NAIVE_BAYES].probabilities
    return quality.label_quality(
        of[FEATURES], of[EMBEDDING], by_terms, of[CLASSES].codes, of[FOLD_MOMENTS], of[OUT_OF_FOLD], of[LOTS]
    )


def _scrambled(of: Results) -> tuple[scrambled.Scrambled, ...]:
    """Without classes that came or went: their texts change names, nobody mixes them up. Of coded texts none: whether
    one carries its label is a toss-up where it does not decide.
    """
    if of[DUPLICATES].coded:
        return ()
    codes, days, dated = of[CLASSES].codes, of[DAYS], of[ROWS]["time"].is_not_null().to_numpy()
    moved = {event.code for event in of.get(CLASS_EVENTS) or ()}
    return tuple(
        pair
        for pair in scrambled.scrambled(codes, of[SURROGATE].out_of_fold.probabilities)
        if moved.isdisjoint({pair.given, pair.expected})
        and not dated_in_turn(days, dated, codes == pair.given, codes == pair.expected)
    )


def _label_cost(of: Results) -> label_cost.LabelCost:
    moves: list[label_cost.Move] = [*of[SCRAMBLED], *(of.get(SOURCE_BIAS) or ())]
    return label_cost.label_cost(
        of[FEATURES],
        of[CLASSES].codes,
        of[FOLD_MOMENTS],
        of[OUT_OF_FOLD],
        of[LABEL_QUALITY].quality,
        of[ANCHOR_NOISE],
        moves,
        of[DUPLICATES].coded,
        of[LOTS],
    )


def _no_sheet(batch: Batch) -> str | None:
    if batch.sheet is not None:
        return None
    return "nobody labelled records afresh; draw some with `auditor sheet`, then pass --sheet"


def _sheet(of: Results) -> Filled:
    filled = of[BATCH].sheet
    assert filled is not None  # noqa: S101 - a batch without one lacks it
    return filled


def _one_annotator(batch: Batch) -> str | None:
    if batch.roles.annotator is not None and batch.roles.id is not None:
        return None
    return "agreement takes an id column and an annotator column; name them with --id, --annotator"


def _agreement(of: Results) -> agreement.Agreement:
    rows, classes = of[ROWS], of[CLASSES]
    who = rows[f"segment:{of[BATCH].roles.annotator}"]
    return agreement.agreement(rows["record_id"], of[DUPLICATES].exact, who, classes.codes, len(classes))


def _undefined(batch: Batch) -> str | None:
    if batch.taxonomy is not None:
        return None
    return "the classes are not defined; give the definitions with --taxonomy"


def _definitions(of: Results) -> definitions.Definitions:
    batch = of[BATCH]
    return definitions.against_definitions(of[CLASSES], of[ROWS]["time"], batch.time_granularity, batch.taxonomy or ())


def _aliases(of: Results) -> tuple[duplicate_classes.Alias, ...]:
    sides = duplicate_classes.sides(of.get(SOURCE_COLUMNS) or (), of[ROWS]["time"])
    if not sides:
        raise NotApplicable("all records are of one source, as far as the columns tell; name some with --segment")
    return duplicate_classes.aliases(of[FEATURES], of[CLASSES].codes, of[CLASSES].names, sides)


STEPS = (
    Step(
        LABEL_ISSUES,
        lambda of: label_issues.find_label_issues(of[CLASSES].codes, of[OUT_OF_FOLD].probabilities),
        (CLASSES, OUT_OF_FOLD),
        title="Label issues",
    ),
    Step(
        ANCHOR_NOISE,
        lambda of: label_issues.anchor_noise(of[CLASSES].codes, of[OUT_OF_FOLD].probabilities),
        (CLASSES, OUT_OF_FOLD),
    ),
    Step(
        LABEL_QUALITY,
        _label_quality,
        (FEATURES, EMBEDDING, NAIVE_BAYES, CLASSES, FOLD_MOMENTS, OUT_OF_FOLD, LOTS),
        title="Second look at the labels",
    ),
    Step(SCRAMBLED, _scrambled, (DUPLICATES, CLASSES, ROWS, DAYS, SURROGATE), (CLASS_EVENTS,)),
    Step(
        LABEL_COST,
        _label_cost,
        (FEATURES, CLASSES, FOLD_MOMENTS, OUT_OF_FOLD, LABEL_QUALITY, ANCHOR_NOISE, SCRAMBLED, DUPLICATES, LOTS),
        (SOURCE_BIAS,),
        title="What wrong labels cost",
    ),
    Step(SHEET, _sheet, (BATCH,), lacks=_no_sheet),
    Step(
        SHEET_RATES,
        sheet_rates.sheet_rates,
        (SHEET, ROWS, CLASSES, SURROGATE, LABEL_QUALITY, LABEL_ISSUES, SEED),
        (PROMPTED, TRAINED, BESIDE_TRIAL),
    ),
    Step(AGREEMENT, _agreement, (BATCH, ROWS, CLASSES, DUPLICATES), lacks=_one_annotator),
    Step(DEFINITIONS, _definitions, (BATCH, ROWS, CLASSES), lacks=_undefined),
    Step(ALIASES, _aliases, (FEATURES, CLASSES, ROWS), (SOURCE_COLUMNS,), title="Names that keep to one source"),
)
