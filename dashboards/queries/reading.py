"""Stretches of the training text, as the page draws them."""

from __future__ import annotations

from curation.exports.reading import Stretch, read_stretch
from curation.exports.registry import format_of
from curation.options.export import TEXT, ExportOptions
from dashboards.snapshot import Snapshot


def readable(options: ExportOptions) -> dict[str, str]:
    """The formats that are text, each with the format that shows how it reads: for tokens, `text`."""
    shown: dict[str, str] = {}
    for name in options.formats:
        format = format_of(name)
        if format and not format.preview_note:
            shown[name] = name
    if "tokens" in options.formats:
        shown["tokens"] = TEXT
    return shown


def stretch(snapshot: Snapshot, format: str, options: ExportOptions, draw: int) -> Stretch:
    """One stretch; another `draw` gives another one. Raises what `read_stretch` raises."""

    def look(number: int, of: int | None) -> Stretch:
        def make() -> Stretch:
            return snapshot.ask(lambda corpus: read_stretch(corpus, format, options, draw=number, of=of))

        return snapshot.keep(("stretch", format, repr(options), number), make, size=20_000)

    return look(draw, look(0, None).of if draw else None)
