"""`curation lineage` and `curation runs`: the origin of a file, and earlier runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curation.cli import output
from curation.cli.options import Data, Json
from curation.errors import NothingToDoError
from curation.writing.terminal import aligned

if TYPE_CHECKING:
    from curation.tracking.lineage import LineageStep
    from curation.tracking.run_record import RunRecord

#: Digits of a digest on the screen.
DIGITS = 12
#: Remarks on a step, by the fact that they are about.
REMARKS = {
    "changed": "changed since",
    "rewritten_since": "rewritten since (curation forget)",
    "replaced_since": "replaced by a later run, so what it was made of is not known",
    "not_recorded": "no record of the run, known from the manifests",
    "gone": "gone",
}


def lineage(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A model, a training file, a landing, a corpus or an export.")
    ],
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """Follow a model or a training file back to what was downloaded."""
    from curation.tracking.lineage import lineage as trace_back

    result = trace_back(data, file)
    if json:
        output.print_json(result.to_json())
        return
    if result.changed:
        output.say(f"Note: {result.path} was changed since it was written there; what follows is of the file before.")
    output.print_text("".join(f"{line}\n" for line in _tree(result.tree, "", "")))


def runs(
    job: Annotated[
        str | None,
        typer.Option("--job", help="Only these runs: collect, run, export, train, forget, compact, card or report."),
    ] = None,
    last: Annotated[int, typer.Option("--last", min=1, metavar="N", help="The newest N runs.")] = 20,
    data: Data = Path("data"),
    json: Json = False,
) -> None:
    """List the runs in the workspace, newest first."""
    from curation.disk.workspace import Workspace
    from curation.tracking.index import opened

    space = Workspace(data)
    space.landings()  # raises an error about a damaged folder
    with opened(space) as index:
        records = [record for id in index.latest(job, last) if (record := index.record(id))]
    if not records:
        of_job = f" of the job '{job}'" if job else ""
        raise NothingToDoError(
            f"No run{of_job} is recorded in {data}. Commands that make something leave a record: curation collect, "
            "run, export, train, forget, compact, card and report."
        )
    if json:
        output.print_json({"schema": 1, "runs": [record.to_json() for record in records]})
        return
    lines = [("when (UTC)", "job", "outcome", "seconds", "what")]
    lines += [(r.began_at[:19].replace("T", " "), r.job, _outcome(r), f"{r.seconds:,.1f}", _what(r)) for r in records]
    output.print_text("".join(f"{output.visible(line)}\n" for line in aligned(lines, left=(0, 1, 2, 4))))


def _outcome(record: RunRecord) -> str:
    return record.status or record.outcome if record.outcome == "done" else record.outcome


def _what(record: RunRecord) -> str:
    if record.error:
        return record.error
    artifacts = [artifact.title for artifact in record.outputs] or [artifact.title for artifact in record.inputs]
    return ", ".join(artifacts)


def _tree(step: LineageStep, first: str, rest: str) -> Iterator[str]:
    """A line for the step, and below it the steps that it was made from."""
    yield output.visible(first + _sentence(step))
    for number, before in enumerate(step.made_from, start=1):
        last = number == len(step.made_from)
        yield from _tree(before, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))


def _sentence(step: LineageStep) -> str:
    facts = step.facts
    if step.kind == "run":
        took = f", {facts['seconds']:,.1f} s" if facts["outcome"] == "done" else f", {facts['outcome']}"
        given = facts["configuration"].items()
        options = "".join(f" {name}={','.join(map(str, v)) if isinstance(v, list) else v}" for name, v in given)
        return f"curation {facts['job']}{options}  ({facts['began_at'][:19].replace('T', ' ')} UTC{took})"
    words = [f"{step.kind} {step.name}" + (f" {facts['version']}" if "version" in facts else "")]
    if "kept" in facts:
        words.append(f"{facts['kept']:,} kept of {facts['downloaded']:,} downloaded, recipe {facts['fingerprint']}")
    elif "rows" in facts:
        words.append(output.count(facts["rows"], "post"))
    if "bits_per_character" in facts:
        words.append(f"{facts['bits_per_character']:.3f} bits per character, base {facts['base']}")
    words += [
        f"{key.replace('_', ' ')} {facts[key]}" for key in ("landing", "landed_at", "exported_at") if key in facts
    ]
    if digest := facts.get("digest") or facts.get("sha256"):
        words.append(f"sha256 {digest[:DIGITS]}…")
    words += [sentence for key, sentence in REMARKS.items() if facts.get(key)]
    return ", ".join(words)
