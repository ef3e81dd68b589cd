"""Artifacts: what a run reads or makes, each with a digest that changes only when its content does.

The types are those of huggingtweets: a `raw-dataset` is a landing, a `train-dataset` the files of one export. A
`curated-dataset` is a corpus, a `model` was trained on an export, and a `document` is a card or a report. The first
inputs are an `input-file`, an `input-folder` or an `account`.

The digest of a landing comes from the SHA-256 of its Parquet files, whatever their names. That of a corpus comes from
its rows, whatever their order: after a compaction, after a change of thresholds, and in another workspace the same
posts with the same verdicts lie in other files. In a training folder names count: `train.jsonl` isn't `valid.jsonl`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from curation.disk.landings import originals
from curation.disk.manifest import MANIFEST, read_manifest
from curation.disk.states import ReplacedError
from curation.disk.workspace import Workspace
from curation.sql import identifier

if TYPE_CHECKING:
    import duckdb

    from curation.corpus.corpus import Corpus
    from curation.exports.formats.base import ExportResult
    from curation.sources.base import Source

RAW, CURATED, TRAIN, DOCUMENT = "raw-dataset", "curated-dataset", "train-dataset", "document"
MODEL = "model"  # described by `curation.tracking.model_artifacts`
INPUT_FILE, INPUT_FOLDER, ACCOUNT = "input-file", "input-folder", "account"

#: The content of a folder given to `collect` is hashed up to so many bytes: an archive's folder may hold videos.
FOLDER_BYTES = 2_000_000_000

#: Columns of a corpus that tell when and where a post was read, and nothing about the post or its verdict.
NOT_CONTENT = ("source", "source_file", "source_line", "landing", "landed_at")

#: The keys of `about` that others read.
_TEXTS = ("place", "landing", "landed_at", "compacted_at", "target", "source", "recipe", "fingerprint", "created_at")
_COUNTS = ("downloaded", "kept")


class Digest(Protocol):
    """A function that gives the SHA-256 of a file, or what `how` gives, in hexadecimal. Raises `OSError`."""

    def __call__(self, path: Path, how: Callable[[Path], str] | None = None) -> str:
        """The digest, kept while the file is unchanged."""


@dataclass(frozen=True)
class TrackedFile:
    """A file of an artifact."""

    path: str  # in the workspace where it lies there, else absolute
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Artifact:
    """Something that a run reads or makes."""

    type: str
    name: str
    digest: str | None  # hexadecimal; None: unknown, as for an account
    version: str | None = None  # "v0", "v1", …: one for each digest of the same type and name
    rows: int | None = None  # posts; of a landing, rows
    files: tuple[TrackedFile, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)  # `place`, and facts from its manifest

    @property
    def place(self) -> str | None:
        """Its path in the workspace, or an absolute one elsewhere."""
        return self.about.get("place")

    @property
    def title(self) -> str:
        """Name and version, for people."""
        return f"{self.name} {self.version}" if self.version else self.name

    def numbered(self, version: str | None) -> Artifact:
        """The same artifact with its version."""
        return replace(self, version=version)

    def to_json(self) -> dict[str, Any]:
        """As a record keeps it."""
        return asdict(self)

    def check(self) -> None:
        """Check what the types of the fields don't say. Raises `TypeError`."""
        texts = all(isinstance(self.about.get(key, ""), str | None) for key in _TEXTS)
        counts = all(isinstance(self.about.get(key, 0), int | None) for key in _COUNTS)
        if not (texts and counts and re.fullmatch(r"v[0-9]{1,9}", self.version or "v0")):
            raise TypeError("no artifact has a value of this kind")


#: Describes an artifact when the work is done and its files can be hashed: `partial` of a function below.
Described = Callable[[Digest], Artifact]


def landing(space: Workspace, folder: Path, digest: Digest) -> Artifact:
    """A landing, or several that were compacted into one folder."""
    manifest = read_manifest(folder)
    files = hashed(space, [folder / name for name in manifest["files"]], digest)
    about: dict[str, Any] = {"place": place_of(space, folder), "landing": folder.name}
    about |= {key: manifest[key] for key in ("source", "target", "landed_at", "compacted_at") if key in manifest}
    if "landings" in manifest:
        about["landings"] = [each["landing"] for each in manifest["landings"]]
        name = "compacted"
    else:
        name = artifact_name(Path(manifest["target"]).name)
        name = name if name.startswith(manifest["source"]) else artifact_name(manifest["source"], name)
    digests = combined(file.sha256 for file in files)
    return Artifact(RAW, name, digests, None, manifest["counts"]["rows"], files, about)


def replaced(name: str, _: Digest) -> Artifact:
    """A landing that a compaction has put into another folder: its own files are gone."""
    return Artifact(RAW, name, None, about={"place": f"raw/{name}", "landing": name})


def landings_of(space: Workspace, corpus: Corpus) -> list[Described]:
    """The landings of a corpus, as far as they still exist."""
    landings = {each["landing"] for each in corpus.manifest["inputs"]}
    folders = [f for f in space.landings() if landings.issuperset(each["landing"] for each in originals(f))]
    return [partial(landing, space, folder) for folder in folders]


def curated(space: Workspace, corpus: Corpus, digest: Digest) -> Artifact:
    """A corpus. It has no digest when a run replaces its files before they are hashed."""
    manifest = corpus.manifest
    counts, recipe = manifest["counts"], manifest["recipe"]
    about = {
        "place": place_of(space, corpus.folder), "recipe": recipe["name"], "fingerprint": recipe["fingerprint"],
        "created_at": manifest["created_at"], "downloaded": counts["downloaded"], "kept": counts["kept"],
    }  # fmt: skip
    try:
        files = hashed(space, [corpus.folder / name for name in manifest["files"]], digest)
        rows: str | None = digest(corpus.folder / MANIFEST, lambda _: digest_of_rows(corpus))
    except (FileNotFoundError, ReplacedError):
        files, rows = (), None
    return Artifact(CURATED, artifact_name(corpus.recipe), rows, None, counts["downloaded"], files, about)


def digest_of_rows(corpus: Corpus) -> str:
    """One digest of all rows of a corpus, whatever their order and files. Raises `ReplacedError`."""
    from curation.corpus.corpus import FixedCorpus

    def ask(connection: duckdb.DuckDBPyConnection, _: dict[str, Any]) -> str:
        described = connection.execute("DESCRIBE posts").fetchall()
        columns = [(name, kind) for name, kind, *_ in described if name not in NOT_CONTENT]
        # A time as text depends on the reader's time zone; NULL must not look like an empty text.
        values = (
            f"coalesce({'epoch_us' if 'TIME ZONE' in kind else ''}({identifier(name)})::VARCHAR, chr(30))"
            for name, kind in columns
        )
        # Each post is there once, so no two equal rows cancel out.
        row = f"md5_number(concat_ws(chr(31), {', '.join(values)}))"
        statement = f"SELECT count(*)::VARCHAR, coalesce(bit_xor({row}), 0)::VARCHAR FROM posts"
        [(rows, mixed)] = connection.execute(statement).fetchall()
        return combined((*(f"{name} {kind}" for name, kind in columns), rows, mixed))

    return FixedCorpus(corpus.folder, corpus.manifest).reading(ask)


def exported(space: Workspace, out: Path, result: ExportResult, _: Digest) -> Artifact:
    """The files that an export wrote."""
    sha256 = {file.path: file.sha256 for file in result.files}
    files = hashed(space, list(sha256), sha256.__getitem__)
    name = export_name(space, out, result.recipe)
    about = {"place": place_of(space, out), "recipe": result.recipe}
    lines = (f"{file.sha256} {_within(out, file.path)}" for file in result.files)
    rows = sum(file.posts for file in result.files if file.format == result.files[0].format)
    return Artifact(TRAIN, name, combined(sorted(lines)), None, rows, files, about)


def export_name(space: Workspace, folder: Path, recipe: str) -> str:
    """The name of an export's artifact: the recipe, and the folder where it isn't the usual one."""
    usual = folder.absolute() == (space.exports / recipe).absolute()
    return artifact_name(recipe) if usual else artifact_name(recipe, folder.absolute().name)


def document(space: Workspace, path: Path, digest: Digest) -> Artifact:
    """A card or a report."""
    [file] = hashed(space, [path], digest)
    return Artifact(DOCUMENT, artifact_name(path.name), file.sha256, None, None, (file,), {"place": file.path})


def given(path: Path, digest: Digest) -> Artifact:
    """A file or folder given to `collect`; the digest of a folder comes from the sorted list of its files.

    A pipe or a device has no digest: to read one would wait without end.
    """
    place = str(path.absolute())
    if not path.is_dir() and not path.is_file():
        return Artifact(INPUT_FILE, path.name, None, about={"place": place})
    if not path.is_dir():
        file = TrackedFile(place, path.stat().st_size, digest(path))
        return Artifact(INPUT_FILE, path.name, file.sha256, None, None, (file,), {"place": place})
    files = sorted(file for file in path.rglob("*") if file.is_file())
    total = sum(file.stat().st_size for file in files)
    whole = total <= FOLDER_BYTES
    lines = (f"{digest(f) if whole else f.stat().st_size} {f.relative_to(path).as_posix()}" for f in files)
    about = {"place": place, "files": len(files), "bytes": total, "hashed": "content" if whole else "sizes"}
    return Artifact(INPUT_FOLDER, path.absolute().name, combined(lines), None, None, (), about)


def account(source: str, target: str, _: Digest) -> Artifact:
    """A list on the network; it has no digest."""
    return Artifact(ACCOUNT, target, None, about={"source": source})


def inputs_of(source: Source, targets: Sequence[str]) -> list[Described]:
    """What a source reads: the given files and folders, or the list on the network."""
    paths = [Path(target) for target in targets]
    if all(os.path.lexists(path) and path.exists() for path in paths):
        return [partial(given, path) for path in paths]
    return [partial(account, source.name, source.target)]


def artifact_name(*words: str) -> str:
    """A name that trackers accept: ASCII letters, digits, dots, hyphens and underscores."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(words)).strip("-.")[:120] or "unnamed"


def combined(parts: Iterable[str]) -> str:
    """One digest of several."""
    return hashlib.sha256("".join(f"{part}\n" for part in parts).encode("utf-8", "surrogateescape")).hexdigest()


def place_of(space: Workspace, path: Path) -> str:
    """A path as records have it: relative in the workspace, since a workspace can move, else absolute."""
    absolute, root = path.absolute(), space.root.absolute()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(absolute)


def _within(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def hashed(space: Workspace, paths: Sequence[Path], digest: Callable[[Path], str]) -> tuple[TrackedFile, ...]:
    """Files as an artifact lists them. Raises `OSError`."""
    return tuple(TrackedFile(place_of(space, path), path.stat().st_size, digest(path)) for path in paths)
