"""Lineage: from a model or a training file back to what somebody downloaded.

A file is looked up by its content first: this finds a copy elsewhere under another name. Then it is looked up by its
path, and the answer tells what changed since. Each step comes from the record of a run, or from manifests where there
is no record (it was deleted, the command was killed, or it ran before there were records).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from curation.disk import export_manifest
from curation.disk.landings import originals
from curation.disk.manifest import MANIFEST, read_manifest
from curation.disk.path_names import impossible_name
from curation.disk.publishing import finish, steady
from curation.disk.training_record import FILE as TRAINING_RECORD
from curation.disk.training_record import read_record
from curation.disk.workspace import Workspace
from curation.errors import InputError, NothingToDoError, UsageError
from curation.tracking import artifacts
from curation.tracking.artifacts import ACCOUNT, CURATED, MODEL, RAW, TRAIN, Artifact, Described, place_of
from curation.tracking.index import RunIndex, opened
from curation.tracking.model_artifacts import model_artifact, training_input
from curation.tracking.run_record import RunRecord
from curation.writing.characters import shown
from curation.writing.terminal import shortened

#: Most steps of a walk; nothing that is made of posts has more.
DEEPEST = 12


@dataclass(frozen=True)
class LineageStep:
    """One step back, and the steps before it."""

    kind: str  # file, run, or the type of an artifact
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    made_from: tuple[LineageStep, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The step and all steps before it."""
        return {"kind": self.kind, "name": self.name, **self.facts, "from": [step.to_json() for step in self.made_from]}


@dataclass(frozen=True)
class Lineage:
    """Where a file comes from."""

    path: str
    sha256: str | None  # None for a folder
    known_by: str  # content, or path
    changed: bool  # whether the file differs from the one that was written at this path
    tree: LineageStep

    def to_json(self) -> dict[str, Any]:
        """For `curation lineage --json`."""
        return {"schema": 1, **vars(self), "tree": self.tree.to_json()}


def lineage(data: Workspace | Path | str, path: Path) -> Lineage:
    """Where a training file comes from; also a landing, a corpus, a model, or one of their files.

    Raises `InputError` when it can't be read, `NothingToDoError` when no run and no manifest names it.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    space.landings()  # raises an error if the folder is no workspace
    if why := impossible_name(path):
        raise UsageError(f"'{shortened(shown(str(path)), 80)}' is no name of a file: {why}.")
    finish(path if path.is_dir() else path.absolute().parent)
    if not path.exists():
        raise InputError(
            f"{path} does not exist. Name a training file, or a folder in raw, curated, exports or models."
        )
    with opened(space) as index:
        walk = _Walk(space, index)
        return steady([*walk.folders(path)], export_manifest.RECORD, lambda: walk.begin(path))


class _Walk:
    def __init__(self, space: Workspace, index: RunIndex) -> None:
        self.space, self.index = space, index

    def begin(self, path: Path) -> Lineage:
        """The lineage of `path`."""
        if path.is_dir():
            if step := self._folder(path):
                return Lineage(str(path), None, "path", False, step)
            raise self._unknown(path, "folder")
        sha256 = self.index.digest(path)
        for by, changed, step in self._candidates(path, sha256):
            if step:
                facts = {"sha256": sha256, **({"changed": True} if changed else {})}
                return Lineage(str(path), sha256, by, changed, LineageStep("file", path.name, facts, (step,)))
        raise self._unknown(path, "file")

    def _candidates(self, path: Path, sha256: str) -> Iterator[tuple[str, bool, LineageStep | None]]:
        place, inside = place_of(self.space, path), path.absolute().parent
        if (inside / TRAINING_RECORD).is_file():  # models share files, such as a tokenizer
            yield "path", self._is_changed(place, sha256), self._folder(inside)
        yield "content", False, self._written(self.index.writers(sha256=sha256), sha256=sha256)
        yield "content", False, self._from_exports(path, sha256)
        if inside.parent in (self.space.raw.absolute(), self.space.curated.absolute()):
            yield "path", False, self._folder(inside)
        yield "path", True, self._written(self.index.writers(path=place), path=place)
        yield "path", True, self._from_exports(path, None)

    def _written(self, runs: list[str], *, sha256: str | None = None, path: str | None = None) -> LineageStep | None:
        """The artifact with a file of this content, or at this path, by the latest run that wrote it."""
        for record in self._records(runs):
            for each in record.outputs:
                if any(file.sha256 == sha256 or file.path == path for file in each.files):
                    return self._artifact(each, made_by=record)
        return None

    def _is_changed(self, place: str, sha256: str) -> bool:
        """Whether the runs that wrote at a path wrote only other contents."""
        outputs = (output for each in self._records(self.index.writers(path=place)) for output in each.outputs)
        written = [file.sha256 for output in outputs for file in output.files if file.path == place]
        return bool(written) and sha256 not in written

    def _records(self, runs: list[str]) -> Iterator[RunRecord]:
        return filter(None, map(self.index.record, runs))

    def _described(self, described: Described, depth: int = 0) -> LineageStep:
        """An artifact as it is now, with the version that it had, and what it was made from."""
        artifact = described(self.index.digest)
        maker = next(self._records(self.index.makers(artifact)[:1]), None)
        outputs = maker.outputs if maker else ()
        version = next((each.version for each in outputs if each.digest == artifact.digest), None)
        return self._artifact(artifact.numbered(version), depth=depth)

    def _artifact(self, artifact: Artifact, made_by: RunRecord | None = None, depth: int = 0) -> LineageStep:
        """An artifact and what it was made from."""
        facts = {"version": artifact.version, "digest": artifact.digest, "rows": artifact.rows, **artifact.about}
        step = LineageStep(artifact.type, artifact.name, {k: v for k, v in facts.items() if v is not None})
        if depth > DEEPEST:
            return step
        if record := made_by or self._maker(artifact):
            output = next((a for a in record.outputs if (a.type, a.place) == (artifact.type, artifact.place)), artifact)
            if output.digest != artifact.digest and artifact.digest is not None:
                step = replace(step, facts={**step.facts, "rewritten_since": True})
            return replace(step, made_from=(self._run(record, depth),))
        if artifact.type == CURATED:
            return replace(step, made_from=tuple(self._landings_of_manifest(artifact.place, artifact.digest, depth)))
        if artifact.type == RAW:
            return replace(step, made_from=tuple(self._origins(artifact.about)))
        if artifact.type == MODEL:
            record_of_model = read_record(self.space.root / (artifact.place or ""))
            export = self._described(partial(training_input, self.space, record_of_model), depth + 1)
            return replace(step, made_from=(export,))
        if artifact.type == TRAIN:
            return self._exported_there(artifact) or replace(step, facts={**step.facts, "replaced_since": True})
        return step

    def _maker(self, artifact: Artifact) -> RunRecord | None:
        """The run that made this content; of a landing else the run that made its folder, as after a `forget`."""
        if artifact.type not in (RAW, CURATED, TRAIN, MODEL):
            return None
        runs = self.index.makers(artifact) if artifact.digest else []
        if not runs and artifact.type == RAW and artifact.place:  # only its own run lands in its folder
            runs = self.index.makers_at(RAW, artifact.place)
        return next(self._records(runs), None)

    def _run(self, record: RunRecord, depth: int) -> LineageStep:
        facts = {"job": record.job, "began_at": record.began_at, "seconds": record.seconds, "outcome": record.outcome}
        facts |= {"configuration": record.configuration, "recipe": record.recipe, "versions": record.versions}
        before = tuple(self._artifact(each, depth=depth + 1) for each in record.inputs)
        return LineageStep("run", record.id, facts, before)

    # ---- from the manifests

    def _folder(self, path: Path) -> LineageStep | None:
        """A landing, a corpus, a model or a folder of training text."""
        if (path / TRAINING_RECORD).is_file():
            return self._described(partial(model_artifact, self.space, path))
        if not (path / MANIFEST).is_file():
            for record in self._records(self.index.makers_at(TRAIN, place_of(self.space, path))):
                return self._artifact(next(a for a in record.outputs if a.type == TRAIN), record)
            records = export_manifest.read(path) or []
            return self._export(path, records[-1]) if records else None
        manifest = read_manifest(path)
        if "recipe" in manifest:
            from curation.corpus.corpus import Corpus

            return self._described(partial(artifacts.curated, self.space, Corpus(path, manifest)))
        if "source" in manifest or "landings" in manifest:
            return self._described(partial(artifacts.landing, self.space, path))
        return None

    def _from_exports(self, path: Path, sha256: str | None) -> LineageStep | None:
        """The export that names a file of this content in its `export.json`, or without a content the path."""
        for folder in self.folders(path):
            for each in reversed(export_manifest.read(folder) or []):
                for file in each.files:
                    here = folder.absolute() / file["name"] == path.absolute()
                    if file.get("sha256") == sha256 if sha256 else here:
                        return self._export(folder, each)
        return None

    def folders(self, path: Path) -> Iterator[Path]:
        """Folders that may hold an `export.json` for a path: here, above, and wherever the workspace exported to."""
        yield from path.absolute().parents[:3]
        with contextlib.suppress(OSError):
            yield from sorted(folder for folder in self.space.exports.glob("[!.]*") if folder.is_dir())
        yield from (folder for folder, _ in export_manifest.elsewhere(self.space))

    def _export(self, folder: Path, exported: export_manifest.ExportRecord) -> LineageStep:
        facts: dict[str, Any] = {"exported_at": exported.exported_at, "options": exported.options}
        corpus = self.space.curated / exported.recipe
        current = None
        if (corpus / MANIFEST).is_file() and tuple(read_manifest(corpus)["files"]) == exported.made_of:
            current = self._folder(corpus)
        before = current or LineageStep(CURATED, exported.recipe, {"replaced_since": True})
        facts |= {"place": place_of(self.space, folder), "not_recorded": True}
        return LineageStep(TRAIN, exported.recipe, facts, (before,))

    def _exported_there(self, artifact: Artifact) -> LineageStep | None:
        """The export whose manifest names the files of an artifact, changed files too."""
        folder = self.space.root / (artifact.place or "")
        digests = {file.sha256 for file in artifact.files}
        names = {Path(file.path).name for file in artifact.files}
        for each in reversed(export_manifest.read(folder) or []):
            if digests and names <= {Path(name).name for name in each.names}:
                step = self._export(folder, each)
                same = digests <= {file.get("sha256") for file in each.files}
                return step if same else replace(step, facts={**step.facts, "changed": True})
        return None

    def _landings_of_manifest(self, place: str | None, digest: str | None, depth: int) -> Iterator[LineageStep]:
        """The landings of a corpus without a run, as long as its files stand."""
        folder = self.space.root / (place or "")
        if not place or not (folder / MANIFEST).is_file():
            return
        from curation.corpus.corpus import Corpus

        corpus = Corpus(folder, read_manifest(folder))
        if digest and artifacts.curated(self.space, corpus, self.index.digest).digest != digest:
            return  # another corpus stands there now
        there = set()
        for described in artifacts.landings_of(self.space, corpus):
            step = self._described(described, depth + 1)
            there |= {step.facts["landing"], *step.facts.get("landings", ())}
            yield step
        for each in corpus.manifest["inputs"]:
            if each["landing"] not in there:
                yield LineageStep(RAW, each["landing"], {**each, "gone": True})

    def _origins(self, about: dict[str, Any]) -> Iterator[LineageStep]:
        """The origins of a landing without a run, from its manifest."""
        folder = self.space.raw / str(about.get("landing"))
        if "landings" in about and (folder / MANIFEST).is_file():
            for each in originals(folder):
                facts = {key: each[key] for key in ("source", "target", "landed_at")}
                maker = next(self._records(self.index.makers_at(RAW, f"raw/{each['landing']}")[:1]), None)
                before = (self._run(maker, 0),) if maker else tuple(self._origins(facts))
                yield LineageStep(RAW, each["landing"], facts, before)
        elif "target" in about:
            kind = "input" if Path(about["target"]).suffix or Path(about["target"]).exists() else ACCOUNT
            yield LineageStep(kind, about["target"], {"source": about.get("source"), "not_recorded": True})

    def _unknown(self, path: Path, what: str) -> NothingToDoError:
        return NothingToDoError(
            f"Nobody knows the {what} {path} in {self.space.root}: no run wrote it, and no export.json names it. "
            "Name the workspace that it was made in with --data DIR, or export it again: curation export"
        )
