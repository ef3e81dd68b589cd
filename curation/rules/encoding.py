"""Transforms that undo what storage and transport did to a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from curation import sql
from curation.functions.encoding import FIX_ENCODINGS, badness_pattern
from curation.functions.entities import DECODE_ENTITIES
from curation.functions.normalization import normalizer
from curation.rules.base import Transform, one_of, param

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curation.functions.base import BatchFunction


@dataclass(frozen=True, kw_only=True)
class UnescapeHtml(Transform):
    """HTML entities become the characters they stand for

    X writes `&amp;`, `&lt;` and `&gt;` for `&`, `<` and `>` and nothing else, so a post of that format gets
    exactly these three back, and in one pass: `&amp;lt;` is somebody's `&lt;`. A table of unknown origin may
    hold entities of any kind. A post that is known to be plain is left alone. Afterwards the post's
    `text_format` is `unescaped`, so a text is never decoded twice.
    """

    use: ClassVar[str] = "unescape_html"
    title: ClassVar[str] = "Entities decoded"

    passes: str = param(
        "one",
        doc='"one": all entities at once, the right way · "successive": `&amp;`, `&lt;`, `&gt;` one after the other, '
        "in every post, as huggingtweets did, so that `&amp;lt;` becomes `<`",
        check=one_of("one", "successive"),
    )

    def rewrite(self) -> str:
        if self.passes == "successive":
            return "replace(replace(replace(text, '&amp;', '&'), '&lt;', '<'), '&gt;', '>')"
        three = "replace(replace(replace(text, '&lt;', '<'), '&gt;', '>'), '&amp;', '&')"
        return f"CASE WHEN text_format = 'escaped' THEN {three} ELSE {DECODE_ENTITIES.name}(text) END"

    def when(self) -> str:
        formats = "text_format <> 'unescaped'"
        if self.passes == "one":
            formats = "text_format IN ('escaped', 'html', 'unknown')"
        return f"{formats} AND contains(text, '&') AND contains(text, ';')"

    def sets(self) -> Mapping[str, str]:
        return {"text_format": "'unescaped'"}

    def functions(self) -> tuple[BatchFunction, ...]:
        return () if self.passes == "successive" else (DECODE_ENTITIES,)


@dataclass(frozen=True, kw_only=True)
class FixMojibake(Transform):
    """Text that was decoded with the wrong encoding is put right (`cafÃ©` → `café`)

    The repair is ftfy's, encodings only: quotes, full-width letters and ligatures stay as they were written.
    """

    use: ClassVar[str] = "fix_mojibake"
    title: ClassVar[str] = "Encodings repaired"

    def rewrite(self) -> str:
        return f"{FIX_ENCODINGS.name}(text)"

    def when(self) -> str:
        return f"{sql.not_ascii('text')} AND {sql.matches('text', badness_pattern())}"

    def functions(self) -> tuple[BatchFunction, ...]:
        return (FIX_ENCODINGS,)


@dataclass(frozen=True, kw_only=True)
class NormalizeUnicode(Transform):
    """Characters that can be written in several ways are written in one

    `NFC` joins a letter with its accents and changes nothing that can be seen. `NFKC` also turns full-width
    letters, ligatures and the like into plain ones, which can be seen, so it is not the default.
    """

    use: ClassVar[str] = "normalize_unicode"
    title: ClassVar[str] = "Unicode normalized"

    form: str = param("NFC", doc="normalization form of Unicode (UAX #15)", check=one_of("NFC", "NFKC"))

    def rewrite(self) -> str:
        # Not DuckDB's nfc_normalize: it cuts a text off at its first NUL.
        return f"{normalizer(self.form).name}(text)"

    def when(self) -> str:
        return sql.not_ascii("text")

    def functions(self) -> tuple[BatchFunction, ...]:
        return (normalizer(self.form),)
