"""Volume and benefit: what more rows, retrieval, a prompt and a trained model bring, and what the decision reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import NotApplicable
from auditor.estimators import curve, per_class, thin, volume
from auditor.estimators.ageing import AGEING
from auditor.estimators.churn import CLASS_EVENTS
from auditor.estimators.curve import LEARNING_CURVE
from auditor.estimators.label_cost import LABEL_COST
from auditor.estimators.label_noise import ANCHOR_NOISE
from auditor.estimators.ordinary import ORDINARY_AHEAD, ahead_of_surrogate
from auditor.estimators.per_class import CLASS_ROWS
from auditor.estimators.sheet_rates import SHEET_RATES
from auditor.estimators.thin import THIN_TEXTS
from auditor.estimators.volume import VOLUME
from auditor.evidence import churn as churn_rows
from auditor.evidence import curve as curve_rows
from auditor.evidence import examples, facts, features, linear, prompted, retrieval, rows
from auditor.evidence import thin as thin_rows
from auditor.evidence.classes import CLASSES
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.examples import EXAMPLES
from auditor.evidence.facts import FACTS
from auditor.evidence.features import FEATURES, WEIGHTED
from auditor.evidence.given import BATCH, EXAMPLES_WANTED, LOTS, ROWS, SEED, TIMES
from auditor.evidence.groups import KIN
from auditor.evidence.label_cost import LISTED
from auditor.evidence.label_issues import LABEL_ISSUES
from auditor.evidence.linear import IS_WORD, LINEAR
from auditor.evidence.naive_bayes import DAMPED_COUNTS
from auditor.evidence.per_class import biased_rows, class_counts
from auditor.evidence.profile import PROFILE, TOKENS_PER_RECORD
from auditor.evidence.prompted import BESIDE_TRIAL, PROMPTED, TRAINED
from auditor.evidence.proxy import FOLD_MOMENTS
from auditor.evidence.quality import LABEL_QUALITY
from auditor.evidence.retrieval import RETRIEVAL
from auditor.evidence.rows import ROW_TABLE
from auditor.evidence.sheet_rates import SHEET
from auditor.evidence.shown import SHARERS
from auditor.evidence.sources import SOURCE_BIAS
from auditor.evidence.surrogate import SURROGATE
from auditor.evidence.text_space import TEXT_SPACE
from auditor.inputs.answers import STANDS_FOR
from auditor.inputs.trial import BESIDE
from auditor.inputs.trial import TRAINED as TRAINED_COLUMN
from auditor.plan.step import Step

if TYPE_CHECKING:
    from auditor.batch import Batch
    from auditor.model import ClassRow, LearningCurve, Share
    from auditor.results import Results


def _learning_curve(of: Results) -> LearningCurve:
    held_out = curve_rows.held_out(
        of[FEATURES], of[DAMPED_COUNTS], of[CLASSES].codes, of[FOLD_MOMENTS], of[SURROGATE], of[LOTS]
    )
    measured = curve.learning_curve(held_out, of[SEED])
    if measured is None:
        raise NotApplicable("a learning curve needs at least four training sizes, so some 200 rows")
    return measured


def _linear(of: Results) -> Share | None:
    codes, folds, answers = of[CLASSES].codes, of[FOLD_MOMENTS].folds, of[SURROGATE].out_of_fold.predicted
    return linear.ahead(
        of[DAMPED_COUNTS], of[IS_WORD], codes, len(of[CLASSES]), folds, answers, of.get(LEARNING_CURVE), of[LOTS]
    )


def _retrieval(of: Results) -> retrieval.Retrieval:
    plain = features.plain_columns(of[FEATURES], of[WEIGHTED])
    codes, folds = of[CLASSES].codes, of[FOLD_MOMENTS].folds
    return retrieval.retrieve(of[FEATURES], plain, codes, len(of[CLASSES]), folds, of[LOTS])


def _volume(of: Results) -> volume.Volume:
    times = of[TIMES]
    if times.null_count() == len(times):
        return volume.monthly_volume(None, len(times))
    counts = churn_rows.monthly_counts(times, np.zeros(len(times), np.int32), 1).counts
    return volume.monthly_volume(counts.sum(axis=1), len(times))


def _thin_texts(of: Results) -> thin.ThinTexts:
    few, right = thin_rows.thin(of[ROWS]["text"]), of[SURROGATE].out_of_fold.predicted == of[CLASSES].codes
    return thin.thin_texts(int(few.sum()), int(right[few].sum()), int((~few).sum()), int(right[~few].sum()))


def _class_rows(of: Results) -> tuple[ClassRow, ...]:
    classes, times = of[CLASSES], of[ROWS]["time"]
    return per_class.class_rows(
        classes.shown,
        class_counts(classes, of[SURROGATE].out_of_fold.predicted, of[RETRIEVAL], of[DUPLICATES], times),
        of[ANCHOR_NOISE].flow.sum(axis=1),
        biased_rows(of.get(SOURCE_BIAS) or (), len(classes)),
        {event.code for event in of.get(CLASS_EVENTS) or ()},
        noise_seen=of[LABEL_COST].rate > 0,
    )


def _no_prompt(batch: Batch) -> str | None:
    if batch.answers:
        return None
    return "no answers of a prompted system; name them with --prediction or --baseline"


def _prompted(of: Results) -> prompted.Prompted:
    batch = of[BATCH]
    runs = [of[ROWS][name] for name in batch.answers]
    if not batch.has_baseline:
        return _asked(of, runs)
    asked = of[ROWS].select("row_id", STANDS_FOR).drop_nulls()
    return prompted.prompted(of[CLASSES], runs, of[ROWS]["row_id"], dict(asked.rows()))


def _no_model(batch: Batch) -> str | None:
    if TRAINED_COLUMN in batch.frame.columns:
        return None
    return "no answers of a trained model; name them with --trial or --trained-prediction"


def _trained(of: Results) -> prompted.Prompted:
    """The answers of a fine-tuned model that somebody did train; not on rows that a split calls training rows."""
    table = of[ROWS]
    said = table[TRAINED_COLUMN]
    if "split" in table.columns and of[BATCH].trial is None:
        held_out = ~table["split"].fill_null("").str.to_lowercase().str.starts_with("train")
        said = said.to_frame().select(pl.when(held_out).then(pl.col(said.name)))[said.name]
    return _asked(of, [said])


def _no_trial(batch: Batch) -> str | None:
    return None if batch.trial else "no trial; run `auditor trial`, then pass --trial"


def _asked(of: Results, runs: list[pl.Series]) -> prompted.Prompted:
    filled = of.get(SHEET)
    return prompted.prompted(of[CLASSES], runs, of[ROWS]["row_id"], filled.stands_for if filled else None)


STEPS = (
    Step(
        LEARNING_CURVE,
        _learning_curve,
        (FEATURES, DAMPED_COUNTS, CLASSES, FOLD_MOMENTS, SURROGATE, LOTS, SEED),
        title="Learning curve",
    ),
    # So that all terms need not be kept until then.
    Step(IS_WORD, lambda of: of[TEXT_SPACE].tokens.is_word, (TEXT_SPACE,)),
    Step(
        LINEAR,
        _linear,
        (DAMPED_COUNTS, IS_WORD, CLASSES, FOLD_MOMENTS, SURROGATE, LOTS),
        (LEARNING_CURVE,),
        title="Linear classifier on words",
    ),
    Step(ORDINARY_AHEAD, lambda of: ahead_of_surrogate(of[LINEAR]), (LINEAR,)),
    Step(RETRIEVAL, _retrieval, (FEATURES, WEIGHTED, CLASSES, FOLD_MOMENTS, LOTS), title="Retrieval baseline"),
    Step(THIN_TEXTS, _thin_texts, (ROWS, SURROGATE, CLASSES)),
    Step(VOLUME, _volume, (TIMES,)),
    Step(PROMPTED, _prompted, (BATCH, ROWS, CLASSES), (SHEET,), lacks=_no_prompt),
    Step(TRAINED, _trained, (BATCH, ROWS, CLASSES), (SHEET,), lacks=_no_model),
    # What the ordinary classifier of the trial's rows answers to the same ones.
    Step(BESIDE_TRIAL, lambda of: _asked(of, [of[ROWS][BESIDE]]), (BATCH, ROWS, CLASSES), (SHEET,), lacks=_no_trial),
    Step(
        FACTS,
        facts.facts,
        (
            BATCH,
            ROWS,
            TIMES,
            CLASSES,
            SURROGATE,
            PROFILE,
            TOKENS_PER_RECORD,
            VOLUME,
            RETRIEVAL,
            DUPLICATES,
            LABEL_COST,
            LISTED,
            ANCHOR_NOISE,
            ORDINARY_AHEAD,
        ),
        (SHEET_RATES, AGEING, LEARNING_CURVE, PROMPTED, TRAINED, BESIDE_TRIAL, CLASS_EVENTS),
    ),
    Step(
        ROW_TABLE,
        rows.row_table,
        (BATCH, ROWS, CLASSES, DUPLICATES, LABEL_QUALITY, LABEL_ISSUES, FOLD_MOMENTS),
        (SOURCE_BIAS, LISTED),
    ),
    Step(
        CLASS_ROWS,
        _class_rows,
        (CLASSES, ROWS, SURROGATE, RETRIEVAL, DUPLICATES, ANCHOR_NOISE, LABEL_COST),
        (CLASS_EVENTS, SOURCE_BIAS),
    ),
    Step(
        EXAMPLES,
        lambda of: examples.examples(
            of[ROWS], of[CLASSES], of[LABEL_QUALITY], of[KIN].groups, of[SHARERS], of[EXAMPLES_WANTED]
        ),
        (ROWS, CLASSES, LABEL_QUALITY, KIN, SHARERS, EXAMPLES_WANTED),
    ),
)
