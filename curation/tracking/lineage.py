"""Lineage: from a model or a training file back to what somebody downloaded.

A file is known by its content first, so that a copy elsewhere under another name is found too; then by its path, and
then what changed since is said. Each step is what a record says; where there is none (the record was deleted, or the
command was killed, or it ran before there were records), what the manifests say.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk import export_manifest
from curation.disk.landings import originals
from curation.disk.manifest import MANIFEST, read_manifest
from curation.disk.path_names import impossible_name
from curation.disk.publishing import finish, steady
from curation.disk.training_record import FILE as TRAINING_RECORD
from curation.disk.workspace import Workspace
from curation.errors import InputError, NothingToDoError, UsageError
from curation.tracking import artifacts
from curation.tracking.artifacts import ACCOUNT, CURATED, MODEL, RAW, TRAIN, Artifact, place_of
from curation.tracking.index import RunIndex, opened
from curation.tracking.run_record import RunRecord
from curation.writing.characters import shown
from curation.writing.terminal import shortened

if TYPE_CHECKING:
    from curation.disk.export_manifest import ExportRecord as Exported

#: How far back a walk goes; nothing that is made of posts has more steps.
DEEPEST = 12


@dataclass(frozen=True)
class LineageStep:
    """One thing on the way back, and what it was made from."""

    kind: str  # file, run, or the type of an artifact
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    made_from: tuple[LineageStep, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The step and all before it."""
        return {"kind": self.kind, "name": self.name, **self.facts, "from": [step.to_json() for step in self.made_from]}


@dataclass(frozen=True)
class Lineage:
    """Where a file comes from."""

    path: str
    sha256: str | None  # None for a folder
    known_by: str  # content, or path
    changed: bool  # whether the file at this path is another one than was written there
    tree: LineageStep

    def to_json(self) -> dict[str, Any]:
        """For `curation lineage --json`."""
        return {"schema": 1, **{k: getattr(self, k) for k in ("path", "sha256", "known_by", "changed")}} | {
            "tree": self.tree.to_json()
        }


def lineage(data: Workspace | Path | str, path: Path) -> Lineage:
    """Where a training file comes from; also a landing, a corpus, a model, or one of their files.

    Raises `InputError` when it can't be read, `NothingToDoError` when nobody knows it.
    """
    space = data if isinstance(data, Workspace) else Workspace(Path(data))
    space.landings()  # says what is wrong with the folder, if anything is
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
        """Find out what `path` is."""
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
        place = place_of(self.space, path)
        if (path.absolute().parent / TRAINING_RECORD).is_file():  # models share files, such as a tokenizer
            model = self._folder(path.absolute().parent)
            yield "path", self._is_changed(place, sha256), model
        yield "content", False, self._written(self.index.writers(sha256=sha256), sha256=sha256)
        yield "content", False, self._from_exports(path, sha256)
        inside = path.absolute().parent
        if inside.parent in (self.space.raw.absolute(), self.space.curated.absolute()):
            yield "path", False, self._folder(inside)
        yield "path", True, self._written(self.index.writers(path=place), path=place)
        yield "path", True, self._from_exports(path, None)

    def _written(self, runs: list[str], *, sha256: str | None = None, path: str | None = None) -> LineageStep | None:
        """The artifact to which a file with this content, or at this path, belongs, by the latest run that wrote it."""
        for record in filter(None, map(self.index.record, runs)):
            for each in record.outputs:
                if any(file.sha256 == sha256 or file.path == path for file in each.files):
                    return self._artifact(each, made_by=record)
        return None

    def _is_changed(self, place: str, sha256: str) -> bool:
        """Whether another content was written at a path by the run that wrote there last."""
        records = filter(None, map(self.index.record, self.index.writers(path=place)))
        written = [
            file.sha256 for each in records for output in each.outputs for file in output.files if file.path == place
        ]
        return bool(written) and sha256 not in written

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
            return replace(step, made_from=tuple(self._export_of_model(artifact, depth)))
        if artifact.type == TRAIN:
            return self._exported_there(artifact) or replace(step, facts={**step.facts, "replaced_since": True})
        return step

    def _maker(self, artifact: Artifact) -> RunRecord | None:
        """The run that made this content; else the last one that made something in its place, as before a `forget`."""
        if artifact.type not in (RAW, CURATED, TRAIN, MODEL):
            return None
        runs = self.index.makers(artifact) if artifact.digest else []
        if not runs and artifact.type == RAW and artifact.place:  # no run but its own ever lands in its folder
            runs = self.index.makers_at(RAW, artifact.place)
        return next(filter(None, map(self.index.record, runs)), None)

    def _run(self, record: RunRecord, depth: int) -> LineageStep:
        facts = {"job": record.job, "began_at": record.began_at, "seconds": record.seconds, "outcome": record.outcome}
        facts |= {"configuration": record.configuration, "recipe": record.recipe, "versions": record.versions}
        before = tuple(self._artifact(each, depth=depth + 1) for each in record.inputs)
        return LineageStep("run", record.id, facts, before)

    # ---- what the manifests say

    def _folder(self, path: Path) -> LineageStep | None:
        """A landing, a corpus, a model or a folder of training text."""
        if (path / TRAINING_RECORD).is_file():
            from curation.tracking.model_artifacts import model_artifact

            model = model_artifact(self.space, path)(self.index.digest)
            return self._artifact(model.numbered(self._earlier_version(model)))
        if not (path / MANIFEST).is_file():
            runs = self.index.makers_at(TRAIN, place_of(self.space, path))
            for record in filter(None, map(self.index.record, runs)):
                return self._artifact(next(a for a in record.outputs if a.type == TRAIN), record)
            records = export_manifest.read(path) or []
            return self._export(path, records[-1]) if records else None
        manifest = read_manifest(path)
        if "recipe" in manifest:
            from curation.corpus.corpus import Corpus

            described = artifacts.curated(self.space, Corpus(path, manifest))
        elif "source" in manifest or "landings" in manifest:
            described = artifacts.landing(self.space, path)
        else:
            return None
        artifact = described(self.index.digest)
        return self._artifact(artifact.numbered(self._earlier_version(artifact)))

    def _earlier_version(self, artifact: Artifact) -> str | None:
        runs = self.index.makers(artifact)
        record = self.index.record(runs[0]) if runs else None
        return next((a.version for a in record.outputs if a.digest == artifact.digest), None) if record else None

    def _from_exports(self, path: Path, sha256: str | None) -> LineageStep | None:
        """What the `export.json` files say of a file with this content; without one, of the file at this path."""
        for folder in self.folders(path):
            for each in reversed(export_manifest.read(folder) or []):
                for file in each.files:
                    here = folder.absolute() / file["name"] == path.absolute()
                    if file.get("sha256") == sha256 if sha256 else here:
                        return self._export(folder, each)
        return None

    def folders(self, path: Path) -> Iterator[Path]:
        """Where files of exports may be known: here, above, and wherever the workspace exported to."""
        yield from path.absolute().parents[:3]
        with contextlib.suppress(OSError):
            yield from sorted(folder for folder in self.space.exports.glob("[!.]*") if folder.is_dir())
        yield from (folder for folder, _ in export_manifest.elsewhere(self.space))

    def _export(self, folder: Path, exported: Exported) -> LineageStep:
        facts = {
            "exported_at": exported.exported_at,
            "options": exported.options,
            "place": place_of(self.space, folder),
        }
        corpus = self.space.curated / exported.recipe
        current = None
        if (corpus / MANIFEST).is_file():
            manifest = read_manifest(corpus)
            if tuple(manifest["files"]) == exported.made_of:
                current = self._folder(corpus)
        before = current or LineageStep(CURATED, exported.recipe, {"replaced_since": True})
        return LineageStep(TRAIN, exported.recipe, {**facts, "not_recorded": True}, (before,))

    def _exported_there(self, artifact: Artifact) -> LineageStep | None:
        """What the manifest of an export says, if the files lie there that an artifact names, changed ones too."""
        folder = self.space.root / (artifact.place or "")
        digests = {file.sha256 for file in artifact.files}
        names = {Path(file.path).name for file in artifact.files}
        for each in reversed(export_manifest.read(folder) or []):
            if digests and names <= {Path(name).name for name in each.names}:
                step = self._export(folder, each)
                same = digests <= {file.get("sha256") for file in each.files}
                return step if same else replace(step, facts={**step.facts, "changed": True})
        return None

    def _export_of_model(self, model: Artifact, depth: int) -> Iterator[LineageStep]:
        """What a model that no run is known for learned from, as its own record says."""
        from curation.disk.training_record import read_record
        from curation.tracking.model_artifacts import training_inputs

        record = read_record(self.space.root / (model.place or ""))
        for described in training_inputs(self.space, record):
            artifact = described(self.index.digest)
            yield self._artifact(artifact.numbered(self._earlier_version(artifact)), depth=depth + 1)

    def _landings_of_manifest(self, place: str | None, digest: str | None, depth: int) -> Iterator[LineageStep]:
        """What a corpus that no run is known for was made of, if it stands still."""
        folder = self.space.root / (place or "")
        if not place or not (folder / MANIFEST).is_file():
            return
        from curation.corpus.corpus import Corpus

        corpus = Corpus(folder, read_manifest(folder))
        if digest and artifacts.curated(self.space, corpus)(self.index.digest).digest != digest:
            return  # another one stands there by now
        there = set()
        for described in artifacts.landings_of(self.space, corpus):
            artifact = described(self.index.digest)
            there |= {artifact.about["landing"], *artifact.about.get("landings", ())}
            yield self._artifact(artifact.numbered(self._earlier_version(artifact)), depth=depth + 1)
        for manifest_entry in corpus.manifest["inputs"]:
            if manifest_entry["landing"] not in there:
                yield LineageStep(RAW, manifest_entry["landing"], {**manifest_entry, "gone": True})

    def _origins(self, about: dict[str, Any]) -> Iterator[LineageStep]:
        """What a landing that no run is known for says of where it came from."""
        folder = self.space.raw / str(about.get("landing"))
        if "landings" in about and (folder / MANIFEST).is_file():
            for manifest_entry in originals(folder):
                facts = {key: manifest_entry[key] for key in ("source", "target", "landed_at")}
                runs = self.index.makers_at(RAW, f"raw/{manifest_entry['landing']}")
                record = self.index.record(runs[0]) if runs else None
                before = (self._run(record, 0),) if record else tuple(self._origins(facts))
                yield LineageStep(RAW, manifest_entry["landing"], facts, before)
        elif "target" in about:
            kind = "input" if Path(about["target"]).suffix or Path(about["target"]).exists() else ACCOUNT
            yield LineageStep(kind, about["target"], {"source": about.get("source"), "not_recorded": True})

    def _unknown(self, path: Path, what: str) -> NothingToDoError:
        return NothingToDoError(
            f"Nobody knows the {what} {path} in {self.space.root}: no run wrote it, and no export.json names it. "
            "Name the workspace that it was made in with --data DIR, or export it again: curation export"
        )
