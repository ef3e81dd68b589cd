"""Transforms that undo what storage and transport did to a text, and the filter for what remains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, cast

from curation import sql
from curation.functions.base import BatchFunction
from curation.functions.characters import DECODE_ENTITIES, Form, normalizer
from curation.functions.encoding.by_ftfy import ENCODINGS_RECORD, FIX_ENCODINGS, LONGEST_LINE, badness_pattern
from curation.functions.encoding.damage import DAMAGED
from curation.functions.encoding.repair import FIX_MOJIBAKE, MOJIBAKE_RECORD, suspect_pattern
from curation.functions.html_text import HTML_TEXT
from curation.options.bounds import AtLeast, OneOf
from curation.rules.base import Filter, Transform, column, param


@dataclass(frozen=True, kw_only=True)
class UnescapeHtml(Transform):
    """HTML becomes the text that people see, and entities the characters they stand for

    A text of the format `html` loses its tags: an empty line separates paragraphs, `<br>` becomes a line break, a link
    its address once, and a mention its name. In other texts a tag is something that a person wrote.

    X writes `&amp;`, `&lt;` and `&gt;` for `&`, `<` and `>` and escapes nothing else, so a post of that format gets
    exactly these three back, in one pass: `&amp;lt;` was `&lt;`. A table of unknown origin may contain entities of any
    kind. A post that is known to be plain stays as it is. Afterwards the post's `text_format` is `unescaped`, so no
    text is decoded twice.
    """

    use: ClassVar[str] = "unescape_html"
    title: ClassVar[str] = "Entities decoded"
    version: ClassVar[int] = 2

    passes: str = param(
        "one",
        doc='"one": all entities at once, the right way · "successive": `&amp;`, `&lt;`, `&gt;` one after the other, '
        "in every post, as huggingtweets did, so that `&amp;lt;` becomes `<`",
        check=OneOf("one", "successive"),
    )

    def rewrite(self) -> str:
        if self.passes == "successive":
            others = "replace(replace(replace(text, '&amp;', '&'), '&lt;', '<'), '&gt;', '>')"
            return f"CASE WHEN text_format = 'html' THEN {HTML_TEXT.name}(text) ELSE {others} END"
        three = "replace(replace(replace(text, '&lt;', '<'), '&gt;', '>'), '&amp;', '&')"
        return (
            f"CASE text_format WHEN 'escaped' THEN {three} WHEN 'html' THEN {HTML_TEXT.name}(text) "
            f"ELSE {DECODE_ENTITIES.name}(text) END"
        )

    def when(self) -> str:
        formats = "text_format <> 'unescaped'"
        if self.passes == "one":
            formats = "text_format IN ('escaped', 'html', 'unknown')"
        entities = "contains(text, '&') AND contains(text, ';')"
        return f"{formats} AND (({entities}) OR (text_format = 'html' AND {sql.contains('text', '<', '&')}))"

    def sets(self) -> Mapping[str, str]:
        return {"text_format": "'unescaped'"}

    def functions(self) -> tuple[BatchFunction, ...]:
        return (HTML_TEXT,) if self.passes == "successive" else (DECODE_ENTITIES, HTML_TEXT)


@dataclass(frozen=True, kw_only=True)
class FixMojibake(Transform):
    """Text that was decoded with the wrong encoding is put right (`cafÃ©` → `café`)

    ftfy repairs what it can, but only encodings: quotes, full-width letters and ligatures stay as they are. Further
    repairs then fix what ftfy leaves or gets wrong, one sequence at a time: single letters that were read as Mac Roman
    (`Wi≈õnia` → `Wiśnia`), two layers of damage (`it‰Ûªs` → `it’s`), control characters, an ellipsis that lost a byte.
    They change only sequences that nobody types: a footnote after a closing quote (`“Rīgā”¹`) or a trademark after a
    capital (`NESTLÉ®`) is typography. What is lost stays as it is, without a U+FFFD in its place, and `damaged` finds
    it.
    """

    use: ClassVar[str] = "fix_mojibake"
    title: ClassVar[str] = "Encodings repaired"
    version: ClassVar[int] = 3

    repairs: str = param(
        "all",
        doc='"all": ftfy, and what it leaves · "ftfy": exactly what ftfy does, encodings only',
        check=OneOf("all", "ftfy"),
    )

    def rewrite(self) -> str:
        return f"{self.functions()[0].name}(text)"

    def when(self) -> str:
        pattern = suspect_pattern() if self.repairs == "all" else badness_pattern()
        # ftfy starts again after this many characters, even within a line.
        suspect = f"({sql.matches('text', pattern)} OR length(text) > {LONGEST_LINE})"
        return f"{sql.not_ascii('text')} AND {suspect}"

    def records(self) -> str:
        """SQL: the kinds of damage that the rewrite repairs in `text`; see `encoding.damage.KINDS`."""
        return f"{self.functions()[1].name}(text)"

    def functions(self) -> tuple[BatchFunction, ...]:
        return (FIX_MOJIBAKE, MOJIBAKE_RECORD) if self.repairs == "all" else (FIX_ENCODINGS, ENCODINGS_RECORD)


@dataclass(frozen=True, kw_only=True)
class Damaged(Filter):
    """More than `max` places where the encoding damaged the text

    A place is a run of U+FFFD or of control characters, or a sequence that nobody types (`â€™`, `ð???`). After
    `fix_mojibake` these are the places whose bytes are lost. By default none is allowed: of 337,000 posts in English,
    Dutch, Japanese and Portuguese that came directly from the platform, six have any.
    """

    use: ClassVar[str] = "damaged"
    title: ClassVar[str] = "Damaged text"

    max: int = param(0, doc="places; neighbouring lost characters are one", check=AtLeast(0), unit="places")

    def measure(self) -> str:
        places = f"len(regexp_extract_all(text, {sql.literal(DAMAGED)}))"
        return f"CASE WHEN {sql.not_ascii('text')} AND {sql.matches('text', DAMAGED)} THEN {places} ELSE 0 END"

    def removes(self) -> str:
        return f"{column(self)} > {self.max}"


@dataclass(frozen=True, kw_only=True)
class NormalizeUnicode(Transform):
    """Characters that can be written in several ways are written in one

    `NFC` joins a letter with its accents, and changes nothing visible. `NFKC` also turns full-width letters, ligatures
    and the like into plain ones; that is visible, so it is not the default.
    """

    use: ClassVar[str] = "normalize_unicode"
    title: ClassVar[str] = "Unicode normalized"

    form: str = param("NFC", doc="normalization form of Unicode (UAX #15)", check=OneOf("NFC", "NFKC"))

    def rewrite(self) -> str:
        # Not DuckDB's nfc_normalize, which cuts off a text at its first NUL.
        return f"{normalizer(cast(Form, self.form)).name}(text)"

    def when(self) -> str:
        return sql.not_ascii("text")

    def functions(self) -> tuple[BatchFunction, ...]:
        return (normalizer(cast(Form, self.form)),)
