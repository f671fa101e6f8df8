"""One BLAS thread: on two, a small matrix costs hundreds of times its work in waiting."""

from __future__ import annotations

import scipy.linalg  # noqa: F401 - loads the second BLAS library, so that the limit reaches both
from threadpoolctl import threadpool_limits


def one_blas_thread() -> threadpool_limits:
    """A context in which BLAS uses one thread; it holds from the call on, also where nobody enters it."""
    return threadpool_limits(1, "blas")
