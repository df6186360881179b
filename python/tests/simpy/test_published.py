"""SimPy's published examples, documents and tests, with the import swapped.

They are not part of this repository: the tests' step fetches SimPy's sources and says in `SIMPY_SOURCES` where they
are.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = os.environ.get("SIMPY_SOURCES")
HELPERS = Path(__file__).parent / "sources"

pytestmark = pytest.mark.skipif(
    FOLDER is None, reason="SimPy's sources are not there: `cargo xtask test python` fetches them"
)

EXAMPLES = [
    "bank_renege",
    "carwash",
    "gas_station_refuel",
    "latency",
    "machine_shop",
    "movie_renege",
    "process_communication",
]


def run(package: str, arguments: list[object], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs Python with `package` in SimPy's place."""
    environment = {**os.environ, "PYTHONPATH": str(HELPERS), "RUN_AS_SIMPY": package}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_prints_what_it_is_said_to(name: str, tmp_path: Path) -> None:
    code = Path(FOLDER or "") / "docs/examples/code"
    source = (code / f"{name}.py").read_text()
    swapped = source.replace("import simpy\n", "import pluriverse.simpy as simpy\n")
    assert swapped != source
    program = tmp_path / "example.py"
    program.write_text(swapped)
    printed = run("pluriverse.simpy", [program], tmp_path)
    assert (printed.stdout, printed.stderr) == ((code / f"{name}.out").read_text(), "")


def test_all_examples_are_tried() -> None:
    programs = (Path(FOLDER or "") / "docs/examples/code").glob("*.py")
    assert sorted(program.stem for program in programs) == EXAMPLES


def test_what_the_documents_show_is_what_happens() -> None:
    folder = Path(FOLDER or "")
    result = run("pluriverse.simpy", [HELPERS / "run_documents.py", folder], folder)
    assert result.returncode == 0, result.stdout + result.stderr
    assert int(result.stdout.split()[0]) > 100


def outcomes(package: str, folder: Path) -> dict[str, str]:
    """How each of SimPy's tests ends."""
    arguments = ["-m", "pytest", "-rA", "-q", "--tb=no", "-p", "as_simpy", "-p", "no:cacheprovider"]
    # These hold the clock on the wall to a hundredth of a second, which a busy machine cannot promise.
    arguments += ["--ignore", "tests/test_rt.py"]
    result = run(package, [*arguments, "--rootdir", folder, "-c", os.devnull, "tests"], folder)
    words = (line.split() for line in result.stdout.splitlines())
    found = {line[1]: line[0] for line in words if len(line) > 1 and "::" in line[1]}
    assert found, result.stdout + result.stderr
    return found


def test_the_tests_of_simpy_end_as_they_do_with_simpy(tmp_path: Path) -> None:
    shutil.copytree(Path(FOLDER or "") / "tests", tmp_path / "tests")
    expected = outcomes("simpy", tmp_path)
    found = outcomes("pluriverse.simpy", tmp_path)
    assert found == expected
    assert list(found.values()).count("PASSED") >= 140
