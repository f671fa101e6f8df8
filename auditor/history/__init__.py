"""What earlier runs said, and what has changed since."""

from auditor.history.earlier import earlier

__all__ = ["earlier"]
