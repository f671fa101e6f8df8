"""What a data team would do by hand with the usual libraries: it prints the accuracy that it finds.

TF-IDF and logistic regression in five folds; cleanlab's Datalab for labels, near duplicates and outliers; evidently's
drift of the later half against the earlier one. It has no forecast, no prompt, no cost and no decision.

`python -m benchmarks.speed` runs it in an environment of its own, as Datalab needs `datasets`, which an audit does not.

    python peer.py ROWS.parquet
"""

from __future__ import annotations

import sys

import polars as pl
from cleanlab import Datalab
from evidently import Report
from evidently.presets import DataDriftPreset
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

ISSUES: dict[str, dict[str, object]] = {"label": {}, "near_duplicate": {}, "outlier": {}}
DIMENSIONS = 100

rows = pl.read_parquet(sys.argv[1]).sort("time")
codes = rows["label"].rank("dense").to_numpy().astype(int) - 1
terms = TfidfVectorizer(min_df=2, sublinear_tf=True).fit_transform(rows["text"].to_list())
probabilities = cross_val_predict(LogisticRegression(max_iter=100), terms, codes, cv=5, method="predict_proba")
dense = TruncatedSVD(DIMENSIONS, random_state=0).fit_transform(terms)
lab = Datalab({"label": codes}, label_name="label", verbosity=0)
lab.find_issues(pred_probs=probabilities, features=dense, issue_types=ISSUES)
columns = rows.select("label", words=pl.col("text").str.split(" ").list.len()).to_pandas()
half = len(columns) // 2
Report([DataDriftPreset()]).run(columns[half:], columns[:half]).dict()
print((probabilities.argmax(axis=1) == codes).mean())
