"""How many small changes to what judges some test notices: operators, comparisons and numbers, one at a time.

The changes are made on the syntax tree, in a process that a fork gives each of them. mutmut 3 leaves the constants of
a module alone, and limits are such, and always changes strings. cosmic-ray takes a time-out for a change that was
noticed, and changes annotations, which nothing runs.
"""

from __future__ import annotations

import ast
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from types import CodeType

from scipy.stats import binomtest

from benchmarks.results import save, table

ROOT = Path(__file__).parents[1]
CHANGED = ("auditor/judge", "auditor/limits.py", "auditor/gate_limits.py")
# Those that take the judge by itself, in turn; the first to fail ends a try.
TESTS = (
    "tests/test_judged.py",
    "tests/test_gates.py",
    "tests/test_ignored.py",
    "tests/test_judge.py",
    "tests/test_published.py",
    "tests/test_valuation.py",
)
# Imported before the forks, so that each need not: nothing of these asks what is changed.
LIBRARIES = (
    "altair",
    "auditor.batch",
    "auditor.evidence.facts",
    "duckdb",
    "jinja2",
    "polars",
    "pytest",
    "sample_data.generate",
    "scipy.stats",
    "sklearn.linear_model",
    "typer",
)
# What failed is not looked at.
PYTEST = ("-x", "-q", "--noconftest", "-p", "no:cacheprovider", "--assert=plain", "--tb=no")
SAMPLE = 160
# So many times as long as the tests of the code as it stands, and a try has hung. A hung try is not noticed.
PATIENCE = 10
OTHER: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    # The bound itself, and the other side.
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
# Changes that alter nothing, by the line that they are made on: named in the table, and counted as not noticed.
ALTERS_NOTHING = {
    ("abs(bar.at_double - bar.at_half) > 1)", "> 1` to "): "no effect of drawn sums is 1 to the last bit",
    ("max(1 - ordinary, 1e-9)", "`1e-09` to "): "where nothing is wrong nothing is removed, by whatever it is divided",
    ("int(here[0, 0]),", "`0` to `-1`"): "it has one cell",
    ("(abs(c.pass_limit) or 1)", "`1` to `2`"): "what is held to a limit of 0 meets it at 0 alone",
    ("for _ in range(60):", "`60` to "): "halved beyond the last digit",
    ("sign = 1 if self.higher_is_better", "`1` to `2`"): "its sign alone is read",
}
FORK = get_context("fork")


@dataclass(frozen=True)
class Change:
    """The ``at``-th place of a file that can be changed, in its ``way``-th way."""

    file: Path
    line: int
    at: int
    way: int
    said: str

    @property
    def module(self) -> str:
        return ".".join(self.file.with_suffix("").parts)


def places(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Nodes with an operator or a number, in order. Annotations do not run, so they are left out."""
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from places(child)
    operates = isinstance(tree, (ast.BinOp, ast.AugAssign, ast.BoolOp, ast.Compare, ast.UnaryOp))
    if isinstance(tree, (ast.expr, ast.stmt)) and (operates or _is_number(tree)):
        yield tree


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in {int, float}


def ways(node: ast.AST) -> list[ast.AST]:
    """What may stand in its place: another operator, the bound or the other side, one more or less, twice or half."""
    found = []
    match node:
        case ast.Constant(value=int() | 0.0 as value):
            found = [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.Constant(value=value):
            found = [ast.Constant(value * 2), ast.Constant(value / 2)]
        case ast.UnaryOp(operand=operand):
            # The number under a minus is changed by itself.
            found = [operand]
        case ast.Compare(ops=ops):
            found = [
                _with(node, ops=[*ops[:at], other(), *ops[at + 1 :]])
                for at, op in enumerate(ops)
                for other in OTHER[type(op)]
            ]
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op):
            found = [_with(node, op=other()) for other in OTHER.get(type(op), ())]
    return found


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = deepcopy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def changes(file: Path) -> Iterator[Change]:
    for at, node in enumerate(places(ast.parse((ROOT / file).read_text(encoding="utf-8")))):
        for way, other in enumerate(ways(node)):
            said = f"`{ast.unparse(node)}` to `{ast.unparse(other)}`"
            yield Change(file, node.lineno, at, way, said)


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.copy_location(self.new, node) if node is self.old else super().generic_visit(node)


def compiled(change: Change) -> CodeType:
    tree = ast.parse((ROOT / change.file).read_text(encoding="utf-8"))
    node = list(places(tree))[change.at]
    changed = _Replacing(node, ways(node)[change.way]).visit(tree)
    return compile(ast.fix_missing_locations(changed), ROOT / change.file, "exec")


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self.code = code

    def get_code(self, fullname: str) -> CodeType:
        return self.code


class _Finder(MetaPathFinder):
    """Finds the one module that is changed, before any other finder is asked."""

    def __init__(self, change: Change) -> None:
        self.name, self.path, self.code = change.module, str(ROOT / change.file), compiled(change)

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        return spec_from_file_location(fullname, self.path, loader=_Loader(fullname, self.path, self.code))


def _run(change: Change | None) -> None:
    """In a process of its own: the tests, of the code as it stands or as it is changed."""
    silent = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silent, stream)
    if change is not None:
        sys.meta_path.insert(0, _Finder(change))
    main = import_module("pytest").main
    os._exit(next((code for test in TESTS if (code := main([*PYTEST, test]))), 0))


def outcome(change: Change | None, patience: float | None = None) -> str:
    process = FORK.Process(target=_run, args=(change,))
    process.start()
    process.join(patience)
    if process.is_alive():
        process.kill()
        process.join()
        return "hung"
    return "survived" if process.exitcode == 0 else "noticed"


def main() -> None:
    """Tries a sample of the changes, or all those of a file that the command names, and saves the table."""
    os.chdir(ROOT)
    for library in LIBRARIES:
        import_module(library)
    files = [path.relative_to(ROOT) for each in CHANGED for path in sorted({ROOT / each, *(ROOT / each).glob("*.py")})]
    every = [change for file in files if (ROOT / file).is_file() for change in changes(file)]
    if chosen := sys.argv[1:]:
        tried = [change for change in every if str(change.file) in chosen]
    else:
        tried = sorted(random.Random(0).sample(every, min(SAMPLE, len(every))), key=every.index)
    if early := {change.module for change in every} & sys.modules.keys():
        sys.exit(f"Imported before it is changed: {', '.join(sorted(early))}")
    started = perf_counter()
    if outcome(None) != "survived":
        sys.exit("The tests fail on the code as it stands.")
    patience = PATIENCE * (perf_counter() - started)
    ended = []
    for change in tried:
        ended.append(outcome(change, patience))
        if ended[-1] != "noticed":
            print(f"{change.file}:{change.line}: {change.said}: {ended[-1]}", flush=True)
    if not chosen:
        _save(every, tried, ended)


def _why(change: Change) -> str:
    """Why the ``change`` alters nothing; empty where it may alter something."""
    line = (ROOT / change.file).read_text(encoding="utf-8").splitlines()[change.line - 1]
    return next((why for (of, to), why in ALTERS_NOTHING.items() if of in line and to in change.said), "")


def _save(every: list[Change], tried: list[Change], ended: list[str]) -> None:
    counts = Counter(ended)
    found = binomtest(counts["noticed"], len(tried)).proportion_ci(0.9, method="wilson")
    said = (
        f"{counts['noticed']} of {len(tried)} changes were noticed ({counts['noticed'] / len(tried):.1%}, "
        f"90 % interval {found.low:.1%} to {found.high:.1%}), {counts['hung']} hung and count as not noticed; "
        f"the {len(tried)} are a sample of {len(every)}. Tests: {', '.join(TESTS)}."
    )
    files = {change.file: [0, 0, 0] for change in every}
    for change in every:
        files[change.file][0] += 1
    for change, end in zip(tried, ended, strict=True):
        files[change.file][1] += 1
        files[change.file][2] += end == "noticed"
    by_file = table(["file", "changes", "tried", "noticed"], [[file, *counted] for file, counted in files.items()])
    left = [
        [f"{change.file}:{change.line}", change.said.replace("|", "\\|"), end, _why(change)]
        for change, end in zip(tried, ended, strict=True)
        if end != "noticed"
    ]
    which = table(["where", "change", "", "alters nothing, as"], left)
    save("mutation", "python -m benchmarks.mutation", [said, by_file, which])


if __name__ == "__main__":
    main()
