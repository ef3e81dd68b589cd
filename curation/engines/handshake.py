"""What a worker is asked before it reads a post: which versions it has, and whether it sees the folder of the run.

The text of this file travels with every task, and a worker executes it before it imports anything of this program. It
needs the standard library alone, so that a worker with another Python, or without this program, can answer as well.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import pathlib
import pickle
import platform
import sys
import time
import typing

#: Packages on which a verdict may depend.
PACKAGES = ("curation", "duckdb", "pyarrow", "numpy", "polars", "ftfy", "langdetect")

#: What workers run of this program, and what a rule is made of.
RUN_BY_WORKERS = (
    "engines", "functions", "options", "recipes", "rules", "sameness", "sql", "writing", "errors.py", "posts.py",
)  # fmt: skip

#: In a worker: what it was asked already, by the run's token, and what it answered.
ANSWERS = "_curation_answers"


def versions_here(packages: typing.Iterable[str], own: typing.Iterable[str]) -> dict[str, str]:
    """Python's version, those of installed `packages`, and of the packages `own` also a digest of their files."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in packages:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = ""
    return {**found, **{f"the files of {name}": _digest(name) for name in own}}


def _digest(package: str) -> str:
    """A short digest of the source files of a package or module; empty where it can't be imported."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return ""
    roots = [pathlib.Path(place) for place in spec.submodule_search_locations or [spec.origin or ""]]
    if package == "curation":
        roots = [root / name for root in roots for name in RUN_BY_WORKERS]
    whole = hashlib.sha256()
    for root in roots:
        files = sorted(root.rglob("*")) if root.is_dir() else [root]
        for path in files:
            if path.is_file() and path.suffix in (".py", ".toml", ".json", ".txt"):
                whole.update(f"{root.name}/{path.relative_to(root).as_posix()}\0".encode())
                whole.update(path.read_bytes() + b"\0")
    return whole.hexdigest()[:12]


def misfit(request: dict[str, typing.Any]) -> str | None:
    """What is wrong with this worker, in one sentence; None when it may work. It is looked at once a run."""
    known: dict[str, str | None] = sys.__dict__.setdefault(ANSWERS, {})
    token = request["token"]
    if token not in known:
        known[token] = _other_versions(request) or _unseen_folder(request)
    return known[token]


def _other_versions(request: dict[str, typing.Any]) -> str | None:
    here = versions_here(request["packages"], request["own"])
    for name, version in request["versions"].items():
        if here.get(name, "") != version:
            return (
                f"The worker {platform.node()} has {_named(name, here.get(name, ''))}, and this machine has "
                f"{_named(name, version)}. It has read no post. Install the same versions everywhere."
            )
    return None


def _named(name: str, version: str) -> str:
    if not version:
        return f"no {name.removeprefix('the files of ')}"
    return f"other files of {name.removeprefix('the files of ')} ({version})" if " " in name else f"{name} {version}"


def _unseen_folder(request: dict[str, typing.Any]) -> str | None:
    """Look for the file that the driver wrote; a network's file system may show it some seconds later."""
    probe = pathlib.Path(request["probe"])
    until = time.monotonic() + request["settle"]
    while True:
        try:
            if probe.read_text(encoding="ascii") == request["token"]:
                return None
        except (OSError, ValueError):
            pass
        if time.monotonic() >= until:
            return (
                f"The worker {platform.node()} does not see {probe.parent}, where this run keeps its files, and has "
                "read no post. Put --data on a folder that every worker has under the same path."
            )
        time.sleep(0.2)


def greet(request: dict[str, typing.Any]) -> tuple[str, typing.Any, str]:
    """In a worker: say whether it may work."""
    wrong = misfit(request)
    return "misfit" if wrong else "fits", wrong, platform.node()


def answer(request: dict[str, typing.Any], task: bytes, memory_limit: str) -> tuple[str, typing.Any, str]:
    """In a worker: run a task if the worker may; gives a kind of answer, the answer, and the worker's name."""
    wrong = misfit(request)
    if wrong:
        return "misfit", wrong, platform.node()
    from curation.engines.worker import attempt

    return attempt(task, memory_limit, request["token"])


def answer_each(calls: list[tuple[str, tuple[typing.Any, ...]]], places: list[str]) -> None:
    """In a job: run functions of this file, by name and arguments; write each answer whole as soon as there is one."""
    for (name, arguments), place in zip(calls, places):  # noqa: B905 - an older Python may read it
        unfinished = pathlib.Path(f"{place}.new")
        with unfinished.open("wb") as file:
            pickle.dump(globals()[name](*arguments), file)
        unfinished.replace(place)
