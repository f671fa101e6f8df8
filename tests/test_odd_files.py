"""The odd files of the benchmark, as tools write them: what is read is read rightly, and most of it is read."""

import pytest

from benchmarks.odd_files import MODULES, READ, SAID, WRONG, outcome

pytestmark = pytest.mark.slow

# Minutes of DuckDB's planner; the benchmark has it.
SLOW = "two_thousand_columns.csv"
FILES = [odd for module in MODULES for odd in module.odd_files() if odd.file != SLOW]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What each file gives, by its name."""
    folder = tmp_path_factory.mktemp("odd")
    return {odd.file: outcome(odd, folder) for odd in FILES}


@pytest.mark.parametrize("name", [odd.file for odd in FILES])
def test_no_odd_file_is_read_wrongly_in_silence(outcomes, name):
    assert outcomes[name].what != WRONG, outcomes[name].why


def test_most_of_what_can_be_audited_is_audited(outcomes):
    audits = [each for each in outcomes.values() if each.audit]
    assert sum(each.what in (READ, SAID) for each in audits) >= 0.8 * len(audits)
