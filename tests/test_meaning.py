"""What cells mean: dates, columns and labels, in small tables written as the tools of this world write them."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, timedelta
from datetime import datetime as D
from pathlib import Path

import polars as pl
import pytest

from auditor.api import audit
from auditor.batch import load
from auditor.config import Config, Read
from auditor.errors import ConfigError, InputError
from auditor.evidence.classes import fold_labels
from auditor.inputs.dates import parse_times
from auditor.model import GateId, GateStatus
from reports import text
from tests.exports import export, saved

NOTES = export(240)
DAYS = [D(2023, 1, 2) + timedelta(days=3 * step, hours=step % 24, minutes=7) for step in range(240)]


@pytest.fixture
def loaded(tmp_path):
    """Loads a frame as an export; settings are those of the command line."""

    def run(frame, name="export.csv", **settings):
        return load(Config(**{"export": saved(frame, tmp_path, name), **settings}))

    return run


def times(*values):
    return parse_times(pl.Series(values, strict=False)).times.to_list()


def as_ticks(moment):
    return str((moment - D(1, 1, 1)) // timedelta(microseconds=1) * 10)


def as_file_time(moment):
    return str((moment - D(1601, 1, 1)) // timedelta(microseconds=1) * 10)


def as_serial(moment):
    return str(round((moment - D(1899, 12, 30)) / timedelta(days=1), 9))


def since_1970(per_second):
    return lambda moment: str(int(moment.replace(tzinfo=UTC).timestamp() * per_second))


def spelled(form):
    return lambda moment: moment.strftime(form)


SYSTEMS = {
    "minutes of HL7": spelled("%Y%m%d%H%M"),
    "seconds of HL7": spelled("%Y%m%d%H%M%S"),
    "thousandths of HL7": spelled("%Y%m%d%H%M%S.000"),
    "hours": spelled("%Y%m%d%H"),
    "two digits of the year": spelled("%y%m%d%H%M"),
    "ticks of .NET": as_ticks,
    "file times of Windows": as_file_time,
    "days of Excel": as_serial,
    "seconds": since_1970(1),
    "thousandths": since_1970(10**3),
    "millionths": since_1970(10**6),
    "dates of JSON": lambda moment: f"/Date({since_1970(1000)(moment)})/",
    "Jira": lambda moment: moment.strftime("%d/%b/%y %I:%M %p").replace(" 0", " "),
    "Twitter": spelled("%a %b %d %H:%M:%S +0000 %Y"),
    "Unix": spelled("%a %b %d %H:%M:%S UTC %Y"),
    "Apache": spelled("%d/%b/%Y:%H:%M:%S +0000"),
    "DB2": spelled("%Y-%m-%d-%H.%M.%S.000000"),
    "points in the clock": spelled("%d.%m.%Y %H.%M"),
    "strokes and points": spelled("%d-%m-%Y %H.%M"),
    "JavaScript": spelled("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)"),
    "Java": spelled("%Y-%m-%dT%H:%M:%SZ[UTC]"),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_column_of_moments_is_read_whatever_wrote_it(system):
    read = times(*(SYSTEMS[system](day) for day in DAYS))
    whole_hours = system == "hours"
    assert all(
        abs(a - (b.replace(minute=0) if whole_hours else b)) < timedelta(seconds=1)
        for a, b in zip(read, DAYS, strict=True)
    )


MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "hr": "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
}


@pytest.mark.parametrize("language", MONTHS)
def test_the_language_of_a_column_is_the_one_that_reads_it(language):
    names = MONTHS[language].split()
    assert times(*(f"14 {name} 2024" for name in names)) == [D(2024, month, 14) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("value", "month"),
    [
        ("14 janv. 2024", 1), ("lundi 14 août 2024", 8), ("mar. 14 mai 2024", 5),
        ("14. März 2024", 3), ("Do, 14. Dez. 2024", 12),
        ("14 mrt 2024", 3), ("14 de marzo de 2024", 3), ("14/dez/2024", 12), ("14-lug-2024", 7),
        ("14. listopadu 2024", 11), ("14 января 2024 г.", 1), ("14 Şubat 2024", 2), ("14 maj 2024", 5),
        ("14. toukokuuta 2024", 5), ("2024. március 14.", 3), ("14 ก.พ. 2567", 2), ("2024年3月14日", 3),
        ("2024년 3월 14일", 3), ("2024. 3. 14.", 3),
    ],
)  # fmt: skip
def test_a_month_in_words_is_read_in_many_languages(value, month):
    assert times(value) == [D(2024, month, 14)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["14/MAR/2024 às 10:15"], [D(2024, 3, 14, 10, 15)]),
        (["14.03.2024 um 10:15 Uhr"], [D(2024, 3, 14, 10, 15)]),
        (["14/03/2024 03:15 p.\u00a0m."], [D(2024, 3, 14, 15, 15)]),
        (["2024年03月14日 10時15分"], [D(2024, 3, 14, 10, 15)]),
        (["Mar 14, 2024 @ 10:15:00.000"], [D(2024, 3, 14, 10, 15)]),
        (["14MAR2024:10:15:00"], [D(2024, 3, 14, 10, 15)]),
        (["[14/Mar/2024:10:15:00 +0000]"], [D(2024, 3, 14, 10, 15)]),
        (["10:15:00 14.03.2024"], [D(2024, 3, 14, 10, 15)]),
        (["45365,25"], [D(2024, 3, 14, 6)]),
        (["'2024-03-14"], [D(2024, 3, 14)]),
        (["2023/01", "2023/12", "2023/52"], [D(2023, 1, 2), D(2023, 3, 20), D(2023, 12, 25)]),
        (["1Q24", "T2 2024", "3rd quarter 2024", "4. Quartal 2024"], [D(2024, m, 1) for m in (1, 4, 7, 10)]),
        (["FY2024-P03"], [D(2024, 3, 1)]),
        (["14/03/2567", "15/03/2567"], [D(2024, 3, 14), D(2024, 3, 15)]),
        (["2024-01-31 10:00 EST"], [D(2024, 1, 31, 15)]),
        (["2024-01-31 10:00:00 CET"], [D(2024, 1, 31, 9)]),
        (["Jan 31, 2024 10:00 AM PDT"], [D(2024, 1, 31, 17)]),
        (["2024-01-31T10:00:00+0530"], [D(2024, 1, 31, 4, 30)]),
        (["2023-W05", "2023W06", "2023-W07-3"], [D(2023, 1, 30), D(2023, 2, 6), D(2023, 2, 15)]),
        (["202301", "202312", "202352"], [D(2023, 1, 2), D(2023, 3, 20), D(2023, 12, 25)]),
        (["202301", "202311", "202312"], [D(2023, 1, 1), D(2023, 11, 1), D(2023, 12, 1)]),
        (["KW 5/2023", "Week 6, 2023", "W07 2023"], [D(2023, 1, 30), D(2023, 2, 6), D(2023, 2, 13)]),
        (["Q1 2023", "2023Q2", "2023-Q3", "Q4/23"], [D(2023, m, 1) for m in (1, 4, 7, 10)]),
        (["FY2023", "FY24", "FY2025/26"], [D(2023, 1, 1), D(2024, 1, 1), D(2025, 1, 1)]),
        (["2009/10", "2010/11", "2011/12"], [D(2009, 1, 1), D(2010, 1, 1), D(2011, 1, 1)]),
        (["2009/10", "2010/11", "2011/11"], [D(2009, 10, 1), D(2010, 11, 1), D(2011, 11, 1)]),
        (["FY23 Q1", "Q2 FY2023"], [D(2023, 1, 1), D(2023, 4, 1)]),
        (["01/2023", "12.2023", "Mar-23", "2023 April"], [D(2023, m, 1) for m in (1, 12, 3, 4)]),
        (["2024060", "2024366"], [D(2024, 2, 29), D(2024, 12, 31)]),
        (["24/01/05", "24/01/28", "24/02/29", "23/12/13", "23/12/14"],
         [D(2024, 1, 5), D(2024, 1, 28), D(2024, 2, 29), D(2023, 12, 13), D(2023, 12, 14)]),
        (["31012024", "05022024"], [D(2024, 1, 31), D(2024, 2, 5)]),
        (["240131", "240205", "231230"], [D(2024, 1, 31), D(2024, 2, 5), D(2023, 12, 30)]),
    ],
)  # fmt: skip
def test_other_spellings_of_time_are_read(values, expected):
    assert times(*values) == expected


@pytest.mark.parametrize("value", ["202400000000", "2409001300", "3123456789", "150000000000", "99999"])
def test_digits_of_no_likely_time_are_no_dates(value):
    assert times(value) == [None]


def dated(values):
    return NOTES.with_columns(day=pl.Series(values, dtype=pl.String))


@pytest.mark.parametrize(
    ("form", "first", "settled"),
    [("%d/%m/%Y", "month", "%m/%d/%Y"), ("%m-%d-%y", "month", "%m-%d-%Y"), ("%m/%d/%Y %H:%M", "month", "%m/%d/%Y")],
)
def test_where_nothing_tells_day_from_month_it_is_said_and_stability_is_not_known(loaded, form, first, settled):
    days = [D(2023, 1 + step % 12, 1 + step // 12 % 12, 10, 5) for step in range(240)]
    intake = loaded(dated([day.strftime(form) for day in days]), time="day").intake
    (notice,) = intake.notices
    assert f"the dates are read {first} first" in notice.text
    assert f'date_format = "{settled}"' in notice.text
    assert "[read]" in notice.text
    assert notice.gates == (GateId.STABILITY,)


def test_the_format_settles_the_order(loaded):
    days = [D(2023, 1 + step % 12, 1 + step // 12 % 12) for step in range(240)]
    batch = loaded(dated([f"{day:%d/%m/%Y}" for day in days]), time="day", read=Read(date_format="%d/%m/%Y"))
    assert sorted(batch.frame["time"]) == sorted(days)
    assert batch.intake.notices == ()


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y"])
@pytest.mark.parametrize("day", [1, 5])
def test_reports_of_months_tell_the_order(loaded, form, day):
    days = [D(2023 + step % 2, 1 + step % 12, day) for step in range(240)]
    batch = loaded(dated([each.strftime(form) for each in days]), time="day")
    assert sorted(batch.frame["time"]) == sorted(days)
    assert batch.intake.notices == ()


def test_twelve_days_of_january_or_twelve_months_are_not_told(loaded):
    batch = loaded(dated([f"01/{1 + step % 12:02}/2023" for step in range(240)]), time="day")
    assert [notice.gates for notice in batch.intake.notices] == [(GateId.STABILITY,)]


@pytest.mark.parametrize("other", ["%m/%d/%Y", "%m/%d/%Y %I:%M %p", "%m/%d/%y"])
def test_both_orders_are_refused_with_row_numbers(loaded, other):
    values = [day.strftime(other if step % 3 == 0 else "%d/%m/%Y") for step, day in enumerate(DAYS)]
    with pytest.raises(InputError, match=r"stand in two orders: .* \(rows [\d, ]+ and \d+ more\)\. Export"):
        loaded(dated(values), time="day")


def test_one_order_in_each_source_is_read_source_by_source(loaded):
    payers = NOTES["payer"].to_list()
    values = [
        f"{day:%m/%d/%Y}" if payer == "north" else f"{day:%d/%m/%Y}" for day, payer in zip(DAYS, payers, strict=True)
    ]
    batch = loaded(dated(values), time="day", segment=("payer",))
    assert sorted(batch.frame["time"]) == [D(day.year, day.month, day.day) for day in DAYS]
    assert "column 'payer' tells which" in batch.intake.notices[0].text


def test_a_slip_among_many_is_named_by_its_row(loaded):
    values = [f"{date(2023, 1, 1) + timedelta(days=step):%d/%m/%Y}" for step in range(240)]
    values[7] = "08/28/2023"
    (notice,) = loaded(dated(values), time="day").intake.notices
    assert "row 8 can only be month first" in notice.text
    assert notice.gates == ()


@pytest.mark.parametrize("junk", ["see file", "n/k", "next week"])
def test_a_third_that_is_no_date_is_said(loaded, junk):
    values = [junk if step % 3 == 0 else f"{day:%Y-%m-%d}" for step, day in enumerate(DAYS)]
    batch = loaded(dated(values))
    assert batch.roles.time == "day"
    (notice,) = batch.intake.notices
    assert notice.text.startswith("80 of 240 dates in column 'day' cannot be read (rows 1, 4, 7, 10, 13 and 75 more)")
    assert notice.gates == (GateId.STABILITY,)
    assert junk not in notice.text


@pytest.mark.parametrize(
    ("form", "values", "first"),
    [
        ("%Y%m%d%H%M", ["202409280513"], D(2024, 9, 28, 5, 13)),
        ("%m/%Y", ["09/2024"], D(2024, 9, 1)),
        ("%y%m%d", ["240131"], D(2024, 1, 31)),
        ("%G-W%V", ["2023-W05"], D(2023, 1, 30)),
        ("%d.%m.%Y %H.%M", ["31.01.2024 13.45"], D(2024, 1, 31, 13, 45)),
        ("%Y", ["2024"], D(2024, 1, 1)),
        ("%Y-%m-%dT%H:%M:%S%z", ["2024-01-31T10:00:00+0200"], D(2024, 1, 31, 8)),
    ],
)
def test_a_format_is_read_to_the_letter(loaded, form, values, first):
    batch = loaded(dated(values * 240), time="day", read=Read(date_format=form))
    assert batch.frame["time"][0] == first


def test_with_a_format_another_order_is_refused_and_named(loaded):
    values = [f"{day:%m/%d/%Y}" if 100 <= step < 120 else f"{day:%d/%m/%Y}" for step, day in enumerate(DAYS)]
    with pytest.raises(InputError, match=r"are not as 'date_format' in \[read\] says \(rows 10\d, "):
        loaded(dated(values), time="day", read=Read(date_format="%d/%m/%Y"))


@pytest.mark.parametrize(
    ("form", "error", "sentence"),
    [
        ("%d of %B", ConfigError, "has a year"),
        ("%Y-%Q", InputError, "not as"),
        ("%H:%M %Y/%d/%m", InputError, "not as"),
    ],
)
def test_a_format_that_does_not_fit_is_refused(loaded, form, error, sentence):
    with pytest.raises(error, match=sentence):
        loaded(dated([f"{day:%d/%m/%Y}" for day in DAYS]), time="day", read=Read(date_format=form))


def test_the_complaint_about_a_text_named_as_time_quotes_none(loaded):
    with pytest.raises(InputError) as caught:
        loaded(NOTES.with_columns(note=pl.lit("secret word")), time="note", text=("payer",), label="label")
    assert "secret" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("named", [True, False])
def test_too_few_dated_records_are_the_reason_and_not_the_column(tmp_path, named):
    settings = {"time": "day"} if named else {}
    two_years = NOTES.filter(pl.col("day") >= date(2023, 1, 1))
    result, _ = audit(Config(export=saved(two_years, tmp_path), text=("note",), label="label", **settings))
    gate = next(gate for gate in result.gates if gate.id is GateId.STABILITY)
    assert "fewer than 600 dated records (160 here)" in text.summary(gate)
    assert gate.status is GateStatus.UNKNOWN
    assert not any("--time" in action.text for action in result.verdict.would_change)


def people(names, agree=3):
    """Each person's label of each record; now and then another."""
    labels, classes = NOTES["label"].to_list(), sorted(set(NOTES["label"]))
    return NOTES.select("note").with_columns(
        pl.Series(
            name, [classes[(classes.index(label) + (row % agree == place)) % 4] for row, label in enumerate(labels)]
        )
        for place, name in enumerate(names)
    )


@pytest.mark.parametrize(
    "names",
    [["annotator_1", "annotator_2", "annotator_3"], ["label_ann", "label_bob"], ["Reviewer 1", "Reviewer 2"],
     ["coder.a", "coder.b", "coder.c"]],
)  # fmt: skip
def test_which_of_several_people_gives_the_label_is_asked(loaded, names):
    with pytest.raises(ConfigError, match=r"^Which column is the label\? .*Pass --label COL\.$") as caught:
        loaded(people(names))
    assert all(f"'{name}'" in str(caught.value) for name in names)
    roles = loaded(people(names), label=names[0]).roles
    assert (roles.annotator, roles.segment) == (None, ())


def ticket(**columns):
    number = range(240)
    chosen = {
        "product": [["TV", "Phone", "Laptop"][row % 3] for row in number],
        "tag": [[None, "net", "bug", "pay"][row % 4] for row in number],
        "other": [[None, "net", "bug", "pay"][row // 2 % 4] for row in number],
        "status": [["open", "closed"][row // 2 % 2] for row in number],
        "kind": NOTES["label"].to_list(),
    }
    return NOTES.select("note").with_columns(pl.Series(name, chosen[values]) for name, values in columns.items())


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"Product Purchased": "product", "Ticket Type": "kind"}, ["Product Purchased", "Ticket Type"]),
        ({"category": "kind", "topic": "product"}, ["category", "topic"]),
        ({"state": "status", "desk": "kind", "wing": "product"}, ["desk", "wing"]),
    ],
)  # fmt: skip
def test_labels_that_look_alike_are_asked_about_the_likeliest_first(loaded, columns, named):
    with pytest.raises(ConfigError) as caught:
        loaded(ticket(**columns))
    places = [str(caught.value).index(f"'{name}' (") for name in named]
    assert places


@pytest.mark.parametrize(
    ("columns", "label"),
    [
        ({"type": "kind", "tag_1": "tag", "tag_2": "other"}, "type"),
        ({"Labels": "tag", "Labels_1": "other", "Issue Type": "kind"}, "Issue Type"),
        ({"queue": "kind", "tag1": "tag", "tag2": "other", "status": "status"}, "queue"),
    ],
)
def test_one_of_a_series_is_not_the_label(loaded, columns, label):
    assert loaded(ticket(**columns)).roles.label == label


@pytest.mark.parametrize(
    ("old", "new"),
    [("label", "category"), ("note", "description"), ("day", "received_at")],
)
def test_a_column_renamed_half_way_is_one_and_that_is_said(loaded, old, new):
    half = NOTES.with_row_index("row")
    frame = half.with_columns(
        pl.when(pl.col("row") < 120).then(old).alias(old), pl.when(pl.col("row") >= 120).then(old).alias(new)
    ).drop("row", "claim", "payer", "amount")
    whole = loaded(NOTES.drop("claim", "payer", "amount")).frame
    for settings in ({}, {"label": "category"} if new == "category" else {}):
        batch = loaded(frame, "export.parquet", **settings)
        assert batch.frame.select("text", "label", "time").equals(whole.select("text", "label", "time"))
        (notice,) = batch.intake.notices
        assert f"Column '{old}' ends at row 120 and column '{new}' starts at row 121" in notice.text


def test_columns_that_take_turns_with_other_values_stay_two(loaded):
    frame = NOTES.with_row_index("row").with_columns(
        site=pl.when(pl.col("row") < 120).then(pl.lit("north")),
        room=pl.when(pl.col("row") >= 120).then(pl.lit("cellar")),
    )
    batch = loaded(frame, "export.parquet", text=("note",), label="label")
    assert batch.intake.notices == ()


@pytest.mark.parametrize("name", ["data", "meta"])
def test_a_text_that_is_an_object_is_refused(loaded, name):
    frame = NOTES.select("label", pl.struct(text="note").alias(name))
    with pytest.raises(ConfigError, match="holds several values"):
        loaded(frame, "export.parquet", text=(name,), label="label")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0"), ("1", "001"), ("Other", "Other "), ("Other", "Оther"), ("coding", "соding"), ("A", "А"),
        ("Follow-up", "Follow–up"), ("Late filing", "Late\u00a0filing"), ("Coding", "Cod\u200bing"), ("Ａ1", "a1"),
        ("НЕТ", "нет"), ("Вода", "вода"),
    ],
)  # fmt: skip
def test_spellings_that_look_alike_are_one_class(one, other):
    folded_classes = fold_labels(pl.Series([one, other, one, "else"]))
    assert folded_classes.names == (one, "else")
    assert folded_classes.spellings[one] == {one: 2, other: 1}


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.1"), ("10", "1"), ("0", "00x"), ("рот", "кот"), ("1", "-1")])
def test_names_that_only_resemble_stay_two(one, other):
    assert len(fold_labels(pl.Series([one, other]))) == 2


def test_numbers_spelled_in_two_ways_are_named(tmp_path):
    frame = NOTES.with_columns(label=pl.Series([f"{row % 3}" + (".0" if row % 2 else "") for row in range(240)]))
    result, _ = audit(Config(export=saved(frame, tmp_path), text=("note",), label="label", select=("LAB003",)))
    assert len(result.classes) == 3
    (check,) = [check for check in result.checks if check.code == "LAB003"]
    assert check.measurements["respelled_classes"] == 3


AS_LISTS = {
    "semicolons": ";".join,
    "semicolons and spaces": "; ".join,
    "bars": "|".join,
    "commas": ", ".join,
    "hashes": lambda labels: " ".join(f"#{label}" for label in labels),
    "hashes between": "#".join,
    "JSON": json.dumps,
    "Python": repr,
    "NumPy": lambda labels: "[" + " ".join(f"'{label}'" for label in labels) + "]",
    "PostgreSQL": lambda labels: "{" + ",".join(labels) + "}",
    "choices of Label Studio": lambda labels: json.dumps({"choices": labels}) if len(labels) > 1 else labels[0],
    "SharePoint": ";#".join,
    "spaCy": lambda labels: json.dumps({name: int(name in labels) for name in ("billing", "coding", "late filing")}),
}
SETS = (["billing"], ["coding"], ["late filing"], ["billing", "coding"], ["late filing", "billing"])
SET_NAMES = {"billing", "coding", "late filing", "billing + coding", "billing + late filing"}


def with_sets(write, rows=240):
    return NOTES.head(rows).select("note").with_columns(topics=pl.Series([write(SETS[row % 5]) for row in range(rows)]))


@pytest.mark.parametrize("spelling", AS_LISTS)
def test_few_sets_of_labels_are_classes_and_that_is_said(loaded, spelling):
    batch = loaded(with_sets(AS_LISTS[spelling]), "export.parquet", text=("note",), label="topics")
    assert set(batch.frame["label"]) == SET_NAMES
    (notice,) = batch.intake.notices
    assert "each of the 5 sets of labels is read as a class of its own" in notice.text
    assert "--label-is NAME" in notice.text


@pytest.mark.parametrize("spelling", AS_LISTS)
def test_small_sets_are_refused_with_the_way_on(loaded, spelling):
    with pytest.raises(ConfigError, match=r"3 labels make 5 sets, of which 5 have fewer than 30 rows.*--label-is NAME"):
        loaded(with_sets(AS_LISTS[spelling], 120), "export.parquet", text=("note",), label="topics")


@pytest.mark.parametrize("spelling", AS_LISTS)
def test_one_label_is_audited_as_yes_or_no(loaded, spelling):
    frame = with_sets(AS_LISTS[spelling], 120)
    batch = loaded(frame, "export.parquet", text=("note",), label="topics", label_is="Billing")
    assert dict(batch.frame["label"].value_counts().rows()) == {"billing": 72, "not billing": 48}


def test_lists_are_read_from_json_and_parquet(loaded, tmp_path):
    frame = with_sets(list)
    assert set(loaded(frame, "export.parquet").frame["label"]) == SET_NAMES
    frame.write_ndjson(tmp_path / "export.jsonl")
    assert set(load(Config(export=str(tmp_path / "export.jsonl"))).frame["label"]) == SET_NAMES


@pytest.mark.parametrize("empty", ["[]", "{}", ""])
def test_lists_of_one_are_plain_labels_and_empty_ones_are_missing(loaded, empty):
    labels = [empty if row % 4 == 0 else f'["{label}"]' for row, label in enumerate(NOTES["label"])]
    batch = loaded(NOTES.with_columns(label=pl.Series(labels)), text=("note",), label="label")
    assert set(batch.frame["label"].drop_nulls()) <= set(NOTES["label"])
    assert (batch.intake.missing_label, batch.intake.notices) == (60, ())


@pytest.mark.parametrize(
    "names",
    [
        ["Medical, inpatient", "Medical, outpatient", "Dental, inpatient", "Dental, outpatient"],
        ["Loans|Cars", "Loans|Houses", "Cards|Debit", "Cards|Credit"],
        ["Credit reporting, repair services, or other", "Mortgage", "Debt collection", "Money transfer, currency"],
        ["[old] billing", "[new] billing", "coding", "other"],
    ],
)  # fmt: skip
def test_names_with_marks_in_them_are_single_labels(loaded, names):
    frame = NOTES.with_columns(label=pl.Series([names[row % 4] for row in range(240)]))
    batch = loaded(frame, text=("note",), label="label")
    assert set(batch.frame["label"]) == set(names)
    assert not any("several labels" in notice.text for notice in batch.intake.notices)


def test_an_answer_that_comes_twice_is_of_several_people(loaded):
    frame = NOTES.with_columns(label=pl.Series([[label, label] for label in NOTES["label"]]))
    with pytest.raises(ConfigError, match="answers of several people"):
        loaded(frame, "export.parquet", text=("note",), label="label")


@pytest.mark.parametrize("values", [(0, 1), ("0", "1"), (False, True), (0.0, 1.0)])
def test_columns_of_0_and_1_are_labels(loaded, values):
    frame = NOTES.select("note").with_columns(
        pl.Series(name, [values[name in SETS[row % 5]] for row in range(240)]) for name in SET_NAMES if "+" not in name
    )
    batch = loaded(frame, "export.parquet")
    assert set(batch.frame["label"]) == SET_NAMES
    assert "--label-is" in batch.intake.notices[0].text
    batch = loaded(frame, "export.parquet", label_is="late filing")
    assert dict(batch.frame["label"].value_counts().rows()) == {"late filing": 96, "not late filing": 144}


def test_switches_beside_a_label_are_no_labels(loaded):
    frame = NOTES.with_columns(
        pl.Series(f"is_{name}", [row % size == 0 for row in range(240)])
        for size, name in enumerate(("vip", "new", "late"), 2)
    )
    assert loaded(frame, "export.parquet").roles.label == "label"


def test_a_label_that_no_row_has_is_refused(loaded):
    with pytest.raises(ConfigError, match=r"No row has the label 'biling' .* Did you mean 'billing'\?"):
        loaded(NOTES, text=("note",), label="label", label_is="biling")


@pytest.mark.parametrize(
    ("column", "stands", "falls"),
    [("answer", "accept", "reject"), ("answer", "accept", "ignore"), ("status", "submitted", "discarded"),
     ("label.responses.status", "submitted", "draft"), ("was_cancelled", "False", "True")],
)  # fmt: skip
def test_a_withdrawn_label_is_missing_and_that_is_said(loaded, column, stands, falls):
    frame = NOTES.with_columns(pl.Series([falls if row % 3 == 0 else stands for row in range(240)]).alias(column))
    batch = loaded(frame)
    assert batch.intake.missing_label == 80
    (notice,) = batch.intake.notices
    assert f"Column '{column}' says" in notice.text
    assert "of 80 of 240 records" in notice.text


@pytest.mark.parametrize(
    "answers",
    [
        [f"It says that {note} {row}" for row, note in enumerate(NOTES["note"])],
        [f"number {row}" if row % 3 else "unknown" for row in range(240)],
        ["no more: " + " ".join(note.split()[:16]) if row % 2 else "yes" for row, note in enumerate(NOTES["note"])],
    ],
)  # fmt: skip
def test_free_answers_are_no_classes(loaded, answers):
    with pytest.raises(InputError, match="this is no classification") as caught:
        loaded(NOTES.with_columns(label=pl.Series(answers)), text=("note",), label="label")
    assert answers[1] not in str(caught.value)


@pytest.mark.parametrize(("start", "years"), [(2001, "1992 to 1993"), (1960, "2033 to 2034")])
def test_seconds_that_may_count_from_another_day_are_said(loaded, start, years):
    moments = [
        str(int((D(2023, 1, 2) + timedelta(days=3 * row) - D(start, 1, 1)).total_seconds())) for row in range(240)
    ]
    frame = NOTES.with_columns(day=pl.Series(moments))
    batch = loaded(frame, text=("note",), label="label", time="day")
    (notice,) = (notice for notice in batch.intake.notices if "seconds since 1970" in notice.text)
    assert years in notice.text
    assert notice.gates == (GateId.STABILITY,)


def test_more_classes_than_an_audit_compares_are_refused(loaded):
    frame = pl.concat([NOTES] * 50).with_columns(label=pl.Series([f"class {row % 5500}" for row in range(12_000)]))
    with pytest.raises(InputError, match=r"5,500 different labels in 12,000 records, and an audit compares 5,000"):
        loaded(frame, text=("note",), label="label")


def test_two_records_are_refused_in_a_sentence(loaded):
    with pytest.raises(InputError, match="2 different labels in 2 records"):
        loaded(pl.DataFrame({"note": ["late claim", "wrong code"], "label": ["a", "b"]}), text=("note",), label="label")


DOCS = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8").partition("\n## Dates\n")[2]
LINES = re.findall(r"^\| (`.*`) \| (\d{4}-\d\d-\d\d \d\d:\d\d) \|$", DOCS, re.MULTILINE)
EXAMPLES = re.findall(r"```csv\n(.*?)```\n\n((?:> [^\n]*\n)+)", DOCS, re.DOTALL)
TIMES_OVER = 200


@pytest.mark.parametrize(("cells", "first"), LINES)
def test_the_dates_of_the_manual_are_read_as_it_says(cells, first):
    read = times(*re.findall(r"`([^`]*)`", cells))
    assert f"{read[0]:%Y-%m-%d %H:%M}" == first
    assert None not in read


def numbered(line, column, row):
    return ",".join(cell + f" {row}" * (place == column) for place, cell in enumerate(line.split(",")))


@pytest.mark.parametrize(("table", "said"), EXAMPLES)
def test_the_examples_of_the_manual_say_what_it_says(tmp_path, table, said):
    header, *rows = table.strip().split("\n")
    # Every text of its own, as in a real export.
    text = header.split(",").index("text" if "text" in header.split(",") else "note")
    body = [numbered(rows[row % len(rows)], text, row) for row in range(TIMES_OVER - TIMES_OVER % len(rows))]
    sentence = " ".join(line.removeprefix("> ") for line in said.strip().split("\n"))
    (tmp_path / "export.csv").write_text("\n".join([header, *body]))
    try:
        notices = [notice.text for notice in load(Config(export=str(tmp_path / "export.csv"))).intake.notices]
    except ConfigError as refused:
        notices = [str(refused)]
    assert any(sentence in notice for notice in notices), notices


def test_the_manual_has_examples():
    assert len(LINES) > 15
    assert len(EXAMPLES) >= 5


@pytest.mark.slow
def test_one_label_as_yes_or_no_from_the_command_line(auditor, tmp_path):
    saved(NOTES, tmp_path)
    code, *_ = auditor("run", "export.parquet", "--label", "label", "--label-is", "billing", "--out", "out")
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert code == 0
    assert {row["label"] for row in report["classes"]} == {"billing", "not billing"}


@pytest.mark.parametrize("word", [lambda row: f"w{chr(97 + row // 16)}{chr(97 + row % 16)}x"])
def test_texts_that_share_no_word_are_refused_in_a_sentence(auditor, tmp_path, word):
    saved(NOTES.with_columns(note=pl.Series([word(row) for row in range(240)])), tmp_path)
    code, _, complaint = auditor("run", "export.parquet", "--text", "note", "--label", "label", "--out", "out")
    assert (code, complaint.startswith("No word occurs in two texts")) == (3, True)
