"""Builders of scenarios: they have every key of the schema and no other, and what they make is accepted."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from worlds import DESK, SCENARIOS

import pluriverse as pv
from pluriverse import arrivals, dist, process
from pluriverse._plain import Tagged, plain

Keys = tuple[frozenset[str], frozenset[str]]
"""All keys of a table, and those that it must have."""

CONSTANTS = {
    "constant": dist.constant("3m"),
    "exponential": dist.exponential(mean="3m"),
    "erlang": dist.erlang(shape=3, mean=timedelta(minutes=3)),
    "gamma": dist.gamma(mean="3m", std_dev="1m"),
    "lognormal": dist.lognormal(mean="3m", std_dev="1m"),
    "weibull": dist.weibull(shape=1.5, scale="3m"),
    "normal": dist.normal(mean="3m", std_dev="1m"),
    "truncated_normal": dist.truncated_normal(mean="3m", std_dev="1m", low="1m", high="5m"),
    "uniform": dist.uniform(low="1m", high="5m"),
    "triangular": dist.triangular(low="1m", mode="2m", high="5m"),
    "pert": dist.pert(low="1m", mode="2m", high="5m"),
    "beta": dist.beta(alpha=2, beta=3, low="1m", high="5m"),
    "hyperexponential": dist.hyperexponential(branches=[(0.3, "1m"), (0.7, "4m")]),
    "phase_type": dist.phase_type(initial=[1, 0], generator=[[-2, 1], [0, -1]], per="3m"),
    "pareto": dist.pareto(shape=2.5, scale="2m"),
    "discrete": dist.discrete(("1m", 1), ("5m", 2)),
    "empirical": dist.empirical(samples=["1m", "2m", timedelta(seconds=200)]),
    "histogram": dist.histogram(edges=["1m", "3m", "5m"], weights=[1, 2]),
    "mixture": dist.mixture((0.1, "0s"), (0.9, dist.exponential(mean="3m"))),
    "shifted": dist.shifted(by="1m", of=dist.exponential(mean="3m")),
    "scaled": dist.scaled(factor=0.5, of=dist.exponential(mean="3m")),
    "clamped": dist.clamped(low="1m", high="5m", of=dist.exponential(mean="3m")),
    "by_class": dist.by_class({"gold": "1m", "default": dist.exponential(mean="3m")}),
    "by_time": dist.by_time(dist.Even(every="1h", values=["1m", "2m"], repeat=True)),
    "attribute": dist.attribute("length"),
    "expression": dist.expression("60 + length"),
}
"""A draw of each family."""

ARRIVALS = {
    "poisson": arrivals.poisson(rate="20/h"),
    "renewal": arrivals.renewal(interval=dist.uniform(low="1m", high="5m")),
    "erlang": arrivals.erlang(shape=2, rate="20/h"),
    "rates": arrivals.rates(
        arrivals.EvenRates(every="1h", values=["10/h", "20/h"], factor=dist.gamma(shape=4, mean=1))
    ),
    "scheduled": arrivals.every("3m", from_="1m"),
    "trace": arrivals.trace(file="claims.csv", time="reported"),
}


def schema_tables(node: Any) -> Iterator[Keys]:
    """Every table of the schema, but for those whose only key says the family."""
    if isinstance(node, dict):
        if "properties" in node and not is_family(node):
            yield frozenset(node["properties"]), frozenset(node.get("required", ()))
        for key, item in node.items():
            # Examples and defaults are values.
            if key not in ("examples", "default", "const"):
                yield from schema_tables(item)
    elif isinstance(node, list):
        for item in node:
            yield from schema_tables(item)


def is_family(node: dict[str, Any]) -> bool:
    return len(node["properties"]) == 1 and node.get("required") == list(node["properties"]) and "description" not in node


def families(document: Any, name: str) -> set[str]:
    return {key for one in document["$defs"][name]["oneOf"] for key in one["properties"]}


def functions(module: ModuleType) -> Iterator[Any]:
    for _, member in inspect.getmembers(module, inspect.isfunction):
        if member.__module__ == module.__name__:
            yield member


def classes(module: ModuleType) -> Iterator[type]:
    for _, member in inspect.getmembers(module, dataclasses.is_dataclass):
        if member.__module__ == module.__name__ and member is not arrivals.TraceOptions:
            yield member


def builder_tables() -> Iterator[Keys]:
    """Every table that a builder can make."""
    for module in (process, dist, arrivals):
        for builder in classes(module):
            fields = dataclasses.fields(builder)
            names = {field.name.rstrip("_") for field in fields}
            optional = {
                field.name.rstrip("_")
                for field in fields
                if field.default is not dataclasses.MISSING and field.name != "kind"
            }
            yield frozenset(names), frozenset(names - optional)
    for module in (dist, arrivals):
        for function in functions(module):
            yield from function_tables(function)


def function_tables(function: Any) -> Iterator[Keys]:
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters):
        made = function(("a", "b"))
    else:
        more = arrivals.TraceOptions("s", "a", "b", "c", {"d": "e"})
        values = {
            parameter.name: more if parameter.name == "options" else [("a", "b")] if parameter.name == "branches" else "a"
            for parameter in parameters
        }
        positional = [
            values.pop(parameter.name) for parameter in parameters if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
        ]
        made = function(*positional, **values)
    required = {
        parameter.name.rstrip("_") for parameter in parameters if parameter.default is inspect.Parameter.empty
    }
    value = made.value
    if isinstance(value, dict):
        yield frozenset(value), frozenset(required & set(value)) or frozenset(value if function is arrivals.at else ())
        for inner in value.values():
            if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                yield frozenset(inner[0]), frozenset(inner[0])
    elif isinstance(value, list):
        yield frozenset(value[0]), frozenset(value[0])


def test_builders_have_every_key_of_the_schema_and_no_other() -> None:
    assert set(builder_tables()) == set(schema_tables(pv.schema("process")))


def test_builders_have_every_family_of_the_schema_and_no_other() -> None:
    document = pv.schema("process")
    draws = families(document, "duration_families") | families(document, "duration_computed_draws")
    assert draws == families(document, "number_families") | families(document, "number_computed_draws")
    assert set(CONSTANTS) == draws
    assert all(draw.name == name for name, draw in CONSTANTS.items())
    assert set(ARRIVALS) == families(document, "arrivals")
    assert all(made.name == name for name, made in ARRIVALS.items())


def desk(**changes: Any) -> process.Scenario:
    station: dict[str, Any] = {"agents": 4, "service": "3m"}
    source: dict[str, Any] = {
        "arrivals": arrivals.poisson(rate="20/h"),
        "class_": "gold",
        "attributes": {"length": dist.uniform(low=10, high=20)},
    }
    station |= {key: value for key, value in changes.items() if key in process.Station.__dataclass_fields__}
    source |= {key: value for key, value in changes.items() if key == "arrivals"}
    return process.Scenario(
        run=process.Run(until="8h"),
        classes={"gold": process.CaseClass(priority=1)},
        sources={"callers": process.Source(**source)},
        stations={"desk": process.Station(**station)},
    )


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_every_draw_is_accepted(name: str) -> None:
    assert pv.run(desk(service=CONSTANTS[name]), replications=2).events > 0


@pytest.mark.parametrize("name", sorted(ARRIVALS))
def test_every_kind_of_arrivals_is_accepted(name: str) -> None:
    scenario = pv.load(desk(arrivals=ARRIVALS[name]), folder=SCENARIOS)
    world = pv.World(scenario)
    assert world.run() == "finished"
    assert world.events_handled > 0


def test_every_part_is_accepted() -> None:
    scenario = process.Scenario(
        name="ward",
        title="A ward",
        run=process.Run(until=timedelta(hours=8), at_end="drain", warm_up="1h", period="2h", seed=3, replications=4),
        classes={"urgent": process.CaseClass(priority=10), "routine": process.CaseClass()},
        pools={
            "nurses": process.Pool(
                agents=process.Roster([process.AgentsFrom("0s", 3), process.AgentsFrom("4h", 2)], repeat="8h"),
                end_of_shift="preempt",
                cost_per_hour=30,
                cost_per_use=1.5,
            )
        },
        sources={
            "door": process.Source(
                arrivals=arrivals.rates(
                    arrivals.SteppedRates([arrivals.Rate("0s", "6/h"), arrivals.Rate("3h", "12/h")], repeat="4h")
                ),
                batch=dist.discrete((1, 0.8), (2, 0.2)),
                class_="urgent",
                attributes={"loops": 0},
                to=[process.Way("triage", probability=0.5), process.Way("desk")],
                from_="10m",
                until="7h",
                limit=50,
            ),
            "appointments": process.Source(arrivals=arrivals.at("1h", timedelta(hours=2)), class_="routine", to="desk"),
        },
        stations={
            "triage": process.Station(
                agents="nurses",
                service=dist.Multiplied(scale="1 + loops", of=dist.exponential(mean="5m")),
                queue="priority",
                preemption="resume",
                assign={"loops": "loops + 1"},
                to=[process.Way("triage", when="loops < 2"), process.Way("desk")],
                cost_per_case=2.5,
            ),
            "desk": process.Station(
                agents=dist.Even(every="1h", values=[1, 2], repeat=True),
                service=dist.by_time(dist.Steps([dist.Step("0s", "5m"), dist.Step("4h", "6m")])),
                buffer=5,
                when_full="balk",
                balk_to="exit",
                patience="30m",
                renege_to="exit",
                service_level=process.ServiceLevel(within="10m", abandoned="missed"),
                end_of_shift="finish",
                cost_per_hour=20,
                cost_per_use=0,
            ),
        },
    )
    loaded = pv.load(scenario)
    assert (loaded.name, loaded.title, loaded.seed, loaded.replications) == ("ward", "A ward", 3, 4)
    assert loaded.until == 28_800.0
    results = pv.run(loaded)
    assert results.complete
    assert pv.load(plain(scenario)) == loaded


def test_builders_show_themselves() -> None:
    assert repr(dist.gamma(mean="3m", std_dev="1m")) == "gamma(mean='3m', std_dev='1m')"
    assert dist.exponential(mean="3m") == dist.exponential(mean="3m") != dist.exponential(mean="4m")
    assert isinstance(arrivals.poisson(rate="1/h"), Tagged)


def test_a_builder_s_mistake_is_answered_with_its_key() -> None:
    with pytest.raises(pv.ScenarioError, match=r"agents") as raised:
        pv.load(desk(agents=-1))
    (finding,) = raised.value.findings
    assert finding.line is not None
    with pytest.raises(pv.ScenarioError, match=r"`stations\.desk\.cost_per_hour` is nan"):
        pv.load(desk(cost_per_hour=float("nan")))
    with pytest.raises(TypeError, match=r"`stations\.desk\.agents` is a set"):
        pv.load(desk(agents={1}))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(hours=1), "3600s"),
        (timedelta(microseconds=1), "1us"),
        (timedelta(seconds=-1, microseconds=-5), "-1s5us"),
        (timedelta(days=400, microseconds=10), "34560000s10us"),
        (timedelta(0), "0s"),
    ],
)
def test_timedeltas_are_exact(value: timedelta, text: str) -> None:
    assert plain(value) == text


def test_numbers_of_numpy_are_numbers() -> None:
    settings = {
        "stations.desk.agents": np.int64(3),
        "stations.desk.cost_per_hour": np.float64(2.5),
        "run.until": np.str_("10h"),
    }
    world = pv.World(DESK, set=settings)
    assert world.scenario.overrides == [
        ("stations.desk.agents", "3"),
        ("stations.desk.cost_per_hour", "2.5"),
        ("run.until", '"10h"'),
    ]
    assert plain({"values": np.array([1, 2])}) == {"values": [1, 2]}
    lengths = [pv.run(DESK, until=until).sim_seconds for until in (np.int64(3600), np.float32(3600), 3600, "1h")]
    assert lengths == [3600.0] * 4


TYPED = """
import pluriverse as pv
from pluriverse import arrivals, dist, process
often = arrivals.renewal(interval=dist.exponential(mean="5m"))
desk = process.Station(agents=2, service="5m", patience=dist.by_class({"default": "3m"}))
pv.run(process.Scenario(sources={"a": process.Source(arrivals=often)}, stations={"desk": desk}))
process.Station(agents=2, service=5)
process.Source(arrivals=dist.exponential(mean="5m"))
pv.run(3)
"""


def test_a_checker_of_types_tells_draws_apart() -> None:
    from mypy import api

    told, _, _ = api.run(["--strict", "--config-file=", "--no-incremental", "-c", TYPED])
    found = [line.partition(": ")[0] for line in told.splitlines() if line.startswith("<string>")]
    assert found == ["<string>:7", "<string>:8", "<string>:9"], told
