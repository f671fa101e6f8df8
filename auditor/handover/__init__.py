"""What an audit hands over: a queue to relabel, a training set, a snapshot for Evidently. Corrections come back."""
