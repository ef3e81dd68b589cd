"""What judging a corpus computes again and again, kept on disk: what rules compare, and whom they removed.

::

    DIR/.evidence/<corpus>/<key>/compared-<digest>.parquet   what a rule compares, of each post of the corpus
                                 outcome-<digest>.parquet    the posts that a rule removes among some of them
                                 sharing-<digest>.parquet    the posts that share a key with others

The key is a digest of the names of the corpus's files, which are never used twice, and of the versions of all packages
that a verdict depends on. So a file is right for as long as it is there, and a corpus that a run, a pin or forgetting
changes has none. Files take their places whole. It is a cache: deleting it changes nothing, and what can't be read or
written is computed anew. It holds texts and ids of posts; `forget` removes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation import versions
from curation.asking.kept_states import keep, sweep
from curation.corpus.corpus import Corpus
from curation.disk.whole_files import take_along
from curation.disk.workspace import Workspace

#: Increases when the same posts and rules give other files.
VERSION = 2
#: Outcomes that are kept for one state of a corpus, the latest ones.
MOST_OUTCOMES = 200
#: Bytes of what one rule compares that are kept at most.
MOST_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Evidence:
    """The kept files of one state of a corpus; where nothing can be kept, those of one question."""

    corpus: Corpus
    folder: Path  # where they are kept
    scratch: Path  # for files on their way

    @classmethod
    def of(cls, corpus: Corpus, scratch: Path) -> Evidence:
        """The files of a corpus. One that lies outside of a workspace keeps none beyond `scratch`."""
        space = Workspace(corpus.folder.parent.parent)
        if corpus.folder.parent != space.curated:
            return cls(corpus, scratch / "evidence", scratch)
        return cls(corpus, space.evidence / corpus.folder.name / _key(corpus.manifest), scratch)

    def compared(self, digest: str) -> Path | None:
        """What a rule compares, if it is kept."""
        path = self.folder / f"compared-{digest}.parquet"
        try:
            pq.read_metadata(path)
        except (OSError, pa.ArrowException):
            return None
        return path

    def outcome(self, digest: str) -> pa.Table | None:
        """The posts that a rule removes, if that is kept."""
        path = self.folder / f"outcome-{digest}.parquet"
        table = _read(path)
        if table is not None:
            with contextlib.suppress(OSError):
                path.touch()
        return table

    def sharing(self, digest: str) -> pa.Table | None:
        """The posts that share a key, if that is kept."""
        return _read(self.folder / f"sharing-{digest}.parquet")

    def keep_compared(self, digest: str, path: Path) -> None:
        """Keep a file of what a rule compares."""
        if path.stat().st_size <= MOST_BYTES:
            self._keep(f"compared-{digest}.parquet", path)

    def keep_sharing(self, digest: str, posts: pa.Table) -> None:
        """Keep the posts that share a key."""
        self._keep_table(f"sharing-{digest}.parquet", posts)

    def keep_outcome(self, digest: str, removed: pa.Table) -> None:
        """Keep the posts that a rule removes."""
        self._keep_table(f"outcome-{digest}.parquet", removed)
        with contextlib.suppress(OSError):
            outcomes = sorted(self.folder.glob("outcome-*.parquet"), key=lambda each: each.stat().st_mtime_ns)
            for old in outcomes[:-MOST_OUTCOMES]:
                old.unlink()

    def _keep_table(self, name: str, table: pa.Table) -> None:
        path = self.scratch / name
        pq.write_table(table, path, compression="zstd", write_page_checksum=True)
        self._keep(name, path)

    def _keep(self, name: str, path: Path) -> None:
        if self.corpus.successor():
            return  # forgetting may have changed the corpus meanwhile
        space = Workspace(self.corpus.folder.parent.parent)
        if not self.folder.is_relative_to(space.evidence):
            with contextlib.suppress(OSError):
                self.folder.mkdir(exist_ok=True)
                take_along(path, self.folder / name)
            return
        is_first = not self.folder.is_dir()
        if keep(space, path, self.folder / name) and is_first:
            sweep(space, space.evidence, _key)


def _read(path: Path) -> pa.Table | None:
    """A kept table; None when there is none, or it is damaged."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:  # `read_table` would load pandas
            return file.read()
    except (OSError, pa.ArrowException):
        return None


def digest_of(*parts: Any) -> str:
    """A digest of bytes and of whatever JSON can write."""
    whole = hashlib.sha256()
    for part in parts:
        written = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode()
        whole.update(len(written).to_bytes(8, "little") + written)
    return whole.hexdigest()[:32]


def _key(manifest: dict[str, Any]) -> str:
    return digest_of(VERSION, manifest["files"], versions.of_packages(), unicodedata.unidata_version)[:16]
