"""What stands in the documents runs: a first audit, the examples in Python, every command, every settings file."""

from __future__ import annotations

import importlib
import re
import shlex
import tomllib
from pathlib import Path

import click
import dask.config
import distributed  # noqa: F401 - its settings are known from then on
import pytest
import typer.main
import yaml
from dask.utils import parse_timedelta

import auditor as library
from auditor.cli import app
from auditor.config import load_config
from benchmarks.site import EVERY_CHECK, asks, write_pages
from checks import ALL_CHECKS
from tests.exports import export, saved

ROOT = Path(__file__).parents[1]
PAGES = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
BLOCK = re.compile(r"```(\w*)([^\n]*)\n(.*?)```", re.DOTALL)


def blocks(page: Path, *languages: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return [body for language, more, body in BLOCK.findall(text) if language in languages and not more]


def commands(page: Path) -> list[str]:
    """Every `auditor` command of a page, as one line."""
    lines = "\n".join(blocks(page, "", "console", "sh", "yaml")).replace("\\\n", " ").splitlines()
    found = (re.search(r"(?:^|[\s/&])auditor (?=[a-z]+ )(.*)", line) for line in lines)
    return [
        match[1].partition("  #")[0].partition(" >>")[0] for match in found if match and "docker" not in match.string
    ]


COMMANDS = [(page.name, line) for page in PAGES for line in commands(page)]
SETTINGS = [(page.name, body) for page in PAGES for body in blocks(page, "toml")]


def test_commands_and_settings_are_found():
    assert len(COMMANDS) > 20
    assert len(SETTINGS) > 3


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[f"{page}: {line[:40]}" for page, line in COMMANDS])
def test_every_command_has_its_options(page, line):
    name, *arguments = shlex.split(re.sub(r"\.\.\.|…", "", line))
    command = typer.main.get_command(app).commands[name]
    try:
        command.make_context(name, arguments)
    except click.UsageError as error:
        pytest.fail(f"{page}: {line}: {error.message}")


@pytest.mark.parametrize(("page", "body"), SETTINGS)
def test_every_settings_file_is_one(tmp_path, page, body):
    (tmp_path / "audit.toml").write_text(body, encoding="utf-8")
    assert tomllib.loads(body)
    load_config(tmp_path / "audit.toml", {})


@pytest.fixture
def denials(tmp_path):
    """The export of the documents: names of columns, and spellings, as they are used there."""
    spelled = {"do": "set", "column": "label", "value": "Billing", "where": {"label": "billing", "share": 0.3}}
    saved(export(300, plant=[spelled]), tmp_path, "denials.csv")
    return tmp_path


@pytest.mark.slow
def test_a_first_audit_runs_as_it_stands(auditor, denials):
    page = ROOT / "docs/first.md"
    lines = [line for body in blocks(page, "console") for line in body.splitlines()]
    assert len(lines) == 5
    for line in lines:
        assert line.startswith("$ auditor ")
        code, _, said = auditor(*shlex.split(line.removeprefix("$ auditor ")))
        assert (code, said) == (0, ""), line
    assert (denials / "audit-denials" / "latest" / "report.html").exists()


@pytest.mark.slow
def test_the_examples_in_python_run(denials, monkeypatch, capsys):
    monkeypatch.chdir(denials)
    names = {"frame": export(300), "auditor": library}
    for body in blocks(ROOT / "docs/api.md", "python"):
        exec(compile(body, "docs/api.md", "exec"), names)  # noqa: S102 (our own page)
    printed = capsys.readouterr().out
    assert "governance" in printed and "Did you mean 'label'?" in printed
    assert (denials / "audit" / "report.html").exists()


def test_the_site_says_every_check_and_every_limit_once(tmp_path):
    write_pages(tmp_path)
    page = (tmp_path / EVERY_CHECK).read_text(encoding="utf-8")
    for check in ALL_CHECKS:
        assert page.count(f"### {check.code}: {check.title}\n") == 1
        assert all(f"`{limit.measurement}`" in page for limit in check.limits)
    in_nav = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(in_nav) > 15 and all((tmp_path / name).exists() for name in in_nav)


@pytest.mark.parametrize(
    ("page", "loads"),
    [
        ('<script src="https://cdn.example.org/x.js"></script>', True),
        ('<link rel="stylesheet" href="//fonts.example.org/a.css">', True),
        ('<pre class="mermaid"><code>graph TD</code></pre>', True),
        ('<img alt="x" src="http://example.org/pixel.gif">', True),
        ('<script src="assets/x.js"></script><a href="https://example.org">a link loads nothing</a>', False),
    ],
)
def test_a_site_that_asks_somebody_for_something_is_found_out(tmp_path, page, loads):
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    assert bool(asks(tmp_path)) == loads


def test_recipes_for_a_cluster_name_settings_and_options_that_exist():
    page = ROOT / "docs/cluster.md"
    documents = [each for body in blocks(page, "yaml") for each in yaml.safe_load_all(body)]
    settings = [each for each in documents if "distributed" in each]
    settings += [yaml.safe_load(each["data"]["tls.yaml"]) for each in documents if each.get("kind") == "ConfigMap"]
    assert len(settings) == 2 and settings[0] == settings[1]
    assert all(dask.config.get(key) is not ... for key in leaves(settings[0]))
    assert parse_timedelta(settings[0]["distributed"]["scheduler"]["no-workers-timeout"]) == 1_800
    lines = [" ".join(each["command"]) for document in documents for each in containers(document)]
    lines += re.findall(r"dask (?:scheduler|worker) .*", "\n".join(blocks(page, "sh")))
    assert len(lines) == 5
    for line in lines:
        program, name, *arguments = shlex.split(line.removesuffix("&"))
        if program == "auditor":
            test_every_command_has_its_options(page.name, shlex.join([name, *arguments]))
        else:
            options = importlib.import_module(f"distributed.cli.dask_{name}").main
            options.make_context(name, arguments)


def leaves(settings, start=""):
    for key, value in settings.items():
        name = f"{start}.{key}" if start else key
        yield from leaves(value, name) if isinstance(value, dict) else [name]


def containers(value):
    """Those of a manifest, however deep."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from each if name == "containers" else containers(each)
