"""An estimator gets counts, sums or a sample, nothing that is as long as the export: (n,) in every docstring."""

from __future__ import annotations

from pathlib import Path

import pytest

import auditor.estimators

MODULES = sorted(Path(auditor.estimators.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_estimator_takes_what_is_as_long_as_the_export(path):
    source = path.read_text(encoding="utf-8")
    assert "(n," not in source
    assert "scipy.sparse" not in source
