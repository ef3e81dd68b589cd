"""Writes the pages of this folder that say what there is, out of the classes, and checks the others.

    python -m docs.generate

What a class says of itself stands nowhere twice: `pages` gives every generated page as text, and a test
compares it with the page that is committed. The examples of the hand-written pages are run, and what came out
is written into them (see `docs.examples`); look at the difference before you keep it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from docs import examples
from docs.catalog import exports_page, recipes_page, rules_page, sources_page
from docs.reference import cli_page, schema_page
from docs.searching import search_page

FOLDER = Path(__file__).parent
README = FOLDER.parent / "README.md"

GENERATED = {
    "rules.md": rules_page,
    "sources.md": sources_page,
    "exports.md": exports_page,
    "recipes.md": recipes_page,
    "schema.md": schema_page,
    "cli.md": cli_page,
    "search.md": search_page,
}


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {name: make() for name, make in GENERATED.items()}


def with_examples() -> list[Path]:
    """The hand-written pages, README first."""
    return [README, *(page for page in sorted(FOLDER.glob("*.md")) if page.name not in GENERATED)]


def main() -> int:
    """Write everything; 1 if an example needs a person."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    failed = 0
    for page in with_examples():
        with tempfile.TemporaryDirectory() as folder:
            for example in examples.refresh(page, Path(folder)):
                failed = 1
                print(f"{page}: mend by hand what is shown after: {example.source}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main())
