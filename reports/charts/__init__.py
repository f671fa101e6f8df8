"""The charts of the report: measurements in, static SVG out. Altair loads when the first one is drawn."""

from reports.charts.accuracy import approaches, learning_curve
from reports.charts.by_class import class_balance, noise_by_class
from reports.charts.common import Chart
from reports.charts.over_time import backtest_matrix, decay_by_age

__all__ = [
    "Chart",
    "approaches",
    "backtest_matrix",
    "class_balance",
    "decay_by_age",
    "learning_curve",
    "noise_by_class",
]
