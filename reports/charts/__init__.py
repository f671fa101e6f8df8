"""The charts of the report: measurements in, static SVG out. Altair loads when the first one is drawn."""

from reports.charts.accuracy import approaches, learning_curve
from reports.charts.by_class import class_balance, noise_by_class
from reports.charts.by_pair import confusions, habits
from reports.charts.by_segment import doubt_by_segment
from reports.charts.common import Chart, Table
from reports.charts.costs import break_even, tornado
from reports.charts.over_time import backtest_matrix, decay_by_age
from reports.charts.timeline import class_timeline, over_time

__all__ = [
    "Chart",
    "Table",
    "approaches",
    "backtest_matrix",
    "break_even",
    "class_balance",
    "class_timeline",
    "confusions",
    "decay_by_age",
    "doubt_by_segment",
    "habits",
    "learning_curve",
    "noise_by_class",
    "over_time",
    "tornado",
]
