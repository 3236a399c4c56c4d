"""A PostgreSQL server of the tests' own, where one is installed; never run as root."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

USER = "postgres"  # who runs it, where we are root
OPTIONS = "-c listen_addresses='' -c fsync=off -c max_connections=40"


def program(name):
    """Where a program of the server's is: Debian keeps it off the path."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(installed[-1]) if installed else None)


IF_INSTALLED = pytest.mark.skipif(
    not program("initdb") and not os.environ.get("CI"), reason="no PostgreSQL here"
)


@contextmanager
def serving():
    """The URL of an empty database, which nobody but this machine's users can reach."""
    with tempfile.TemporaryDirectory(prefix="bnviz-postgres-") as folder:
        as_whom = []
        if os.getuid() == 0:
            shutil.chown(folder, USER)
            as_whom = ["runuser", "-u", USER, "--"]
        data = f"{folder}/data"

        def run(name, *words):
            subprocess.run(
                [*as_whom, program(name), *words], check=True, cwd=folder, stdout=subprocess.DEVNULL
            )

        run("initdb", "-D", data, "-U", "bnviz", "--auth=trust", "--no-sync", "-E", "UTF8")
        run("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", f"{OPTIONS} -k {folder}",
            "start")  # fmt: skip
        try:
            yield f"postgresql+psycopg://bnviz@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
