"""What an installation brings along: as docs/dependencies.md says, and whole in the bill of materials."""

from __future__ import annotations

import re

import pytest

from benchmarks.supply import LOCK, ROOT, bill, direct, licence, pins, runtime

TOLD = dict(
    re.findall(r"^\| ([a-z0-9-]+) \| ([^|]+) \|", (ROOT / "docs/dependencies.md").read_text("utf-8"), re.MULTILINE)
)


def test_every_package_that_an_audit_imports_is_told_with_its_licence():
    assert {name: said for name, said in TOLD.items() if name != "package"} == {
        each: licence(each) for each in direct()
    }


def test_what_a_legal_team_asks_about_is_named():
    asked = {name for name in runtime() if re.search("GPL|MPL|EUPL|CDDL", licence(name))}
    assert asked == {"certifi", "tqdm"}
    assert all(licence(name) for name in runtime() if name in {pin.name for pin in pins(LOCK.read_text("utf-8"))})


def test_the_bill_of_materials_holds_the_lock_and_says_what_an_audit_needs():
    parts = {(each["name"], each["version"]): each for each in bill()["components"]}
    needed = {name: each["scope"] == "required" for (name, _), each in parts.items()}
    lock = LOCK.read_text(encoding="utf-8")
    assert len(parts) == len(pins(lock)) == len(re.findall(r"^[a-z]\S*==", lock, re.MULTILINE | re.IGNORECASE))
    assert sum(len(each["hashes"]) for each in parts.values()) == lock.count("sha256:")
    assert {name for name in needed if needed[name]} == runtime()
    assert needed["scikit-learn"]
    assert not needed["pytest"]


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda path: path.name)
def test_no_lock_names_a_host(lock):
    assert "://" not in lock.read_text(encoding="utf-8")
