"""What PAT004, PAT007 and PAT011 ask of a word that tells the class."""

from __future__ import annotations

from auditor.check import Parameter
from auditor.evidence.leakage import CODE_COVERAGE, LEFT_OUT, PRECISION
from auditor.model import SHARED_BY

PARAMETERS = (
    Parameter("rows", SHARED_BY, "house rule: fewer different records could be told apart by the word"),
    Parameter("precision", PRECISION, "house rule: leaves room for label noise"),
    Parameter("left_out", LEFT_OUT, "house rule, 2026: with it half as often another class as among all records"),
)
# Of a code, or of the label's own name.
COVERAGE = Parameter("coverage", CODE_COVERAGE, "house rule: a third of the class leans on it")
