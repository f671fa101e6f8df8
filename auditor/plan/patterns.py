"""Patterns: bias of sources and periods, and words that give the label away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.batch import ENTITY, SEGMENT
from auditor.errors import NotApplicable
from auditor.estimators import segment_doubt, together
from auditor.estimators.duplicate_classes import ALIASES
from auditor.estimators.segment_doubt import SEGMENT_DOUBT
from auditor.estimators.together import TOGETHER
from auditor.evidence import groups, leakage, leaks, proxy, source_pairs, sources
from auditor.evidence import segment_doubt as segment_doubt_rows
from auditor.evidence.backtest import PAST
from auditor.evidence.classes import CLASSES
from auditor.evidence.dates import DAYS
from auditor.evidence.duplicates import DUPLICATES
from auditor.evidence.features import FEATURES
from auditor.evidence.given import BATCH, ITEMS, LOTS, ROWS, SEED
from auditor.evidence.groups import KEPT, KIN
from auditor.evidence.label_issues import LABEL_ISSUES
from auditor.evidence.languages import LANGUAGES
from auditor.evidence.leakage import CODES, LEAKED_CODES, TELLING_WORDS, WITH_WORDS
from auditor.evidence.leaks import CROSSING, NAMED, NAMES, PLANTED
from auditor.evidence.narrow import NARROW
from auditor.evidence.periods import PERIODS
from auditor.evidence.proxy import FOLD_MOMENTS, OUT_OF_FOLD, WITHOUT_PERIOD
from auditor.evidence.scrambled import dated_in_turn
from auditor.evidence.shown import PEOPLE, SHARERS
from auditor.evidence.sources import PERIOD_BIAS, RELABELLING_GAIN, SOURCE_BIAS, SOURCE_COLUMNS
from auditor.evidence.tokens import TOKENS
from auditor.plan.step import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from auditor.batch import Batch
    from auditor.model import SegmentDoubt
    from auditor.results import Results

NO_COLUMN = "no segment column with two or more values that enough records share; name one with --segment"


def _no_segment(batch: Batch) -> str | None:
    return None if batch.roles.segment else NO_COLUMN


def _source_columns(of: Results) -> tuple[sources.SourceColumn, ...]:
    rows, people = of[ROWS], of[PEOPLE]
    columns = (sources.source_column(each, rows[SEGMENT + each], people=people) for each in of[BATCH].roles.segment)
    found = tuple(column for column in columns if column is not None)
    if not found:
        raise NotApplicable(NO_COLUMN)
    return found


def _source_bias(of: Results) -> tuple[sources.LabelBias, ...]:
    """Where one name follows the other, in time or from source to source, the source has no bias."""
    codes, narrow, with_source = of[CLASSES].codes, of[NARROW], of[NARROW].out_of_fold
    days, dated = of[DAYS], of[ROWS]["time"].is_not_null().to_numpy()
    two_names = {(alias.inside, alias.outside) for alias in of[ALIASES]}

    def of_column(column: sources.SourceColumn) -> tuple[sources.LabelBias, ...]:
        without = proxy.grouped_out_of_fold(narrow.phi, codes, narrow.moments, column.codes, with_source.temperature)
        throughout = sources.wrong_throughout(column, codes, without, with_source)
        found = sources.find_label_bias(column, codes, without, with_source, throughout)
        return tuple(
            bias
            for bias in (*found, *source_pairs.find_pair_bias(column, codes, without, with_source, found))
            if (bias.given, bias.expected) not in two_names
            and not _of_another_time(column, bias)
            and not sources.may_be_a_rule(column, codes, with_source, bias)
        )

    def _of_another_time(column: sources.SourceColumn, bias: sources.LabelBias) -> bool:
        """Whether the source's records are of another time than those of the others that carry the expected class."""
        here = column.codes == column.values.index(bias.value)
        there = ~here & (codes == bias.expected)
        return bool(dated[here].any() != dated[there].any()) or dated_in_turn(days, dated, here, there)

    return tuple(bias for column in of[SOURCE_COLUMNS] for bias in of_column(column))


def _relabelling_gain(of: Results) -> float:
    """Accuracy against labels without the bias of sources: of a model trained on those, less one trained on these."""
    if not of[SOURCE_BIAS]:
        return 0.0
    codes = of[CLASSES].codes
    corrected = codes.copy()
    for bias in of[SOURCE_BIAS]:
        corrected[bias.rows] = bias.expected
    moments = proxy.relabelled(of[FEATURES], codes, corrected, of[FOLD_MOMENTS])
    after = proxy.out_of_fold(of[FEATURES], corrected, moments)
    return after.accuracy(corrected) - of[OUT_OF_FOLD].accuracy(corrected)


def _without_period(of: Results) -> proxy.OutOfFold:
    """Every row predicted by a model of periods before and after its own."""
    narrow, groups = of[NARROW], of[PERIODS].with_undated
    return proxy.grouped_out_of_fold(
        narrow.phi, of[CLASSES].codes, narrow.moments, groups, narrow.out_of_fold.temperature, of[PAST].packs
    )


def _period_bias(of: Results) -> tuple[sources.LabelBias, ...]:
    chosen = of[PERIODS]
    column = sources.SourceColumn("period", (*chosen.calendar.names, "(no date)"), chosen.with_undated)
    return sources.find_label_bias(column, of[CLASSES].codes, of[WITHOUT_PERIOD], of[NARROW].out_of_fold)


def _segment_doubt(of: Results) -> tuple[SegmentDoubt, ...]:
    columns = segment_doubt_rows.with_language(of.get(SOURCE_COLUMNS) or (), of[LANGUAGES])
    if not columns:
        raise NotApplicable(NO_COLUMN)
    flagged = of[LABEL_ISSUES].flagged
    return segment_doubt.segment_doubt([segment_doubt_rows.doubted(column, flagged) for column in columns])


def _telling(of: Results, coverage: float) -> tuple[leakage.TellingWord, ...]:
    return leakage.telling_words(of[TOKENS], of[CLASSES].codes, len(of[CLASSES]), of[SHARERS], coverage)


def _with_words(of: Results) -> leakage.WithWords | None:
    """None where no words are to be left out."""
    if not of[CODES] and not of[NAMES]:
        return None
    return leakage.with_words(of[TOKENS], of[CLASSES].codes, len(of[CLASSES]), of[LOTS], of[KEPT])


def _without(of: Results, words: tuple[leakage.TellingWord, ...]) -> leakage.WithoutWords | None:
    whole, classes = of[WITH_WORDS], of[CLASSES]
    if whole is None or not words:
        return None
    return leakage.accuracy_without(whole, of[TOKENS], words, classes.codes, len(classes), of[SEED])


def _together(of: Results) -> tuple[together.Together, ...]:
    """Of the column of groups, or else of each that looks like one and of near duplicates, where those are many."""
    batch, rows, narrow, classes = of[BATCH], of[ROWS], of[NARROW], of[CLASSES]
    if batch.roles.group:
        tried: dict[str | None, NDArray[np.int64]] = {batch.roles.group: of[KIN].groups}
    else:
        tried = {name.removeprefix(ENTITY): groups.coded(rows[name]) for name in batch.entities}
        near = of[DUPLICATES].near
        if not of[DUPLICATES].coded and (np.bincount(near)[near] > 1).mean() >= groups.NEAR_SHARE:
            tried[None] = near
    return tuple(
        together.together(
            column,
            groups.held_together(each, narrow.phi, classes.codes, len(classes), narrow.moments.fit, of[ITEMS]),
            given=batch.roles.group is not None,
        )
        for column, each in tried.items()
    )


def _phrases(of: Results) -> tuple[leaks.Phrase, ...]:
    columns, chosen, times = of.get(SOURCE_COLUMNS) or (), of.get(PERIODS), of[ROWS]["time"]
    if chosen is not None:
        names = (*chosen.calendar.names, "(no date)")
        columns = (*columns, sources.SourceColumn("period", names, chosen.with_undated))
        # What was added for longer than a period lasts.
        year = sources.source_column("year", times.dt.year().cast(pl.String))
        columns = columns if year is None else (*columns, year)
    texts, classes = of[ROWS]["text"], of[CLASSES]
    return leaks.phrases(texts, of[TOKENS], classes.codes, len(classes), of[KIN].groups, of[SHARERS], columns)


def _crossing(of: Results) -> leaks.Crossing:
    """By equal ids and groups alone: near duplicates are no proof of one entity."""
    rows = of[ROWS]
    same = groups.entities(rows["record_id"], rows.get_column("group", default=None))
    codes, fit = of[CLASSES].codes, of[FOLD_MOMENTS].fit
    found = leaks.crossing(rows["split"], same, of[FEATURES], codes, len(of[CLASSES]), fit)
    if found is None:
        raise NotApplicable(f"column '{of[BATCH].roles.split}' names no training and test part")
    return found


def _no_split(batch: Batch) -> str | None:
    return None if batch.roles.split else "no column says which records are for training and which for a test"


def _names_in_text(of: Results) -> leaks.Named:
    found = of[NAMES]
    words = tuple(replace(name, word=word) for name in found for word in name.word.split())
    return leaks.Named(found, _without(of, words))


STEPS = (
    Step(SOURCE_COLUMNS, _source_columns, (BATCH, ROWS, PEOPLE), lacks=_no_segment),
    Step(
        SOURCE_BIAS,
        _source_bias,
        (SOURCE_COLUMNS, NARROW, CLASSES, ROWS, DAYS, ALIASES),
        title="Leaving out each source",
    ),
    Step(
        RELABELLING_GAIN,
        _relabelling_gain,
        (SOURCE_BIAS, FEATURES, CLASSES, FOLD_MOMENTS, OUT_OF_FOLD),
        title="What if biased labels were put right",
    ),
    Step(
        WITHOUT_PERIOD,
        _without_period,
        (PERIODS, PAST, NARROW, CLASSES),
        title="Leaving out each period",
    ),
    Step(PERIOD_BIAS, _period_bias, (PERIODS, CLASSES, WITHOUT_PERIOD, NARROW)),
    Step(
        CODES,
        lambda of: tuple(word for word in _telling(of, leakage.CODE_COVERAGE) if word.is_code),
        (TOKENS, CLASSES, SHARERS),
    ),
    Step(
        NAMES,
        lambda of: leaks.names_in_text(of[ROWS]["text"], of[CLASSES].codes, of[CLASSES].names, ~of[CLASSES].rare),
        (ROWS, CLASSES),
    ),
    Step(
        WITH_WORDS,
        _with_words,
        (CODES, NAMES, TOKENS, CLASSES, LOTS, KEPT),
        title="What if words that tell the label were not in the text",
    ),
    Step(
        LEAKED_CODES,
        lambda of: leakage.Leaked(of[CODES], _without(of, of[CODES])),
        (CODES, WITH_WORDS, TOKENS, CLASSES, SEED),
        title="What if the codes were not in the text",
    ),
    Step(
        TELLING_WORDS,
        lambda of: tuple(word for word in _telling(of, leakage.WORD_COVERAGE) if not word.is_code),
        (TOKENS, CLASSES, SHARERS),
    ),
    Step(
        TOGETHER,
        _together,
        (BATCH, ROWS, KIN, DUPLICATES, NARROW, CLASSES, ITEMS),
        title="Keeping groups together",
    ),
    Step(PLANTED, _phrases, (TOKENS, CLASSES, ROWS, KIN, SHARERS), (SOURCE_COLUMNS, PERIODS)),
    Step(CROSSING, _crossing, (BATCH, ROWS, FEATURES, CLASSES, FOLD_MOMENTS), lacks=_no_split),
    Step(NAMED, _names_in_text, (NAMES, WITH_WORDS, TOKENS, CLASSES, SEED), title="What if no text named its label"),
    Step(SEGMENT_DOUBT, _segment_doubt, (LANGUAGES, LABEL_ISSUES), (SOURCE_COLUMNS,)),
)
