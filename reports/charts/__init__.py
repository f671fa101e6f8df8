"""The charts of the report: measurements in, static SVG out. Altair loads when the first one is drawn."""

from reports.charts.accuracy import approaches, learning_curve
from reports.charts.by_class import class_balance, noise_by_class
from reports.charts.by_pair import confusions, source_bias
from reports.charts.by_segment import doubt_by_segment
from reports.charts.common import Chart
from reports.charts.decision_map import decision_map
from reports.charts.next_steps import next_steps
from reports.charts.over_time import backtest_matrix, decay_by_age
from reports.charts.timeline import class_timeline, over_time
from reports.charts.what_moves import tornado

__all__ = [
    "Chart",
    "approaches",
    "backtest_matrix",
    "class_balance",
    "class_timeline",
    "confusions",
    "decay_by_age",
    "decision_map",
    "doubt_by_segment",
    "learning_curve",
    "next_steps",
    "noise_by_class",
    "over_time",
    "source_bias",
    "tornado",
]
