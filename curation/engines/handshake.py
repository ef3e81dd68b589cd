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

#: What the digest of a package's files is called.
FILES_OF = "the files of "

#: In a worker: what it answered, by the run's token, and the versions that it had when it was first asked for them.
ANSWERS, VERSIONS = "_curation_answers", "_curation_versions"


def versions_here(
    packages: typing.Iterable[str], own: typing.Iterable[str], versions: dict[str, str] | None = None
) -> dict[str, str]:
    """Python's version, those of installed `packages`, and of the packages `own` also a digest of their files.

    What is in `versions` is not looked at again: a process that has imported something goes on with it, whatever is
    installed meanwhile.
    """
    versions = {} if versions is None else versions
    versions["Python"] = ".".join(platform.python_version_tuple()[:2])
    for name in packages:
        if name not in versions:
            try:
                versions[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                versions[name] = ""
    for name in own:
        if f"{FILES_OF}{name}" not in versions:
            versions[f"{FILES_OF}{name}"] = _digest(name)
    return versions


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
    answers: dict[str, str | None] = sys.__dict__.setdefault(ANSWERS, {})
    token = request["token"]
    if token not in answers:
        answers[token] = _other_versions(request) or _unseen_folder(request)
    return answers[token]


def _other_versions(request: dict[str, typing.Any]) -> str | None:
    here = versions_here(request["packages"], request["own"], sys.__dict__.setdefault(VERSIONS, {}))
    for name, version in request["versions"].items():
        if here.get(name, "") != version:
            return (
                f"The worker {platform.node()} has {_named(name, here.get(name, ''))}, and this machine has "
                f"{_named(name, version)}. It has read no post. Install the same versions everywhere, and start the "
                "workers anew."
            )
    return None


def _named(name: str, version: str) -> str:
    if not version:
        return f"no {name.removeprefix(FILES_OF)}"
    return f"other files of {name.removeprefix(FILES_OF)} ({version})" if " " in name else f"{name} {version}"


def _unseen_folder(request: dict[str, typing.Any]) -> str | None:
    """Look for the file that the driver wrote; a network's file system may show it some seconds later."""
    if not request["probe"]:
        return None  # workers share no folder
    probe = pathlib.Path(request["probe"])
    until = time.monotonic() + request["settle"]
    while True:
        try:
            if probe.read_text(encoding="ascii") == request["content"]:
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
