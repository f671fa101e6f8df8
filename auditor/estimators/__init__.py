"""From counts, sums and answers on a sample to a result with its interval.

Nothing here sees a record: `auditor.evidence` reads those.
"""
