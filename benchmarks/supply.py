"""What an installation brings along: the packages of the lock that an audit needs, and the bill of materials."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
BILL = ROOT / "build/sbom.json"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+?)(?: ; (.*?))?(?: \\)?$")
# Longer ones are whole licence texts.
_LICENCE_NAME = 60


class Pin(NamedTuple):
    """A package of the lock, as it is written there, and the SHA-256 of each of its files."""

    name: str
    version: str
    lines: str
    hashes: tuple[str, ...]


def pins(lock: str) -> tuple[Pin, ...]:
    """Every package of a lock, in order."""
    found = []
    for part in re.split(r"\n(?=\S)", lock.strip()):
        if match := _PIN.match(part.splitlines()[0]):
            hashes = tuple(re.findall(r"sha256:([0-9a-f]{64})", part))
            found.append(Pin(canonicalize_name(match[1]), match[2], part, hashes))
    return tuple(found)


def direct() -> tuple[str, ...]:
    """The packages that an audit imports, as pyproject.toml names them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return tuple(canonicalize_name(Requirement(each).name) for each in project["dependencies"])


def runtime() -> frozenset[str]:
    """The packages that an audit imports, and what they need, as those installed here say."""
    found: set[str] = set()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    open_ = [(Requirement(each).name, frozenset(Requirement(each).extras)) for each in project["dependencies"]]
    seen = set()
    while open_:
        name, extras = open_.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(canonicalize_name(name))
        try:
            needs = distribution(name).requires or ()
        except PackageNotFoundError:
            # Another platform needs it.
            continue
        for each in map(Requirement, needs):
            if not each.marker or any(each.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                open_.append((each.name, frozenset(each.extras)))
    return frozenset(found)


def licence(name: str) -> str:
    """What an installed package says of its licence; empty where it says nothing short, or is not installed."""
    try:
        told = distribution(name).metadata
    except PackageNotFoundError:
        return ""
    classified = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier", []) if each.startswith("License")]
    said = [each for key in ("License-Expression", "License") for each in told.get_all(key, []) if each]
    lines = said[0].strip().splitlines() if said else []
    named = lines and len(lines[0]) <= _LICENCE_NAME and not lines[0].startswith("Copyright")
    return lines[0] if named else ", ".join(classified)


def bill() -> dict[str, object]:
    """The lock as CycloneDX 1.6; what tests and linters alone need is marked as excluded."""
    needed = runtime()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "auditor", "version": version("auditor")}},
        "components": [
            {
                "type": "library",
                "name": pin.name,
                "version": pin.version,
                "purl": f"pkg:pypi/{pin.name}@{pin.version}",
                "scope": "required" if pin.name in needed else "excluded",
                "hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes],
                **({"licenses": [{"license": {"name": said}}]} if (said := licence(pin.name)) else {}),
            }
            for pin in pins(LOCK.read_text(encoding="utf-8"))
        ],
    }


def main() -> None:
    """Write the bill of materials."""
    BILL.parent.mkdir(exist_ok=True)
    BILL.write_text(json.dumps(bill(), indent=1) + "\n", encoding="utf-8")
    print(f"{BILL.relative_to(ROOT)}: {len(pins(LOCK.read_text(encoding='utf-8')))} packages")


if __name__ == "__main__":
    main()
