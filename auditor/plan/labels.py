"""Labels: which are doubted, what the wrong ones cost, and what people say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.errors import NotApplicable
from auditor.estimators import agreement, duplicate_classes, label_cost, label_noise, sheet_rates
from auditor.estimators.agreement import AGREEMENT
from auditor.estimators.churn import CLASS_EVENTS
from auditor.estimators.duplicate_classes import ALIASES
from auditor.estimators.label_cost import LABEL_COST
from auditor.estimators.label_noise import ANCHOR_NOISE
from auditor.estimators.sheet_rates import SHEET_RATES
from auditor.evidence import agreement as agreement_rows
from auditor.evidence import definitions, label_issues, quality, scrambled
from auditor.evidence import duplicate_classes as duplicate_classes_rows
from auditor.evidence import label_cost as label_cost_rows
from auditor.evidence import sheet_rates as sheet_rows
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import DAYS
from auditor.evidence.definitions import DEFINITIONS
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.features import FEATURES, WEIGHTED
from auditor.evidence.given import BATCH, LOTS, ROWS, SEED
from auditor.evidence.label_cost import LISTED
from auditor.evidence.label_issues import LABEL_ISSUES
from auditor.evidence.naive_bayes import NAIVE_BAYES
from auditor.evidence.prompted import BESIDE_TRIAL, PROMPTED, TRAINED
from auditor.evidence.proxy import FOLD_MOMENTS, OUT_OF_FOLD
from auditor.evidence.quality import LABEL_QUALITY
from auditor.evidence.scrambled import SCRAMBLED, dated_in_turn
from auditor.evidence.sheet_rates import SHEET
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
        of[FEATURES], of[WEIGHTED], by_terms, of[CLASSES].codes, of[FOLD_MOMENTS], of[OUT_OF_FOLD], of[LOTS]
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


def _moves(of: Results) -> list[label_cost_rows.Move]:
    """Where nothing tells two classes apart, nobody can say which records were filed wrongly."""
    return [*(pair for pair in of[SCRAMBLED] if pair.apart), *(of.get(SOURCE_BIAS) or ())]


def _anchor_noise(of: Results) -> label_noise.AnchorNoise:
    """Coded texts do not decide their class, so that disagreement among the surest of them is no mistake."""
    found = label_issues.anchors(of[CLASSES].codes, of[OUT_OF_FOLD].probabilities)
    return label_noise.no_noise(found) if of[DUPLICATES].coded else label_noise.anchor_noise(found)


def _rate(of: Results) -> float:
    return label_cost.wrong_at_random(of[ANCHOR_NOISE], len(of[CLASSES].codes))


def _label_cost(of: Results) -> label_cost.LabelCost:
    trained, rate = (of[FEATURES], of[CLASSES].codes, of[FOLD_MOMENTS], of[OUT_OF_FOLD]), _rate(of)
    worse = label_cost_rows.made_worse(*trained, of[LOTS]) if rate else None
    righted = label_cost_rows.righted(*trained, _moves(of))
    return label_cost.label_cost(rate, of[ANCHOR_NOISE].error, worse, righted, len(of[CLASSES].codes))


def _no_sheet(batch: Batch) -> str | None:
    if batch.sheet is not None:
        return None
    return "nobody labelled records afresh; draw some with `auditor sheet`, then pass --sheet"


def _sheet(of: Results) -> Filled:
    filled = of[BATCH].sheet
    assert filled is not None  # noqa: S101 - a batch without one lacks it
    return filled


def _sheet_rates(of: Results) -> sheet_rates.SheetRates:
    filled, classes, predicted = of[SHEET], of[CLASSES], of[SURROGATE].out_of_fold.predicted
    at = sheet_rows.sheet_rows(filled, of[ROWS], classes)
    found = sheet_rows.labelled(filled, at, classes, predicted, of[LABEL_QUALITY].quality, of[LABEL_ISSUES].flagged)
    return sheet_rates.sheet_rates(
        found,
        sheet_rows.ordinary_way(at, classes, predicted),
        sheet_rows.way(at, classes, predicted, of.get(PROMPTED)),
        sheet_rows.way(at, classes, predicted, of.get(TRAINED), of.get(BESIDE_TRIAL)),
        classes.shown,
        of[SEED],
    )


def _one_annotator(batch: Batch) -> str | None:
    if batch.roles.annotator is not None and batch.roles.id is not None:
        return None
    return "agreement takes an id column and an annotator column; name them with --id, --annotator"


def _agreement(of: Results) -> agreement.Agreement:
    rows, classes = of[ROWS], of[CLASSES]
    who = rows[f"segment:{of[BATCH].roles.annotator}"]
    votes = agreement_rows.votes(rows["record_id"], of[DUPLICATES].exact, who, classes.codes, len(classes))
    return agreement.agreement(votes)


def _undefined(batch: Batch) -> str | None:
    if batch.taxonomy is not None:
        return None
    return "the classes are not defined; give the definitions with --taxonomy"


def _definitions(of: Results) -> definitions.Definitions:
    batch = of[BATCH]
    return definitions.against_definitions(of[CLASSES], of[ROWS]["time"], batch.time_granularity, batch.taxonomy or ())


def _aliases(of: Results) -> tuple[duplicate_classes.Alias, ...]:
    sides = duplicate_classes_rows.sides(of.get(SOURCE_COLUMNS) or (), of[ROWS]["time"])
    if not sides:
        raise NotApplicable("all records are of one source, as far as the columns tell; name some with --segment")
    phi, codes, names = of[FEATURES], of[CLASSES].codes, of[CLASSES].names
    found = []
    for side in sides:
        own = duplicate_classes.own_names(duplicate_classes_rows.filed(side, codes, len(names)), len(sides))
        if all(own):
            tables = duplicate_classes_rows.readings(phi, codes, side, len(names))
            found.append(duplicate_classes.Side(side.column, side.value, *own, *tables))
    return duplicate_classes.aliases(names, found)


STEPS = (
    Step(
        LABEL_ISSUES,
        lambda of: label_issues.find_label_issues(of[CLASSES].codes, of[OUT_OF_FOLD].probabilities),
        (CLASSES, OUT_OF_FOLD),
        title="Label issues",
    ),
    Step(ANCHOR_NOISE, _anchor_noise, (CLASSES, OUT_OF_FOLD, DUPLICATES)),
    Step(
        LABEL_QUALITY,
        _label_quality,
        (FEATURES, WEIGHTED, NAIVE_BAYES, CLASSES, FOLD_MOMENTS, OUT_OF_FOLD, LOTS),
        title="Second look at the labels",
    ),
    Step(SCRAMBLED, _scrambled, (DUPLICATES, CLASSES, ROWS, DAYS, SURROGATE), (CLASS_EVENTS,)),
    Step(
        LABEL_COST,
        _label_cost,
        (FEATURES, CLASSES, FOLD_MOMENTS, OUT_OF_FOLD, ANCHOR_NOISE, SCRAMBLED, DUPLICATES, LOTS),
        (SOURCE_BIAS,),
        title="What wrong labels cost",
    ),
    Step(
        LISTED,
        lambda of: label_cost_rows.listed(of[LABEL_QUALITY].quality, _rate(of), _moves(of)),
        (LABEL_QUALITY, ANCHOR_NOISE, CLASSES, DUPLICATES, SCRAMBLED),
        (SOURCE_BIAS,),
    ),
    Step(SHEET, _sheet, (BATCH,), lacks=_no_sheet),
    Step(
        SHEET_RATES,
        _sheet_rates,
        (SHEET, ROWS, CLASSES, SURROGATE, LABEL_QUALITY, LABEL_ISSUES, SEED),
        (PROMPTED, TRAINED, BESIDE_TRIAL),
    ),
    Step(AGREEMENT, _agreement, (BATCH, ROWS, CLASSES, DUPLICATES), lacks=_one_annotator),
    Step(DEFINITIONS, _definitions, (BATCH, ROWS, CLASSES), lacks=_undefined),
    Step(ALIASES, _aliases, (FEATURES, CLASSES, ROWS), (SOURCE_COLUMNS,), title="Names that keep to one source"),
)
