"""Artifacts: what a run reads or makes, with a digest that changes when the content does, and only then.

The types are those of huggingtweets: `raw-dataset` is a landing, `train-dataset` the files of one export;
`curated-dataset`, a corpus, stands between the two, and `model` is what was trained on such an export. What goes in at
the beginning is an `input-file`, an `input-folder` or an `account`, and `document` is a card or a report.

A landing's digest is made of the SHA-256 of its Parquet files, whose names don't count. A corpus's is made of its rows,
whatever their order: the same posts with the same verdicts lie in other files after a compaction, or when only
thresholds changed, and are the same nevertheless, in another workspace too. In a training folder names do count:
`train.jsonl` and `valid.jsonl` are not the same.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

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

#: Of a folder that was named to `collect`, content is hashed up to so many bytes: an archive's folder may hold videos.
FOLDER_BYTES = 2_000_000_000

#: Columns of a corpus that say when and where a post was read, and nothing of the post or its verdict.
NOT_CONTENT = ("source", "source_file", "source_line", "landing", "landed_at")


#: What `about` may hold, as far as it is looked at.
_TEXTS = ("place", "landing", "landed_at", "compacted_at", "target", "source", "recipe", "fingerprint", "created_at")
_COUNTS = ("downloaded", "kept")


class Digest(Protocol):
    """Gives the SHA-256 of a file, or what `how` makes of it, as hexadecimal digits; kept while it is unchanged."""

    def __call__(self, path: Path, how: Callable[[Path], str] | None = None) -> str:
        """The digest. Raises `OSError`."""


@dataclass(frozen=True)
class TrackedFile:
    """A file of an artifact."""

    path: str  # in the workspace where it lies there, else absolute
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Artifact:
    """Something that a run read or made."""

    type: str
    name: str
    digest: str | None  # hexadecimal digits; None: nobody can tell, as for an account
    version: str | None = None  # "v0", "v1", …: another one for another digest under the same type and name
    rows: int | None = None  # posts; of a landing, rows
    files: tuple[TrackedFile, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)  # `place`, and what its manifest says

    @property
    def place(self) -> str | None:
        """Where it lies: a path in the workspace, else an absolute one."""
        return self.about.get("place")

    @property
    def title(self) -> str:
        """Name and version, for people."""
        return f"{self.name} {self.version}" if self.version else self.name

    def numbered(self, version: str | None) -> Artifact:
        """The same with its version."""
        return replace(self, version=version)

    def to_json(self) -> dict[str, Any]:
        """As a record keeps it."""
        return asdict(self)

    @classmethod
    def of_json(cls, content: dict[str, Any]) -> Artifact:
        """Read one back. Raises `KeyError`, `TypeError`, `AttributeError`."""
        artifact = cls(**{**content, "files": tuple(TrackedFile(**file) for file in content["files"])})
        texts = [artifact.type, artifact.name, *(text for f in artifact.files for text in (f.path, f.sha256))]
        perhaps = [artifact.digest, artifact.version, *(artifact.about.get(key) for key in _TEXTS)]
        counts = [artifact.rows, *(artifact.about.get(key) for key in _COUNTS)]
        if not (
            all(isinstance(text, str) for text in texts)
            and all(text is None or isinstance(text, str) for text in perhaps)
            and all(count is None or isinstance(count, int) for count in counts)
            and (artifact.version is None or re.fullmatch(r"v[0-9]{1,9}", artifact.version))
        ):
            raise TypeError("a value of it is of a kind that no artifact has")
        return artifact


#: An artifact as soon as its files are hashed, which happens when the work is done.
Described = Callable[[Digest], Artifact]


def landing(space: Workspace, folder: Path) -> Described:
    """A landing, or several that were compacted into one folder."""

    def describe(digest: Digest) -> Artifact:
        manifest = read_manifest(folder)
        files = _hashed(space, [folder / name for name in manifest["files"]], digest)
        about: dict[str, Any] = {"place": place_of(space, folder), "landing": folder.name}
        about |= {key: manifest[key] for key in ("source", "target", "landed_at", "compacted_at") if key in manifest}
        if "landings" in manifest:
            about["landings"] = [each["landing"] for each in manifest["landings"]]
            name = "compacted"
        else:
            name = artifact_name(Path(manifest["target"]).name)
            name = name if name.startswith(manifest["source"]) else artifact_name(manifest["source"], name)
        return Artifact(
            RAW, name, combined(file.sha256 for file in files), None, manifest["counts"]["rows"], files, about
        )

    return describe


def replaced(name: str) -> Described:
    """A landing that lies in a compacted folder by now: its own files are gone."""
    return lambda _: Artifact(RAW, name, None, about={"place": f"raw/{name}", "landing": name})


def landings_of(space: Workspace, corpus: Corpus) -> list[Described]:
    """The landings that a corpus is made of, as far as they are there still."""
    from curation.disk.landings import originals

    landings = {each["landing"] for each in corpus.manifest["inputs"]}
    folders = [f for f in space.landings() if landings.issuperset(each["landing"] for each in originals(f))]
    return [landing(space, folder) for folder in folders]


def curated(space: Workspace, corpus: Corpus) -> Described:
    """A corpus. Where its files are replaced before they are hashed, it has no digest."""

    def describe(digest: Digest) -> Artifact:
        manifest = corpus.manifest
        counts, recipe = manifest["counts"], manifest["recipe"]
        about = {
            "place": place_of(space, corpus.folder), "recipe": recipe["name"], "fingerprint": recipe["fingerprint"],
            "created_at": manifest["created_at"], "downloaded": counts["downloaded"], "kept": counts["kept"],
        }  # fmt: skip
        try:
            files = _hashed(space, [corpus.folder / name for name in manifest["files"]], digest)
            rows: str | None = digest(corpus.folder / MANIFEST, lambda _: digest_of_rows(corpus))
        except (FileNotFoundError, ReplacedError):
            files, rows = (), None
        return Artifact(CURATED, artifact_name(corpus.recipe), rows, None, counts["downloaded"], files, about)

    return describe


def digest_of_rows(corpus: Corpus) -> str:
    """One digest of all rows of a corpus, in whatever order and files they lie. Raises `ReplacedError`."""
    from curation.corpus.corpus import FixedCorpus

    def ask(connection: duckdb.DuckDBPyConnection, _: dict[str, Any]) -> str:
        columns = [
            (name, kind)
            for name, kind, *_ in connection.execute("DESCRIBE posts").fetchall()
            if name not in NOT_CONTENT
        ]
        # A time as text would depend on the time zone of who asks; NULL must not look like an empty text.
        values = (
            f"coalesce({'epoch_us' if 'TIME ZONE' in kind else ''}({identifier(name)})::VARCHAR, chr(30))"
            for name, kind in columns
        )
        # Posts are there once each, so no two rows are equal and cancel out.
        row = f"md5_number(concat_ws(chr(31), {', '.join(values)}))"
        statement = f"SELECT count(*)::VARCHAR, coalesce(bit_xor({row}), 0)::VARCHAR FROM posts"
        [(rows, mixed)] = connection.execute(statement).fetchall()
        return combined((*(f"{name} {kind}" for name, kind in columns), rows, mixed))

    return FixedCorpus(corpus.folder, corpus.manifest).reading(ask)


def exported(space: Workspace, out: Path, result: ExportResult) -> Described:
    """The files that an export wrote."""

    def describe(_: Digest) -> Artifact:
        files = tuple(
            TrackedFile(place_of(space, file.path), file.path.stat().st_size, file.sha256) for file in result.files
        )
        usual = out.absolute() == (space.exports / result.recipe).absolute()
        name = artifact_name(result.recipe) if usual else artifact_name(result.recipe, out.absolute().name)
        about = {"place": place_of(space, out), "recipe": result.recipe}
        lines = (f"{file.sha256} {_within(out, file.path)}" for file in result.files)
        rows = sum(file.posts for file in result.files if file.format == result.files[0].format)
        return Artifact(TRAIN, name, combined(sorted(lines)), None, rows, files, about)

    return describe


def document(space: Workspace, path: Path) -> Described:
    """A card or a report."""

    def describe(digest: Digest) -> Artifact:
        files = _hashed(space, [path], digest)
        return Artifact(
            DOCUMENT, artifact_name(path.name), files[0].sha256, None, None, files, {"place": files[0].path}
        )

    return describe


def given(path: Path) -> Described:
    """What the user named to `collect`: a file, or a folder, of which the sorted listing of its files is hashed."""

    def describe(digest: Digest) -> Artifact:
        place = str(path.absolute())
        if not path.is_dir():
            file = TrackedFile(place, path.stat().st_size, digest(path))
            return Artifact(INPUT_FILE, path.name, file.sha256, None, None, (file,), {"place": place})
        files = sorted(file for file in path.rglob("*") if file.is_file())
        total = sum(file.stat().st_size for file in files)
        whole = total <= FOLDER_BYTES
        lines = (f"{digest(f) if whole else f.stat().st_size} {f.relative_to(path).as_posix()}" for f in files)
        about = {"place": place, "files": len(files), "bytes": total, "hashed": "content" if whole else "sizes"}
        return Artifact(INPUT_FOLDER, path.absolute().name, combined(lines), None, None, (), about)

    return describe


def account(source: str, target: str) -> Described:
    """A list on the network: nobody can tell its content from a digest."""
    return lambda _: Artifact(ACCOUNT, target, None, about={"source": source})


def inputs_of(source: Source, targets: Sequence[str]) -> list[Described]:
    """What a source reads: the files and folders that were named, or the list on the network."""
    paths = [Path(target) for target in targets]
    if all(os.path.lexists(path) and path.exists() for path in paths):
        return [given(path) for path in paths]
    return [account(source.name, source.target)]


def artifact_name(*words: str) -> str:
    """A name that trackers take for an artifact: ASCII letters, digits, dots, lines and underscores."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(words)).strip("-.")[:120] or "unnamed"


def combined(parts: Iterable[str]) -> str:
    """One digest of several."""
    return hashlib.sha256("".join(f"{part}\n" for part in parts).encode("utf-8", "surrogateescape")).hexdigest()


def place_of(space: Workspace, path: Path) -> str:
    """A path as records have it: in the workspace where it lies there, so that a workspace can move."""
    absolute, root = path.absolute(), space.root.absolute()
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(absolute)


def _within(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def _hashed(space: Workspace, paths: Sequence[Path], digest: Digest) -> tuple[TrackedFile, ...]:
    return tuple(TrackedFile(place_of(space, path), path.stat().st_size, digest(path)) for path in paths)
