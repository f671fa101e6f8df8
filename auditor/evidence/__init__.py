"""Everything that the checks share, computed once and only when a check asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from auditor.errors import InputError, NotApplicable, StepFailed, or_none
from auditor.evidence import (
    ageing,
    agreement,
    backtest,
    changes,
    churn,
    classes,
    curve,
    dates,
    decay,
    definitions,
    drift_family,
    duplicates,
    features,
    forecast,
    label_cost,
    label_issues,
    languages,
    leakage,
    naive_bayes,
    periods,
    profile,
    prompted,
    proxy,
    quality,
    redefinition,
    retraining,
    retrieval,
    scrambled,
    sheet_rates,
    side_by_side,
    sources,
    stand_in,
    text_space,
    tokens,
    volume,
)
from auditor.evidence.label_issues import AnchorNoise
from auditor.evidence.step import step
from auditor.inputs.answers import STANDS_FOR
from auditor.inputs.trial import BESIDE, TRAINED
from auditor.keys import Lots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import scipy.sparse as sp
    from numpy.typing import NDArray

    from auditor.batch import Batch
    from auditor.evidence.prompted import Prompted
    from auditor.model import ClassChange, DecaySplit, Forecast, Growth, LearningCurve, Retraining
    from auditor.sheets.fill import Filled

Listener = Callable[[str], None]


class Evidence:
    """Lazy evidence about the usable rows of ``batch``, in the order of ``rows`` (by time, undated last).

    ``lots`` are draws by row, ``items`` by record.
    ``tolerance`` is the accuracy that a model may lose by its age before it is to be trained again.
    ``on_stage`` hears the title of every stage as it starts; ``seconds`` keeps what each took by itself.
    """

    def __init__(self, batch: Batch, seed: int, on_stage: Listener, tolerance: float = retraining.TOLERANCE) -> None:
        self.batch = batch
        self.tolerance = tolerance
        self.rows, self.stray_dates = dates.without_strays(batch.usable_frame)
        self.seed = seed
        self.lots, self.items = (Lots(self.rows[name].to_numpy(), seed) for name in ("key", "item"))
        self._on_stage = on_stage
        self._seconds: dict[str, float] = {}
        self.failures: dict[str, NotApplicable | StepFailed] = {}

    @property
    def seconds(self) -> Mapping[str, float]:
        return dict(self._seconds)

    @step
    def profile(self) -> profile.Profile:
        with self._stage("Profile"):
            return profile.scan(self.batch.con)

    @step
    def classes(self) -> classes.Classes:
        return classes.fold_labels(self.rows["label"])

    @property
    def codes(self) -> NDArray[np.int32]:
        return self.classes.codes

    @step
    def tokens(self) -> tokens.Tokens:
        with self._stage("Words"):
            found = tokens.tokenise(self.rows["text"])
        if not found.terms:
            raise InputError(
                "No word occurs in two texts, so that nothing can be learnt from them. Choose another column with "
                "--text COL, or repeat it to join several."
            )
        return found

    @step
    def duplicates(self) -> duplicates.Duplicates:
        found = self.tokens
        with self._stage("Duplicates"):
            return duplicates.find_duplicates(self.rows["text"], found, self.seed)

    @step
    def languages(self) -> NDArray[np.int32]:
        return languages.languages(self.rows["text"], self.tokens)

    @step
    def text_space(self) -> text_space.TextSpace:
        found = self.tokens
        with self._stage("Embedding"):
            embedded = features.embedding(found)
        if not languages.beyond_english(self.languages):
            return text_space.usual(found, embedded)
        with self._stage("Words or characters"):
            return text_space.best_space(
                self.rows["text"], found, embedded, self.codes, len(self.classes), self.lots, self.items
            )

    @property
    def embedding(self) -> features.Embedding | None:
        return self.text_space.embedded

    @step
    def phi(self) -> NDArray[np.float32]:
        space = self.text_space
        with self._stage("Features"):
            return space.features(self.seed)

    @step
    def fold_moments(self) -> proxy.FoldMoments:
        phi = self.phi
        with self._stage("Moments"):
            folds = proxy.random_folds(self.items)
            return proxy.fold_moments(phi, self.codes, len(self.classes), folds)

    @step
    def out_of_fold(self) -> proxy.OutOfFold:
        moments = self.fold_moments
        with self._stage("Out-of-fold predictions"):
            return proxy.out_of_fold(self.phi, self.codes, moments)

    @step
    def _damped_counts(self) -> sp.csr_matrix:
        return naive_bayes.damped_counts(self.text_space.tokens)

    @step
    def _naive_bayes(self) -> proxy.OutOfFold:
        texts, folds = self._damped_counts, self.fold_moments.folds
        with self._stage("Naive Bayes"):
            return naive_bayes.naive_bayes(texts, self.codes, len(self.classes), folds)

    @step
    def stand_in(self) -> stand_in.StandIn:
        """What a fine-tuned model would answer, as near as this audit comes to it."""
        moments, by_proxy, by_terms = self.fold_moments, self.out_of_fold, self._naive_bayes
        with self._stage("Stand-in for a trained model"):
            return stand_in.stand_in(self.phi, self.codes, moments, by_proxy, by_terms)

    @step
    def label_issues(self) -> label_issues.LabelIssues:
        probabilities = self.out_of_fold.probabilities
        with self._stage("Label issues"):
            return label_issues.find_label_issues(self.codes, probabilities)

    @step
    def label_quality(self) -> quality.LabelQuality:
        first, by_terms, embedded = self.out_of_fold, self._naive_bayes.probabilities, self.embedding
        with self._stage("Second look at the labels"):
            return quality.label_quality(self.phi, embedded, by_terms, self.codes, self.fold_moments, first, self.lots)

    @step
    def anchor_noise(self) -> AnchorNoise:
        return label_issues.anchor_noise(self.codes, self.out_of_fold.probabilities)

    @step
    def scrambled(self) -> tuple[scrambled.Scrambled, ...]:
        """Without classes that came or went: their texts change names, nobody mixes them up."""
        found = scrambled.scrambled(self.codes, self.stand_in.out_of_fold.probabilities)
        moved = {event.code for event in or_none(lambda: self.class_events) or ()}
        return tuple(
            pair
            for pair in found
            if moved.isdisjoint({pair.given, pair.expected})
            and not self._in_turn(self.codes == pair.given, self.codes == pair.expected)
        )

    def _in_turn(self, first: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
        """Whether the dated ones of the rows (n,) come before or after those of the others (n,)."""
        days, other_days = self._days[self._dated & first], self._days[self._dated & other]
        return bool(len(days) and len(other_days)) and scrambled.in_turn(days, other_days)

    @step
    def label_cost(self) -> label_cost.LabelCost:
        quality, anchors, first = self.label_quality.quality, self.anchor_noise, self.out_of_fold
        moves: list[label_cost.Move] = [*self.scrambled, *(self.habits if self._columns else ())]
        same = self.duplicates.exact
        repeated = float((np.bincount(same)[same] > 1).mean())
        with self._stage("What wrong labels cost"):
            return label_cost.label_cost(
                self.phi, self.codes, self.fold_moments, first, quality, anchors, moves, repeated, self.lots
            )

    @property
    def sheet(self) -> Filled:
        if self.batch.sheet is None:
            raise NotApplicable("nobody labelled records afresh; draw some with `auditor sheet`, then pass --sheet")
        return self.batch.sheet

    @step
    def sheet_rates(self) -> sheet_rates.SheetRates:
        return sheet_rates.sheet_rates(self)

    @step
    def agreement(self) -> agreement.Agreement:
        roles = self.batch.roles
        if roles.annotator is None or roles.id is None:
            raise NotApplicable(
                "agreement takes an id column and an annotator column; name them with --id, --annotator"
            )
        texts = self.duplicates.exact
        who = self.rows[f"segment:{roles.annotator}"]
        return agreement.agreement(self.rows["record_id"], texts, who, self.codes, len(self.classes))

    @step
    def definitions(self) -> definitions.Definitions:
        entries = self.batch.taxonomy
        if entries is None:
            raise NotApplicable("the classes are not defined; give the definitions with --taxonomy")
        granularity = self.batch.time_granularity
        return definitions.against_definitions(self.classes, self.rows["time"], granularity, entries)

    @step
    def learning_curve(self) -> LearningCurve:
        moments, model, texts = self.fold_moments, self.stand_in, self._damped_counts
        with self._stage("Learning curve"):
            measured = curve.learning_curve(self.phi, texts, self.codes, moments, model, self.lots)
        if measured is None:
            raise NotApplicable("a learning curve needs at least four training sizes, so some 200 rows")
        return measured

    @step
    def retrieval(self) -> retrieval.Retrieval:
        phi, folds = self.phi, self.fold_moments.folds
        plain = features.plain_columns(phi, self.embedding)
        with self._stage("Retrieval baseline"):
            return retrieval.retrieve(phi, plain, self.codes, len(self.classes), folds, self.lots)

    @step
    def prompted(self) -> prompted.Prompted:
        if not self.batch.answers:
            raise NotApplicable("no answers of a prompted system; name them with --prediction or --baseline")
        runs = [self.rows[name] for name in self.batch.answers]
        if not self.batch.has_baseline:
            return self._asked(runs)
        asked = self.rows.select("row_id", STANDS_FOR).drop_nulls()
        return prompted.prompted(self.classes, runs, self.rows["row_id"], dict(asked.rows()))

    @step
    def trained(self) -> Prompted:
        """The answers of a fine-tuned model that somebody did train; not on rows that a split calls training rows."""
        if TRAINED not in self.rows.columns:
            raise NotApplicable("no answers of a trained model; name them with --trial or --trained-prediction")
        said = self.rows[TRAINED]
        if "split" in self.rows.columns and self.batch.trial is None:
            held_out = ~self.rows["split"].fill_null("").str.to_lowercase().str.starts_with("train")
            said = said.to_frame().select(pl.when(held_out).then(pl.col(said.name)))[said.name]
        return self._asked([said])

    def _asked(self, runs: Sequence[pl.Series]) -> Prompted:
        filled = self.batch.sheet
        return prompted.prompted(self.classes, runs, self.rows["row_id"], filled.stands_for if filled else None)

    @step
    def beside_trial(self) -> Prompted | None:
        """What the ordinary classifier of the trial's rows answers to the same ones; None without a trial."""
        return None if self.batch.trial is None else self._asked([self.rows[BESIDE]])

    @step
    def _dated(self) -> NDArray[np.bool_]:
        return self.rows["time"].is_not_null().to_numpy()

    @step
    def _days(self) -> NDArray[np.int64]:
        return self.rows["time"].dt.epoch("d").fill_null(0).to_numpy()

    @step
    def asked_in_order(self) -> NDArray[np.int64]:
        """The rows (q,) that training and retrieval are both asked as of their time."""
        return retrieval.queries_in_order(self.periods.codes, self._days, self.lots)

    @step
    def retrieval_in_order(self) -> NDArray[np.int32]:
        """The vote (q,) of earlier neighbours on each row of `asked_in_order`."""
        chosen, found = self.periods, self.retrieval
        phi = self.phi[:, found.columns]
        with self._stage("Retrieval in order of time"):
            return retrieval.retrieve_in_order(
                phi, self.codes, len(self.classes), chosen.codes, self._days, found.k, self.asked_in_order
            )

    @step
    def _recent_shift(self) -> tuple[float, float]:
        return ageing.recent_shift(self.stand_in.out_of_fold.predicted == self.codes, self.periods)

    @step
    def ageing(self) -> ageing.Ageing | None:
        asked, said = self.asked_in_order, self.trained_in_order
        truth, now = self.codes[asked], self.stand_in.out_of_fold.predicted[asked]
        chosen, lacking = self.periods, self._lacking_rows
        return ageing.ageing(
            now == truth, said == truth, said >= 0, chosen.codes[asked], chosen, lacking, self._recent_shift
        )

    @step
    def _lacking_rows(self) -> NDArray[np.float64]:
        """What the model at each cut (P,) lacks to one of random folds because it saw fewer rows."""
        curve = or_none(lambda: self.learning_curve)
        return ageing.by_rows(curve, np.cumsum(self.periods.rows), len(self.codes))

    @step
    def accuracy_by_age(self) -> NDArray[np.float64]:
        """The backtest's accuracy (P, P) as if every model of the past had seen as many rows as one of random folds."""
        return np.asarray(self.backtest.accuracy + self._lacking_rows[:, None])

    @step
    def trained_in_order(self) -> NDArray[np.int16]:
        """What the stand-in, trained until the end of each period, says of `asked_in_order`: (P, q), -1 if earlier."""
        past, model, texts = self._past, self.stand_in, self._damped_counts
        with self._stage("Training in order of time"):
            return stand_in.answers_in_time(past.asked, self.periods.codes, self.phi, texts, self.codes, model)

    @step
    def _periods_chosen(self) -> periods.Periods | None:
        return periods.choose_periods(self.rows["time"], self.batch.time_granularity)

    @property
    def periods(self) -> periods.Periods:
        self._need_dates()
        if self._periods_chosen is None:
            dated = self.rows["time"].count()
            if dated < periods.ENOUGH_DATED:
                raise NotApplicable(f"fewer than {periods.ENOUGH_DATED} dated records ({dated:,} here)")
            raise NotApplicable("the dates span fewer than three periods with rows")
        return self._periods_chosen

    def _need_dates(self) -> None:
        if self.rows["time"].count():
            return
        if self.batch.roles.time is None:
            raise NotApplicable("no record has a date; name the date column with --time")
        raise NotApplicable(f"no record that is used has a date in column '{self.batch.roles.time}'")

    @step
    def _past(self) -> backtest.Past:
        chosen, moments, asked = self.periods, self.fold_moments, self.asked_in_order
        with self._stage("Rolling-origin backtest"):
            packs = proxy.pack_groups(chosen.with_undated)
            return backtest.rolling_origin(self.phi, self.codes, len(self.classes), chosen, packs, moments.fit, asked)

    @property
    def backtest(self) -> backtest.Backtest:
        return self._past.backtest

    def forecast(self, horizon: int) -> Forecast | None:
        """Of the accuracy over the next ``horizon`` months; None where no past model was scored."""
        chosen = self.periods
        return forecast.forecast(self.accuracy_by_age, chosen.rows, chosen.months, horizon)

    def decay_split(self, horizon: int) -> DecaySplit | None:
        ahead = forecast.periods_ahead(self.periods.months, horizon)
        predicted = self.out_of_fold.predicted
        return decay.decay_split(self.backtest, self.codes, predicted, len(self.classes), ahead, self._lacking_rows)

    @step
    def retraining(self) -> Retraining | None:
        past, moments, age = self.backtest, self.fold_moments, self.ageing
        with self._stage("Retraining cadence"):
            return retraining.retraining(self.phi, self.codes, moments, past, age, self.tolerance, self.lots)

    @step
    def monthly_counts(self) -> churn.MonthlyCounts:
        self._need_dates()
        return churn.monthly_counts(self.rows["time"], self.codes, len(self.classes))

    @step
    def volume(self) -> volume.Volume:
        dated = self.rows["time"].null_count() < len(self.rows)
        per_month = self.monthly_counts.counts.sum(axis=1) if dated else None
        return volume.monthly_volume(per_month, len(self.rows))

    @step
    def _dated_events(self) -> tuple[tuple[churn.ClassEvent, ...], frozenset[tuple[int, churn.Event]]]:
        found = churn.class_events(self.monthly_counts)
        return changes.in_force(found, self.classes.names, self.monthly_counts, self.batch.taxonomy or ())

    @property
    def class_events(self) -> tuple[churn.ClassEvent, ...]:
        return self._dated_events[0]

    @step
    def flows(self) -> tuple[churn.Flow, ...]:
        return churn.flows(self.class_events, self.backtest, self.codes, self.rows["time"])

    @step
    def class_changes(self) -> tuple[ClassChange, ...]:
        """Without enough periods for a backtest, births and deaths alone."""
        events, given = self._dated_events
        flows = () if self._periods_chosen is None else self.flows
        return changes.changes(self.classes.shown, events, flows, self.monthly_counts, given)

    @property
    def growth(self) -> Growth | None:
        return changes.growth(self.class_changes, self.monthly_counts)

    @step
    def _columns(self) -> tuple[sources.SourceColumn, ...]:
        columns = (sources.source_column(name, self.rows[f"segment:{name}"]) for name in self.batch.roles.segment)
        return tuple(column for column in columns if column is not None)

    @property
    def source_columns(self) -> tuple[sources.SourceColumn, ...]:
        if not self._columns:
            raise NotApplicable(
                "no segment column with two or more values that enough records share; name one with --segment"
            )
        return self._columns

    @step
    def aliases(self) -> tuple[side_by_side.Alias, ...]:
        sides = [
            side_by_side.Side(column.name, value, column.codes == code)
            for column in self._columns
            for code, value in enumerate(column.values[: -1 if column.pooled else None])
        ]
        undated = self.rows["time"].is_null().to_numpy()
        if undated.any() and not undated.all():
            sides.append(side_by_side.Side(None, "", undated))
        if not sides:
            raise NotApplicable("all records are of one source, as far as the columns tell; name some with --segment")
        phi = self.phi
        with self._stage("Names that keep to one source"):
            return side_by_side.aliases(phi, self.codes, self.classes.names, sides)

    @step
    def habits(self) -> tuple[sources.Habit, ...]:
        """Where one name follows the other, in time or from source to source, the source has no habit."""
        found = [(column, habit) for column in self.source_columns for habit in self._habits_of(column)]
        two_names = {(alias.inside, alias.outside) for alias in self.aliases} if found else set()
        return tuple(
            habit
            for column, habit in found
            if (habit.given, habit.expected) not in two_names and not self._of_another_time(column, habit)
        )

    def _of_another_time(self, column: sources.SourceColumn, habit: sources.Habit) -> bool:
        """Whether the source's records are of another time than those of the others that carry the expected class."""
        here = column.codes == column.values.index(habit.value)
        there = ~here & (self.codes == habit.expected)
        return bool(self._dated[here].any() != self._dated[there].any()) or self._in_turn(here, there)

    @step
    def relabelling_gain(self) -> float:
        """Accuracy against the labels as they would be without habits: trained on those, less trained on these."""
        corrected = self.codes.copy()
        for habit in self.habits:
            corrected[habit.rows] = habit.expected
        moments = proxy.relabelled(self.phi, self.codes, corrected, self.fold_moments)
        with self._stage("What if the habits were relabelled"):
            after = proxy.out_of_fold(self.phi, corrected, moments)
        return after.accuracy(corrected) - self.out_of_fold.accuracy(corrected)

    @step
    def _without_period(self) -> proxy.OutOfFold:
        """Every row predicted by a model of periods before and after its own."""
        moments, temperature, packs = self.fold_moments, self.out_of_fold.temperature, self._past.packs
        with self._stage("Leaving out each period"):
            groups = self.periods.with_undated
            return proxy.grouped_out_of_fold(self.phi, self.codes, moments, groups, temperature, packs)

    @step
    def period_habits(self) -> tuple[sources.Habit, ...]:
        chosen = self.periods
        column = sources.SourceColumn("period", (*chosen.names, "(no date)"), chosen.with_undated)
        return sources.find_habits(column, self.codes, self._without_period, self.out_of_fold)

    @step
    def redefinitions(self) -> tuple[redefinition.Redefinition, ...]:
        """Every pair of classes that enough texts lie between, but for classes that came or went."""
        changed = {event.code for event in self.class_events}
        probabilities = self._without_period.probabilities
        return redefinition.redefinitions(
            self.codes, probabilities, self.rows["time"], self.periods.codes, self.duplicates.near, changed
        )

    @step
    def halves(self) -> NDArray[np.int8]:
        """Per row 0 for the earlier half of the dated rows, 1 for the later one, -1 without a date."""
        found = dates.halves(self.rows["time"])
        if found is None:
            raise NotApplicable("an earlier and a later half take 20 records with dates, and two dates")
        return found

    @step
    def drift(self) -> drift_family.Drift:
        halves = self.halves
        pairs = () if self._periods_chosen is None else self.redefinitions
        _ = self.tokens, self.phi, self.fold_moments
        with self._stage("Drift"):
            return drift_family.drift(self, halves, pairs)

    def accuracy_without(self, words: Sequence[leakage.TellingWord]) -> leakage.WithoutWords:
        with self._stage("What if the codes were not in the text"):
            return leakage.accuracy_without(self.tokens, words, self.codes, len(self.classes), self.lots, self.items)

    def _habits_of(self, column: sources.SourceColumn) -> tuple[sources.Habit, ...]:
        with_source, moments = self.out_of_fold, self.fold_moments
        with self._stage(f"Leaving out each {column.name}"):
            without = proxy.grouped_out_of_fold(self.phi, self.codes, moments, column.codes, with_source.temperature)
            return sources.find_habits(column, self.codes, without, with_source)

    @contextmanager
    def _stage(self, title: str) -> Iterator[None]:
        self._on_stage(title)
        start = time.perf_counter()
        yield
        self._seconds[title] = time.perf_counter() - start
