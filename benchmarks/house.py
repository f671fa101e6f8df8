"""How the house is built: `python -m benchmarks.house FOLDER` counts imports and lines of the project in ``FOLDER``.

`--since COMMIT` lists the files of the commit that added a figure. Needs grimp, which comes with import-linter.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp

PACKAGES = ("auditor", "checks", "reports")
LONG = 300
ROOT = ("auditor.api", "audit")


def counted(folder: Path) -> Iterator[tuple[str, object]]:
    """Figures of the packages that stand in ``folder``."""
    sys.path.insert(0, str(folder))
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    files = [path for package in PACKAGES for path in (folder / package).rglob("*.py")]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    inside = sorted(graph.modules)
    into = {module: len(graph.find_modules_that_directly_import(module)) for module in inside}
    out = {module: len(graph.find_modules_directly_imported_by(module)) for module in inside}
    yield "modules", len(files)
    yield "lines", sum(lines.values())
    yield f"modules over {LONG} lines", sum(each > LONG for each in lines.values())
    yield "longest module", _most({str(path.relative_to(folder)): each for path, each in lines.items()})
    yield "largest fan-in", _most(into)
    yield "largest fan-out", _most(out)
    calls = _handed_on(folder)
    yield "modules that config reaches from api.audit", len({module for call in calls for module in call})
    yield "steps of config from one module to another", len(calls)
    back = [call for call in calls if graph.find_shortest_chain(importer=call[1], imported=call[0])]
    yield "of these back up, into a module that imports the caller", len(back)
    folders = {module.rpartition(".")[0] for module in inside if "." in module}
    for layer in sorted(folders):
        members = graph.find_children(layer)
        back = sum(graph.direct_import_exists(importer=each, imported=layer) for each in members)
        if back:
            yield f"modules of {layer} that import it back", back


def _handed_on(folder: Path) -> set[tuple[str, str]]:
    """Pairs of modules of which a function of the first hands its ``config`` to one of the second."""
    read = {module: _functions(ast.parse(path.read_text(encoding="utf-8")), module) for module, path in _files(folder)}
    handed: set[tuple[str, str]] = set()
    left, seen = [ROOT], {ROOT}
    while left:
        module, name = left.pop()
        function, names = read[module][name]
        for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
            given = (*call.args, *(each.value for each in call.keywords))
            if not any(ast.unparse(each).split(".")[-1] == "config" for each in given):
                continue
            target = names.get(ast.unparse(call.func), ("", ""))
            if target[0] in read and target[1] in read[target[0]]:
                handed |= {(module, target[0])} - {(module, module)}
                left += [target] if target not in seen else []
                seen.add(target)
    return handed


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in (folder / package).rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _functions(tree: ast.Module, module: str) -> dict[str, tuple[ast.AST, dict[str, tuple[str, str]]]]:
    """Functions and classes of a module by name, with what the names that they may call stand for."""
    names = {}
    for each in ast.walk(tree):
        if isinstance(each, ast.ImportFrom) and each.module:
            for alias in each.names:
                names[alias.asname or alias.name] = (each.module, alias.name)
    here = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef)}
    names |= {name: (module, name) for name in here}
    return {name: (each, names) for name, each in here.items()}


def touched(folder: Path, commit: str) -> list[str]:
    """The files of ``commit``."""
    done = subprocess.run(
        ["git", "-C", str(folder), "show", "--pretty=", "--name-only", commit],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


def _most(of: dict[str, int]) -> str:
    name = max(of, key=lambda each: of[each])
    return f"{of[name]} ({name})"


def main() -> None:
    """Prints a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.house", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path())
    parser.add_argument("--since", default="", help="a commit whose files are listed")
    arguments = parser.parse_args()
    for name, value in counted(arguments.folder.resolve()):
        print(f"{name}: {value}")
    if arguments.since:
        print(f"files of {arguments.since}: {', '.join(touched(arguments.folder, arguments.since))}")


if __name__ == "__main__":
    main()
