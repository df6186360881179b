"""Runs the README's tour of Python as it stands there, in whatever environment this is, and compares with the command line.

Needs nothing but the package: `cargo xtask test python` runs it where nothing else is installed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def blocks(document: str) -> list[str]:
    """The blocks of Python in a document of Markdown."""
    return re.findall(r"^```python\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)


def main() -> None:
    found = blocks((ROOT / "README.md").read_text())
    assert found, "the README has no block of Python"
    os.chdir(ROOT)
    names: dict[str, Any] = {}
    for block in found:
        exec(compile(block, "README.md", "exec"), names)
    words = [os.environ["PLURIVERSE"], "run", "scenarios/contact-centre.toml", "--format", "json", "--quiet"]
    printed = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    assert names["results"].ledger_hash == printed["ledger_hash"], "the ledger is not the command line's"
    print(f"the README's tour: {len(found)} blocks, the command line's hash")


if __name__ == "__main__":
    main()
