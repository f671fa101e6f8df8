"""What prompting and training cost, against sums done by hand."""

from __future__ import annotations

import pytest

from auditor.config import load_config
from auditor.costs import KEYS, cost
from auditor.errors import ConfigError
from auditor.policy import decide, judge_gates
from tests.test_policy import measured

MEASURED = {"monthly_volume": 10_000.0, "tokens_per_record": 100.0, "taxonomy_tokens": 440.0, "training_rows": 50_000.0}
FREE = dict.fromkeys(KEYS, 0.0) | {"monthly_volume": 10_000.0, "retraining_every_months": 12.0}


def test_a_month_of_prompting_is_the_sum_of_its_tokens():
    prices = FREE | {"input_price": 2.0, "cached_input_price": 1.0, "output_price": 10.0, "examples": 10.0}
    found = cost(prices | {"output_tokens": 20.0}, MEASURED)
    # 500 cached tokens, 10 examples of 108 and the record of 100, 20 tokens of answer.
    assert found.prompt_tokens == 1680
    assert found.prompt_per_month == pytest.approx(10_000 * (500 * 1 + 1180 * 2 + 20 * 10) / 1e6)
    assert found.tuned_per_month == 0


def test_a_month_of_a_tuned_model_carries_its_part_of_the_retraining():
    prices = FREE | {"training_price": 5.0, "epochs": 2.0, "labelling_price": 0.5, "labels_each": 1000.0}
    found = cost(prices | {"hourly_rate": 100.0, "first_hours": 10.0, "retraining_hours": 1.0}, MEASURED)
    training = 50_000 * 168 * 2 * 5 / 1e6
    assert found.first_training == pytest.approx(training + 1000)
    assert found.each_retraining == pytest.approx(training + 500 + 100)
    assert found.tuned_per_month == pytest.approx(found.each_retraining / 12)


def test_break_even_in_months_and_in_records():
    prices = FREE | {"input_price": 1.0, "hourly_rate": 12.0, "first_hours": 1.0}
    found = cost(prices, MEASURED)
    # 10,000 records of 100 tokens at one a million: 1 a month against 12 once.
    assert found.break_even_months == pytest.approx(12)
    assert found.break_even_volume == pytest.approx(5_000)
    assert found.net_after_payback == pytest.approx(24 * 1 - 12)
    at_break_even = cost(prices | {"monthly_volume": found.break_even_volume}, MEASURED)
    assert at_break_even.break_even_months == pytest.approx(found.payback_months)


def test_what_never_pays_for_itself_has_no_break_even():
    found = cost(FREE | {"tuned_input_price": 5.0, "first_hours": 1.0, "hourly_rate": 1.0}, MEASURED)
    assert (found.break_even_months, found.break_even_volume) == (None, None)
    assert found.net_after_payback < 0


def test_the_tornado_names_what_moves_the_result_most_first():
    bars = cost({}, MEASURED).tornado
    spans = [abs(bar.at_double - bar.at_half) for bar in bars]
    assert spans == sorted(spans, reverse=True)
    assert bars[0].key in {"first_hours", "hourly_rate"}
    # Reviewing costs the same either way.
    assert not {"review_price", "reviewed_a_month"} & {bar.key for bar in bars}


def test_every_figure_says_where_it_comes_from():
    sources = {
        each.key: each.source for each in cost({"input_price": 1.0, "monthly_volume": 5.0}, MEASURED).assumptions
    }
    assert sources["input_price"] == sources["monthly_volume"] == "set in audit.toml"
    assert sources["tokens_per_record"] == "measured on the export"
    assert sources["output_price"] == "assumption of 2026-11"


def test_without_a_volume_there_is_no_cost():
    assert cost({}, {name: value for name, value in MEASURED.items() if name != "monthly_volume"}) is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("input_prise = 1", "'input_prise' is not a figure of cost. Did you mean 'input_price'?"),
        ("input_price = -1", "'cost.input_price' must be a number, 0 or more"),
        ("retraining_every_months = 0", "'retraining_every_months' must be above 0"),
    ],
)
def test_wrong_prices_are_refused(tmp_path, line, said):
    path = tmp_path / "audit.toml"
    path.write_text(f"[cost]\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("volume", "said"), [(100.0, "within 24 months only from 5,000 records a month"), (10_000.0, None)]
)
def test_training_that_does_not_pay_for_itself_is_a_condition(volume, said):
    prices = FREE | {"input_price": 1.0, "hourly_rate": 12.0, "first_hours": 1.0, "monthly_volume": volume}
    outcomes = measured()
    conditions = decide(judge_gates(outcomes), (), outcomes, cost=cost(prices, MEASURED)).conditions
    assert [said in each for each in conditions if "worth its price" in each] == ([True] if said else [])
