"""A column of groups, such as patients or accounts: what it cannot be."""

from __future__ import annotations

import polars as pl

# As many as there are folds: fewer leave a model nothing to learn from.
FEWEST = 5
# House rule (2026): a value of half the records is a placeholder, such as "unknown", and no patient.
LARGEST = 0.5


def keeps_nothing(rows: pl.DataFrame, column: str) -> str | None:
    """Why column `group` of the usable ``rows``, named ``column`` in the export, does not say what keeps together."""
    named = f"Column '{column}'"
    instead = "Name the column of the patient, account or claim with --group, or leave it out."
    filled = rows.select("label", group=_filled(rows["group"])).drop_nulls("group")
    sizes = filled.group_by("group").agg(rows=pl.len(), labels=pl.col("label").n_unique())
    if sizes.is_empty():
        return f"{named} is empty in every record that is used. {instead}"
    if sizes["rows"].max() == 1:
        return f"{named} has a value of its own in every record, so that nothing keeps together. {instead}"
    if len(sizes) < FEWEST:
        values = "one value" if len(sizes) == 1 else f"{len(sizes)} values"
        return f"{named} holds {values} alone, and groups need {FEWEST} or more. {instead}"
    if (sizes["labels"] == 1).all() and len(sizes) == filled["label"].n_unique():
        return (
            f"{named} is the label again: kept together, no class would be in what a model learns from and in what it "
            f"is asked about. {instead}"
        )
    if (share := max(sizes["rows"]) / len(rows)) > LARGEST:
        return (
            f"One value of column '{column}' stands in {100 * share:.0f} % of the records, as a placeholder does: it "
            "would keep them all together. Clear it in the export, where an empty cell is a group of its own, or "
            "leave --group out."
        )
    return None


def _filled(values: pl.Series) -> pl.Series:
    name = pl.col(values.name)
    return values.to_frame().select(pl.when(name.str.strip_chars() != "").then(name))[values.name]
