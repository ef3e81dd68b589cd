"""The filter for languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from curation import sql
from curation.functions.language import UNDETERMINED, detector
from curation.rules.base import Filter, at_least, column, one_of, param, require

if TYPE_CHECKING:
    from curation.functions.base import BatchFunction


@dataclass(frozen=True, kw_only=True)
class Language(Filter):
    """In a language that is not among those to keep

    langdetect decides, seeded, on the words alone (no links, mentions, tags, emoji). A post with too few
    letters to tell is `und`, and kept unless asked otherwise. Codes are ISO 639-1 (`en`); `zh` also stands
    for langdetect's `zh-cn` and `zh-tw`.
    """

    use: ClassVar[str] = "language"
    title: ClassVar[str] = "Other languages"
    costly: ClassVar[bool] = True

    keep: tuple[str, ...] = param(("en",), doc="codes of the languages that are kept")
    source: str = param(
        "detect",
        doc='"detect": langdetect · "platform": what the platform said when the post was downloaded · '
        '"platform_first": langdetect only where the platform said nothing',
        check=one_of("detect", "platform", "platform_first"),
    )
    keep_undetermined: bool = param(True, doc="keep posts whose language can't be told")
    min_letters: int = param(
        12, doc="letters below which the answer is `und`; a Han character, kana or Hangul syllable counts as three",
        check=at_least(0),
    )  # fmt: skip
    seed: int = param(0, doc="seed of langdetect's random draws", check=at_least(0))

    def check(self) -> None:
        require(bool(self.keep), self, '`keep` is empty, so every post would go. Give codes such as ["en"].')

    def measure(self) -> str:
        said = f"nullif(nullif(lower(lang), ''), {sql.literal(UNDETERMINED)})"
        detected = f"{self._detector().name}(text)"
        if self.source == "platform":
            return f"coalesce({said}, {sql.literal(UNDETERMINED)})"
        return detected if self.source == "detect" else f"CASE WHEN {said} IS NULL THEN {detected} ELSE {said} END"

    def removes(self) -> str:
        name = column(self)
        codes = {code.lower() for code in self.keep}
        if self.keep_undetermined:
            codes.add(UNDETERMINED)
        kept = ", ".join(map(sql.literal, sorted(codes)))
        return f"{name} NOT IN ({kept}) AND split_part({name}, '-', 1) NOT IN ({kept})"

    def functions(self) -> tuple[BatchFunction, ...]:
        return () if self.source == "platform" else (self._detector(),)

    def _detector(self) -> BatchFunction:
        return detector(seed=self.seed, min_letters=self.min_letters)
