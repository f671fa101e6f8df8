"""What an audit can be handed over as."""

from __future__ import annotations

from enum import StrEnum


class To(StrEnum):
    CSV = "csv"
    LABEL_STUDIO = "label-studio"
    ARGILLA = "argilla"
    CHAT = "chat"
    HUGGING_FACE = "huggingface"
    PARQUET = "parquet"
    EVIDENTLY = "evidently"


QUEUES = (To.CSV, To.LABEL_STUDIO, To.ARGILLA)
TRAINING = (To.CHAT, To.HUGGING_FACE, To.PARQUET)
