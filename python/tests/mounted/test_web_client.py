"""The web app's own client speaks to the example app, below its prefix and with its token."""

from __future__ import annotations

import os
import pathlib
import subprocess

from cluster import cluster
from service import service

ROOT = pathlib.Path(__file__).parents[3]


def test_the_web_apps_client_works_below_a_prefix(tmp_path: pathlib.Path) -> None:
    with cluster() as database:
        environment = {"DATABASE": database.url, "TOKENS": "ada:secret", "DATA_DIR": str(tmp_path)}
        with service("app:app", ROOT / "examples" / "fastapi", environment) as planning:
            address = f"http://127.0.0.1:{planning.port}/pluriverse/"
            words = ["npm", "--no-update-notifier", "run", "mounted", "--workspace=app"]
            done = subprocess.run(
                words,
                cwd=ROOT / "web",
                env={**os.environ, "PLURIVERSE_MOUNTED": address},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr + "".join(planning.said)
