"""Reading scenarios, and what is answered to those that are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from worlds import DESK, ROOT, SCENARIOS

import pluriverse as pv

Command = Callable[..., CompletedProcess[str]]

BAD = """kind = "process"
[run]
until = "8h"
[sources.callers]
arrivals = { poisson = { rate = "20/h" } }
[stations.desk]
agents = 2
service = "-5m"
patiense = "3m"
"""


def test_a_mistake_is_answered_as_the_command_line_does(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(BAD)
    with pytest.raises(pv.ScenarioError) as raised:
        pv.load(path)
    done = command("check", path)
    assert done.returncode == 2
    assert str(raised.value).strip() == done.stderr.strip()
    findings = raised.value.findings
    assert {(finding.file, finding.line) for finding in findings} == {(str(path), 8), (str(path), 9)}
    spelling = next(finding for finding in findings if finding.line == 9)
    assert (spelling.severity, spelling.column) == ("error", 1)
    assert "patience" in spelling.help
    assert str(spelling).startswith(f"{path}:9:1: ")
    assert pv.check(path) == list(findings)
    assert isinstance(raised.value, ValueError)


@pytest.mark.parametrize("name", ["none.toml", "contact-center.toml", ".", "claims.csv", "none/there.toml"])
def test_what_cannot_be_read_is_answered_as_the_command_line_does(name: str, command: Command) -> None:
    path = SCENARIOS / name
    with pytest.raises(pv.ScenarioError) as raised:
        pv.load(path)
    done = command("check", path)
    assert done.returncode == 2
    assert str(raised.value).strip() == done.stderr.strip()


def test_the_same_scenario_from_a_file_a_text_and_a_table() -> None:
    path = SCENARIOS / "mm1.toml"
    hashes = {
        pv.run(source, until="500h", replications=2).ledger_hash
        for source in (path, str(path), path.read_text(), pv.load(path))
    }
    assert len(hashes) == 1
    import json

    assert pv.run(DESK).ledger_hash == pv.run(json.dumps(DESK, indent=1)).ledger_hash


def test_files_beside_the_scenario(tmp_path: Path) -> None:
    path = SCENARIOS / "claims-trace.toml"
    text = path.read_text()
    whole = pv.run(path).ledger_hash
    assert pv.run(pv.load(text, folder=SCENARIOS)).ledger_hash == whole
    with pytest.raises(pv.ScenarioError, match=r"claims\.csv"):
        pv.load(text)
    with pytest.raises(pv.ScenarioError, match=r"claims\.csv"):
        pv.load(text, folder=tmp_path)


def test_values_are_set_over_those_of_the_file(command_json: Callable[..., dict[str, Any]]) -> None:
    path = SCENARIOS / "contact-centre.toml"
    ours = pv.run(path, replications=3, until="5h", set={"stations.agents.patience": "10m", "run.period": "30m"})
    theirs = command_json(
        path, "--replications", 3, "--set", 'stations.agents.patience="10m"', "--set", "run.period=30m", "--until", "5h"
    )
    assert ours.ledger_hash == theirs["ledger_hash"]
    changed = pv.load(pv.load(path), set={"stations.agents.patience": "10m", "run.period": "30m"})
    assert pv.run(changed, replications=3, until=5 * 3600).ledger_hash == theirs["ledger_hash"]
    assert pv.load(path, title="Changed").title == "Changed"
    strange = 'a "quoted" \\ [title] # = "ä"'
    assert pv.load(path, title=strange).title == strange
    for control in ("\x7f", "\n", "\x00", "\ud800"):
        with pytest.raises((pv.ScenarioError, UnicodeError)):
            pv.load(path, title=control)
    with pytest.raises(pv.ScenarioError, match="patiense"):
        pv.load(path, set={"stations.agents.patiense": "10m"})


@pytest.mark.parametrize(
    "source", [None, 3, 4.5, b"kind", ["process"], {1: 2}, {"kind": {1, 2}}, object(), {"kind": b"process"}]
)
def test_what_is_no_scenario_is_refused(source: Any) -> None:
    with pytest.raises(TypeError):
        pv.load(source)
    with pytest.raises(TypeError):
        pv.World(source)
    with pytest.raises(TypeError):
        pv.run(source)


@pytest.mark.parametrize("source", [{}, "\n", "kind = \n", {"kind": "proces"}, {"kind": 3}, "{\n", {"kind": "process"}])
def test_what_is_a_bad_scenario_is_refused(source: Any) -> None:
    with pytest.raises(pv.ScenarioError) as raised:
        pv.load(source)
    assert raised.value.findings
    assert pv.check(source) == list(raised.value.findings)


def test_what_cannot_be_set_is_refused() -> None:
    for settings in ("run.until=8h", [("run.until", "8h")], {1: "8h"}, {"run.until": object()}):
        with pytest.raises(TypeError):
            pv.load(DESK, set=settings)  # type: ignore[arg-type]
    with pytest.raises(pv.ScenarioError):
        pv.load(DESK, set={"stations.desk.agents": float("inf")})


def test_errors_are_pickled() -> None:
    import copy
    import pickle

    with pytest.raises(pv.ScenarioError) as raised:
        pv.load(BAD)
    for again in (pickle.loads(pickle.dumps(raised.value)), copy.copy(raised.value)):
        assert str(again) == str(raised.value)
        assert again.findings == raised.value.findings


def test_warnings_come_with_the_scenario_and_its_results(command: Command) -> None:
    found: list[str] = []
    for path in sorted(SCENARIOS.glob("*.toml")):
        scenario = pv.load(path)
        found.extend(finding.message for finding in scenario.warnings)
        assert pv.check(path) == scenario.warnings
    overloaded = pv.load({**DESK, "sources": {"callers": {"arrivals": {"poisson": {"rate": "200/h"}}}}})
    assert all(finding.severity == "warning" for finding in overloaded.warnings)
    assert len(pv.run(overloaded, until="1h").warnings) == len(overloaded.warnings)


def test_schemas_are_those_of_the_repository() -> None:
    import json

    assert pv.kinds().keys() == {"process"}
    committed = json.loads((ROOT / "docs/schema/process.schema.json").read_text())
    assert pv.schema("process") == committed
    with pytest.raises(ValueError, match="there are: process, experiment"):
        pv.schema("swarm")


def test_a_scenario_is_described() -> None:
    scenario = pv.load(SCENARIOS / "contact-centre.toml")
    assert repr(scenario) == '<pluriverse.Scenario "contact-centre" of kind "process">'
    assert (scenario.kind, scenario.replications, scenario.until) == ("process", 100, 46_800.0)
    assert scenario == pv.load(SCENARIOS / "contact-centre.toml")
    assert scenario != pv.load(SCENARIOS / "contact-centre.toml", set={"run.seed": 2})
    assert scenario != 3
    assert "kind" in scenario.text
