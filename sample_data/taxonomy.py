"""The 47 denial categories, and the one that is born later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OFFSET = 25.0
_LARGEST_TO_SMALLEST = 96.0
_FEWEST_ROWS = 4


@dataclass(frozen=True)
class Category:
    """One denial reason. ``near`` holds the keys of categories that its notes mention in passing."""

    key: str
    name: str
    family: str
    near: tuple[str, ...]


def _category(key: str, name: str, family: str, near: str) -> Category:
    return Category(key, name, family, tuple(near.split()))


# By size, largest first: the position sets a category's share of the rows.
CATEGORIES: tuple[Category, ...] = (
    _category("mednec", "Medical necessity not met", "clinical", "loc cstay docs exper"),
    _category("pa", "Prior authorization missing", "auth", "expired retro refer authloc conc"),
    _category("docs", "Clinical documentation insufficient", "records", "tplan records time mednec sign"),
    _category("cob", "Coordination of benefits", "coverage", "primary elig idm term"),
    _category("dup", "Duplicate claim", "billing", "corr bundle timely mod"),
    _category("oon", "Out of network provider", "provider", "cred rate notcov pa"),
    _category("loc", "Lower level of care appropriate", "clinical", "mednec cstay authloc stay"),
    _category("mod", "Modifier missing or invalid", "billing", "proc pos rev cred bundle"),
    _category("units", "Authorization units exceeded", "auth", "bmax daily expired stay"),
    _category("expired", "Authorization expired", "auth", "pa units conc retro"),
    _category("term", "Coverage terminated", "coverage", "elig cob idm"),
    _category("timely", "Timely filing limit passed", "billing", "appeal corr dup records"),
    _category("elig", "Member not eligible on service date", "coverage", "term idm wait cob"),
    _category("records", "Requested records not received", "records", "docs consent appeal timely"),
    _category("cred", "Provider not credentialed", "provider", "npi superv tax oon lic"),
    _category("bmax", "Benefit maximum reached", "coverage", "units notcov stay daily"),
    _category("proc", "Invalid procedure code", "billing", "mod rev dxproc notcov"),
    _category("cstay", "Continued stay criteria not met", "clinical", "mednec loc conc stay"),
    _category("conc", "Concurrent review not submitted", "auth", "cstay expired pa retro"),
    _category("dxproc", "Diagnosis does not support procedure", "billing", "dxex proc mod mednec"),
    _category("bundle", "Bundled service", "billing", "dup daily mod rate"),
    _category("notcov", "Service not covered by plan", "coverage", "dxex bmax exper wait oon"),
    _category("tplan", "Treatment plan missing or outdated", "records", "docs assess sign"),
    _category("primary", "Primary payer explanation missing", "coverage", "cob records corr"),
    _category("authloc", "Authorized level of care mismatch", "auth", "loc pa rev units"),
    _category("pos", "Place of service incorrect", "billing", "mod rev proc lic"),
    _category("rev", "Revenue code mismatch", "billing", "proc pos authloc rate"),
    _category("time", "Session time not documented", "records", "docs daily group sign"),
    _category("idm", "Member identification mismatch", "coverage", "elig cob npi term"),
    _category("appeal", "Appeal filed late", "records", "timely records mednec"),
    _category("sign", "Clinician signature missing", "records", "docs superv tplan"),
    _category("daily", "Daily unit limit exceeded", "billing", "units bundle group dup"),
    _category("npi", "Provider identifier invalid", "provider", "tax cred idm"),
    _category("retro", "Retroactive authorization refused", "auth", "pa expired conc"),
    _category("superv", "Supervision requirement not met", "provider", "cred sign mod"),
    _category("refer", "Referral missing", "auth", "pa oon npi"),
    _category("rate", "Contract rate dispute", "billing", "oon bundle rev"),
    _category("dxex", "Diagnosis excluded by plan", "coverage", "notcov dxproc exper"),
    _category("corr", "Corrected claim reference missing", "billing", "dup timely primary"),
    _category("assess", "Admission assessment missing", "records", "tplan docs sign"),
    _category("group", "Group size limit exceeded", "billing", "daily time superv"),
    _category("lic", "Facility license not on file", "provider", "cred tax pos"),
    _category("tax", "Provider taxonomy mismatch", "provider", "npi cred mod"),
    _category("stay", "Length of stay limit reached", "clinical", "cstay bmax units"),
    _category("exper", "Investigational treatment", "clinical", "mednec notcov dxex"),
    _category("wait", "Waiting period not satisfied", "coverage", "elig notcov bmax"),
    _category("consent", "Release of information missing", "records", "records sign docs"),
)

NEWBORN = _category("tele", "Telehealth modality not covered", "coverage", "notcov pos mod")

ALL_CATEGORIES: tuple[Category, ...] = (*CATEGORIES, NEWBORN)

INDEX: dict[str, int] = {category.key: i for i, category in enumerate(ALL_CATEGORIES)}


def shares() -> NDArray[np.float64]:
    """Each of the 47 categories' share of the rows: Zipf-Mandelbrot, about 12 % down to about 0.1 %."""
    rank = np.arange(1, len(CATEGORIES) + 1) + _OFFSET
    exponent = np.log(_LARGEST_TO_SMALLEST) / np.log(rank[-1] / rank[0])
    weights = rank**-exponent
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def row_counts(rows: int) -> NDArray[np.int64]:
    """How many rows each category gets; a few at least, however small the export."""
    counts = np.maximum(np.round(shares() * rows).astype(np.int64), _FEWEST_ROWS)
    counts[0] += rows - counts.sum()
    if counts[0] < _FEWEST_ROWS:
        raise ValueError(f"{rows} rows are too few for {len(CATEGORIES)} categories")
    return counts
