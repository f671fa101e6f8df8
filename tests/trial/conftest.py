"""A small encoder with weights at random, whose vocabulary is that of ``tests.exports``."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast, LlamaConfig, LlamaModel

from tests.exports import export


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layers of 48 numbers, which read 40 tokens."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    words = sorted({word for note in export()["note"] for word in note.split()})
    vocabulary = {word: code for code, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words])}
    BertTokenizerFast(vocab=vocabulary, model_max_length=40).save_pretrained(folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 96}
    settings = BertConfig(vocab_size=len(words) + 5, max_position_embeddings=42, **sizes)
    BertModel(settings).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "writer"
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    LlamaModel(LlamaConfig(vocab_size=20, **sizes)).save_pretrained(folder)
    (folder / "tokenizer.json").write_text("{}")
    return folder
