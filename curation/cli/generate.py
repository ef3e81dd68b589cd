"""`curation generate`: text from a model, with the parts that it repeats from its training posts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curation.cli import output, values
from curation.cli.options import Data, Json
from curation.cli.record_options import record_of, with_options
from curation.options.commands import GenerateOptions

if TYPE_CHECKING:
    from curation.training.generation.copied import Stretch
    from curation.training.generation.generate import Generator, Sample
    from curation.training.generation.reference_text import ReferenceText

#: Before each line of a sample.
INDENT = "   "

#: Start and end of underlining on a terminal.
UNDERLINED, PLAIN = "\x1b[4m", "\x1b[24m"


def generate(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A model in the workspace, NAME@v0 for a version, or a folder.",
            autocompletion=values.models,
        ),
    ],
    beginning: Annotated[str, typer.Argument(metavar="PROMPT", help="The beginning of each text; optional.")] = "",
    data: Data = Path("data"),
    json: Json = False,
    **settings: Any,
) -> None:
    """Generate text with a model, and find the posts it repeats word for word."""
    from curation.disk.training_record import FILE, read_record
    from curation.disk.workspace import Workspace
    from curation.training.cards.trained import show_samples
    from curation.training.folders import find_model
    from curation.training.generation import loading, reference_text
    from curation.training.generation import picture as drawing
    from curation.training.generation.copied import copied
    from curation.training.generation.generate import Generator

    options = record_of(GenerateOptions, settings)
    picture = options.picture
    if picture:
        drawing.require(picture)
    space = Workspace(data)
    folder = find_model(space, model)
    loading.require(folder)
    record = read_record(folder) if (folder / FILE).is_file() else None
    text = reference_text.ReferenceText.of(space, folder, record)
    generator = Generator.of(loading.load(folder, record), beginning, options)
    if text.note:
        output.say(f"Note: {text.note}")
    if not json and sys.stdout and sys.stdout.isatty():
        every = _stream(generator, text)
    else:
        every = list(generator.samples())
        marks = copied([each.text for each in every], text.batches(), every[0].prompt)
        if json:
            pairs = zip(every, marks, strict=True)
            samples = [{"text": sample.text, "copied": [each._asdict() for each in some]} for sample, some in pairs]
            head = {"schema": 1, "model": folder.name, "prompt": generator.prompt, "seed": generator.sampling.seed}
            output.print_json({**head, "compared_with": text.origin, "samples": samples})
        else:
            for number, (sample, stretches) in enumerate(zip(every, marks, strict=True), start=1):
                output.print_text(f"{_head(number)}{_indented(sample.text)}\n{_copies(sample, stretches)}")
    if options.seed is None and not json:
        output.say(f"The same texts again: --seed {generator.sampling.seed}")
    if picture:
        preview = drawing.draw(folder.name, beginning, [(sample.text, sample.prompt) for sample in every])
        drawing.write(picture, preview)
        shown = ", and the card shows it" if show_samples(space, folder, picture) else ""
        output.say(f"{preview.note and f'Note: {preview.note} '}The picture is {picture}{shown}.")


def _stream(generator: Generator, text: ReferenceText) -> list[Sample]:
    """Print samples while they come, and below each the parts that it repeats."""
    from curation.training.generation.copied import copied

    every = []
    for number in range(generator.sampling.samples):
        _write(_head(number + 1))
        sample = generator.streamed(number, lambda piece: _write(_indented(output.visible(piece))))
        [stretches] = copied([sample.text], text.batches(), sample.prompt)
        _write(f"\n{_copies(sample, stretches, underline=os.environ.get('TERM') != 'dumb')}")
        every.append(sample)
    return every


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _head(number: int) -> str:
    return f"{number}.".ljust(len(INDENT))


def _indented(text: str) -> str:
    return text.replace("\n", f"\n{INDENT}")


def _copies(sample: Sample, stretches: Sequence[Stretch], *, underline: bool = False) -> str:
    """A line for each copied stretch."""
    begin, end = (UNDERLINED, PLAIN) if underline else ("«", "»")
    lines = []
    for stretch in stretches:
        words = output.visible(" ".join(sample.text[stretch.begin : stretch.end].split()))
        post = output.visible(f"{stretch.platform} {stretch.id}")
        lines.append(f"{INDENT}copied from {post}: {begin}{words}{end}\n")
    return "".join(lines)


generate = with_options(generate, GenerateOptions, after="beginning")
