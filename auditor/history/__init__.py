"""What earlier runs said, and what has changed since."""

from auditor.history.earlier import earlier, remembered

__all__ = ["earlier", "remembered"]
