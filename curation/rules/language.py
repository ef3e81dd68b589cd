"""The filter for languages."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from curation import sql
from curation.functions.base import BatchFunction
from curation.functions.language.codes import UNDETERMINED, base_code, normal_code, platform_language
from curation.functions.language.engines import ENGINES, known_languages, require_engine, scorer
from curation.options.bounds import AtLeast, Between, OneOf
from curation.rules import language_priors as priors
from curation.rules.base import Filter, column, param, require
from curation.rules.language_words import preparing

#: SQL: the normal code of the platform.
PLATFORM_CODE = platform_language("lang")


@dataclass(frozen=True, kw_only=True)
class Language(Filter):
    """In a language that is not among those to keep

    An engine sees only the words (no links, mentions, tags, emoji, laughter). A script of one language, such as Thai,
    decides by itself. A post with too few letters is `und`, and kept by default. Codes are ISO 639-1 (`en`); `zh`
    includes `zh-cn` and `zh-tw`. The column `language_confidence` says how sure the answer is, from 0 to 1: of the
    answers with 0.6, six or seven in ten are right.
    """

    use: ClassVar[str] = "language"
    facet: ClassVar[str] = "language"
    if_most_go: ClassVar[str] = "most are in '{most}'. If you want them: --set '{name}.keep=[\"{most}\"]'"
    title: ClassVar[str] = "Other languages"
    only_if_alive: ClassVar[bool] = True
    within_key: ClassVar[bool] = True
    retired: ClassVar[Mapping[str, Container[Any]]] = {"mode": ("fast",), "seed": range(1 << 63)}

    keep: tuple[str, ...] = param(("en",), doc="codes of the languages that are kept")
    source: str = param(
        "detect",
        doc='"detect": the engine · "platform": the code from the platform, as downloaded · "platform_first": the '
        "engine only where the platform gave no code",
        check=OneOf("detect", "platform", "platform_first"),
    )
    keep_undetermined: bool = param(True, doc="keep posts whose language is unknown")
    min_letters: int = param(
        12, doc="letters below which the answer is `und`; a Han character, kana or Hangul syllable counts as three",
        check=AtLeast(0),
    )  # fmt: skip
    min_confidence: float = param(
        0.0, doc="confidence below which the answer is `und`, from 0 to 1", check=Between(0, 1)
    )
    candidates: tuple[str, ...] = param((), doc="codes of the only possible languages; empty: any")
    platform_weight: float = param(
        0.0, doc="how much the platform's code counts beside the text, 0 (not at all) to 1", check=Between(0, 1)
    )
    author_weight: float = param(
        0.0, doc="how much the author's other posts count beside the text, 0 (not at all) to 1", check=Between(0, 1)
    )
    engine: str = param(
        "eldc",
        doc='"eldc", with langdetect as second opinion · "langdetect" · "lingua" and "py3langid", which need a package '
        "each: `pip install lingua-language-detector`, `pip install py3langid`",
        check=OneOf(*ENGINES),
    )

    def check(self) -> None:
        require(bool(self.keep), self, '`keep` is empty, so every post would go. Give codes such as ["en"].')
        if self.source == "platform":
            return
        require_engine(self.engine)
        if self.candidates:
            codes = {part for code in known_languages(self.engine) for part in (code, code.partition("-")[0])}
            unknown = [code for code in self.candidates if normal_code(code) not in codes]
            require(
                not unknown,
                self,
                f"{self.engine} does not tell {', '.join(map(repr, unknown))} from other languages, so it can't be "
                f"among the `candidates`. Codes it knows: {', '.join(sorted(codes))}.",
            )

    def prepares(self) -> tuple[tuple[str, str], ...]:
        if self.source == "platform" or self._looks_at_authors:
            return ()
        # Columns, since label and confidence would each work them out.
        answer = self._where_asked(f"{self._scorer().name}({self._words})")
        steps = (*self._preparing(), (self._answer, answer))
        if not self.platform_weight:
            return steps
        weighed = priors.weigh(
            self._answer,
            platform_code=PLATFORM_CODE,
            platform_weight=self.platform_weight,
            author=None,
            author_weight=0,
        )
        return (*steps, (self._weight, self._where_asked(weighed)))

    def prepares_comparison(self) -> tuple[tuple[str, str], ...]:
        return self._preparing() if self._looks_at_authors else ()

    def compares(self) -> Mapping[str, str] | None:
        if not self._looks_at_authors:
            return None
        # The same name on two platforms is not one author.
        author = "coalesce(platform, '') || chr(0) || author"
        code = {"code": PLATFORM_CODE} if self.platform_weight else {}
        return {"key": author, "scores": f"{self._scorer().name}({self._words})", **code}

    def marks(self) -> str:
        return priors.weighed(platform_weight=self.platform_weight, author_weight=self.author_weight)

    def marked(self) -> Mapping[str, str]:
        return {"language": "VARCHAR", "confidence": "DOUBLE"} if self._looks_at_authors else {}

    def measure(self) -> str:
        if self.source == "platform":
            return f"coalesce({PLATFORM_CODE}, {sql.literal(UNDETERMINED)})"
        if self.source == "detect":
            return self._label()
        return f"CASE WHEN {PLATFORM_CODE} IS NULL THEN {self._label()} ELSE {PLATFORM_CODE} END"

    def also_measures(self) -> Mapping[str, str]:
        if self.source == "platform":
            return {}
        looked_at = f"{column(self)} IS NOT NULL"
        if self.source == "platform_first":
            looked_at += f" AND {PLATFORM_CODE} IS NULL"
        return {f"{self.name}_confidence": f"CASE WHEN {looked_at} THEN {self._confidence()} END"}

    def removes(self) -> str:
        name = column(self)
        codes = {normal_code(code) for code in self.keep}
        if self.keep_undetermined:
            codes.add(UNDETERMINED)
        kept = ", ".join(map(sql.literal, sorted(codes)))
        return f"{name} NOT IN ({kept}) AND {base_code(name)} NOT IN ({kept})"

    def functions(self) -> tuple[BatchFunction, ...]:
        return () if self.source == "platform" else (self._scorer(),)

    @property
    def _looks_at_authors(self) -> bool:
        return self.author_weight > 0 and self.source != "platform"

    @property
    def _as_typed(self) -> bool:
        return ENGINES[self.engine].as_typed

    @property
    def _words(self) -> str:
        return sql.identifier(f"{self.name}:words")

    @property
    def _answer(self) -> str:
        return sql.identifier(f"{self.name}:scores")

    @property
    def _weight(self) -> str:
        return sql.identifier(f"{self.name}:weighed")

    def _where_asked(self, value: str) -> str:
        """SQL: the value, NULL where the platform's code is the answer."""
        return f"CASE WHEN {PLATFORM_CODE} IS NULL THEN {value} END" if self.source == "platform_first" else value

    def _scorer(self) -> BatchFunction:
        among = tuple(sorted({normal_code(code) for code in self.candidates}))
        return scorer(engine=self.engine, among=among)

    def _preparing(self) -> tuple[tuple[str, str], ...]:
        steps, words = preparing("text", self.name, self.min_letters, as_typed=self._as_typed)
        return (*steps, (self._words, words))

    def _label(self) -> str:
        label = priors.label(self._answer)
        if self._looks_at_authors:
            label = self.mark("language")
        elif self.platform_weight:
            label = f"{self._weight}[1]"
        if not self.min_confidence:
            return label
        sure = f"{self._confidence()} >= {sql.literal(float(self.min_confidence))}"
        return f"CASE WHEN {sure} THEN {label} ELSE {sql.literal(UNDETERMINED)} END"

    def _confidence(self) -> str:
        if self._looks_at_authors:
            return self.mark("confidence")
        return f"{self._weight}[2]" if self.platform_weight else priors.confidence(self._answer)
