"""Object stores that answer as S3 does, on loopback: moto in an environment of its own, and s3rver.

moto keeps the promise of a conditional write, as S3 itself does; s3rver takes no notice of the condition, as some
stores that people run do.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from curation.disk.objects import ObjectFolder
from tests.cluster.clusters import Processes, free_port, wait_until

LOOPBACK = "127.0.0.1"

#: Where what the stores need is installed, once.
BUILD = Path(__file__).parents[2] / "build" / "stores"
BUCKET = "posts"


@dataclass(frozen=True)
class ObjectStore:
    """A running store with an empty bucket."""

    url: str  # of a workspace in the bucket, s3://…
    port: int
    environment: Mapping[str, str]  # what its clients need


def answers(port: int) -> bool:
    """Whether somebody listens on a port of loopback."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


def _environment(port: int, key: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port}",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": key,
        "AWS_REGION": "us-east-1",
    }


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[ObjectStore]:
    """Run moto's server, which is installed into an environment of its own: it conflicts with our constraints."""
    python = BUILD / "moto" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", BUILD / "moto"], check=True)
    if not python.with_name("moto_server").exists():
        quiet = ["--quiet", "--disable-pip-version-check"]
        subprocess.run([python, "-m", "pip", "install", *quiet, "moto[server]==5.2.5"], check=True)
    port = free_port()
    command = [python.with_name("moto_server"), "-H", LOOPBACK, "-p", str(port)]
    with Processes(folder) as processes:
        processes.start("moto", *command)
        wait_until(lambda: answers(port), lambda: processes.log("moto"))
        made = urllib.request.Request(f"http://{LOOPBACK}:{port}/{BUCKET}", method="PUT")
        urllib.request.urlopen(made, timeout=10).close()
        yield ObjectStore(f"s3://{BUCKET}/team", port, _environment(port, "key"))


@contextlib.contextmanager
def s3rver(folder: Path) -> Iterator[ObjectStore]:
    """Run npm's s3rver."""
    program = BUILD / "s3rver" / "node_modules" / ".bin" / "s3rver"
    if not program.exists():
        program.parents[2].mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "s3rver@3.7.1"]
        subprocess.run(install, cwd=program.parents[2], check=True)
    port = free_port()
    (folder / "s3rver").mkdir(exist_ok=True)
    options = ["-a", LOOPBACK, "-p", str(port), "-d", folder / "s3rver", "--configure-bucket", BUCKET]
    with Processes(folder) as processes:
        processes.start("s3rver", program, *options)
        wait_until(lambda: answers(port), lambda: processes.log("s3rver"))
        yield ObjectStore(f"s3://{BUCKET}/team", port, _environment(port, "S3RVER"))


def missing() -> str | None:
    """Why s3rver can't run here; None when it can."""
    return None if shutil.which("npm") and os.name == "posix" else "no npm here: apt-get install npm"


def own_folder(store: ObjectStore, name: str, monkeypatch: pytest.MonkeyPatch) -> ObjectFolder:
    """A folder of a test's own in a store, which the environment leads to."""
    for variable, value in store.environment.items():
        monkeypatch.setenv(variable, value)
    return ObjectFolder.at(f"{store.url}/{store.port}/{name.replace('[', '-').rstrip(']')}")
