"""The part of the sources page about files: every form with where people get it, and the files that hold no posts."""

from __future__ import annotations

import inspect
import sys

from curation.sources.dialects import dialects
from curation.sources.files.kinds_of_file import kinds_of_file

FILES = """\
A file is recognised by what stands in it, over many records and never by its name: `curation collect file PATH
--explain-format` says what it is and what told, and lands nothing. `--format` insists on a form.

- **Packed files.** `.gz`, `.bz2`, `.xz` and `.zst` are unpacked while they are read. Each file in a zip, a tar or a
  folder is read by itself; messages call it `outer.zip: inner.csv`. What lies deeper than a zip in a zip is named and
  not read, and the landing is `partial`. Nothing stays unpacked on the disk. Quoted patterns
  (`'exports/*.jsonl'`) and `-` for standard input work too. A web address has to be downloaded first.
- **Tables** are CSV and TSV as people make them, `COPY` text and dumps of PostgreSQL, Hive's (`\\x01` between cells)
  and those with ASCII's separators (`\\x1f` and `\\x1e`), and Parquet, Arrow and Feather, also a data set's folder from
  the Hub.
- **JSON** may lie one object a line, in a list, or anywhere in a document: `{"records": […]}`, a map keyed by id,
  `[{"tweet": {…}}]`, what pandas writes. Authors in a list or map beside the posts are joined. `--map
  text=path.to[].title` reaches nested values.
- **Encodings.** UTF-8, UTF-16 and UTF-32 are known by their bytes. For other files the texts show the encoding, and a
  notice names it; where nothing is certain, `--encoding NAME` decides ([encodings.md](encodings.md)).
- **HTML.** Where most texts of a file are HTML, they land as such (`text_format = html`) and rules read their words.
- **Times** are read as people write them. The order of day and month is decided over the whole column; where nothing
  tells, they stay empty and `--dates day-first` or `month-first` decides. Missing times are counted, with an example.
- **Ids alone** are no posts: such a file is refused, and has to be hydrated first.
- **Private messages, e-mail, phone numbers and contacts** are never opened. Of chats and groups only the messages of
  `--author` are read, and private chats only with `--private`.
- **A record that can't be read** costs only itself and is named with its file and line, item or byte. Where more are
  rejected than land, the landing is `partial`, with exit code 1 and the commonest reasons.
- **A file that is cut off or damaged** lands as far as it can be read, and the landing is `partial`, also where it lies
  in a folder or a zip. So it is where a file has a password or needs a package that isn't installed.
- **Invisible characters** (zero-width blanks, marks of direction and byte order, soft hyphens) in an id, a count, the
  name of a column or a handle in Latin letters don't count: a post with them is the same post. Texts and names in other
  scripts keep them.
- **A workspace** in a folder is not read, and neither are links that lead out of the folder or nowhere; a notice names
  them."""


def files_parts() -> list[str]:
    """Paragraphs and tables: files in general, each dialect, and what is recognised and not read."""
    parts = ["## Files of posts, form by form", FILES]
    told: set[str] = set()
    for dialect in dialects():
        module = sys.modules[dialect.__module__]
        parts.append(f"### `{dialect.name}`\n\n{inspect.getdoc(dialect)}")
        if dialect.origin:
            parts.append(f"Where it comes from: {dialect.origin}")
        details = (inspect.getdoc(module) or "").partition("\n\n")[2]
        if details and module.__name__ not in told:
            parts.append(details)
        told.add(module.__name__)
    rows = {kind.what: kind.way for kind in kinds_of_file() if kind.way}
    lines = ["| a file that is | what to do |", "| --- | --- |"]
    lines += [f"| {what} | {way.replace('{file}', 'FILE').replace('|', chr(92) + '|')} |" for what, way in rows.items()]
    parts += ["## Files that hold no text to read", "They are recognised by their first bytes.", "\n".join(lines)]
    return parts
