"""Benchmarks on real data, all on one BLAS thread."""

from auditor.blas import one_blas_thread

one_blas_thread()
