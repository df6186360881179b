"""Runs the examples in SimPy's documents: `run_documents.py FOLDER` prints each that answers something else.

Names of classes may tell where they really are.
"""

import doctest
import sys
from pathlib import Path

import as_simpy  # noqa: F401


# What this one shows depends on how busy the machine is.
WALL_CLOCK = "real-time-simulations"


class Checker(doctest.OutputChecker):
    """Takes one package's names for the other's."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want, got.replace("pluriverse.simpy.", "simpy."), optionflags)


def main(folder: Path) -> None:
    runner = doctest.DocTestRunner(Checker(), optionflags=doctest.ELLIPSIS)
    parser = doctest.DocTestParser()
    for document in sorted([folder / "README.rst", *folder.glob("docs/**/*.rst")]):
        if document.stem == WALL_CLOCK:
            continue
        name = str(document.relative_to(folder))
        examples = parser.get_doctest(document.read_text(), {"__name__": "__main__"}, name, name, 0)
        runner.run(examples)
    failed, tried = runner.summarize(verbose=False)
    print(f"{tried} tried, {failed} failed")
    sys.exit(failed != 0)


main(Path(sys.argv[1]))
