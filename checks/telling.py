"""What PAT004 and PAT007 ask of a word that tells the class."""

from __future__ import annotations

from auditor.check import Parameter
from auditor.evidence.leakage import PRECISION
from auditor.evidence.shown import SHARED_BY

PARAMETERS = (
    Parameter("rows", SHARED_BY, "house rule: fewer different records could be told apart by the word"),
    Parameter("precision", PRECISION, "house rule: leaves room for label noise"),
)
