"""How likely each language is for a text, by eldc, langdetect, lingua or py3langid, in one format (`answers`).

An answer depends only on its text, never on other texts or earlier calls.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from curation.errors import RecipeError
from curation.functions.base import BatchFunction
from curation.functions.language.answers import answer_of, answers_of
from curation.functions.language.codes import normal_code
from curation.functions.language.scripts import places_by_languages, script_languages
from curation.versions import is_installed

if TYPE_CHECKING:
    import numpy as np
    from lingua import LanguageDetector

#: The answer for each text. The second argument is the codes that may be answered; none: all.
Scorer = Callable[[list[str], tuple[str, ...]], list[str]]

#: The answer of py3langid for a text without a language.
NO_LANGUAGE = "zxx"

_FORM = 1  # of answers; increases when the same text may get another one


@dataclass(frozen=True)
class LanguageEngine:
    """A library that recognizes languages."""

    package: str  # on the package index
    languages: Callable[[], frozenset[str]]  # its codes
    score: Scorer
    cost: float  # about how many microseconds a text takes
    as_typed: bool = False  # whether words in capitals and drawn-out letters change nothing for it


def _profiled() -> tuple[str, ...]:
    from curation.functions.langdetect_profiles.profiles import profiles

    return profiles().languages


def _langdetect_scores(texts: list[str], allowed: tuple[str, ...]) -> list[str]:
    from curation.functions.langdetect_profiles.scoring import probabilities

    return answers_of(probabilities(_ended(texts), allowed), _profiled())


def _among(answer: dict[str, float], allowed: Iterable[str]) -> dict[str, float]:
    """The answer with nothing but the allowed codes, if there are any."""
    if not allowed:
        return answer
    left = {code: value for code, value in answer.items() if code in allowed}
    total = sum(left.values())
    return {code: value / total for code, value in left.items()} if total else {}


def _ended(texts: list[str]) -> list[str]:
    # The end of a word is also an n-gram, but langdetect sees it only before a blank.
    return [text + " " for text in texts]


def _lingua_languages() -> frozenset[str]:
    from lingua import Language

    return frozenset(normal_code(language.iso_code_639_1.name) for language in Language.all())


def _lingua_scores(texts: list[str], allowed: tuple[str, ...]) -> list[str]:
    values = (_lingua(allowed).compute_language_confidence_values(text) for text in texts)
    return [answer_of(_summed([(one.language.iso_code_639_1.name, one.value) for one in each])) for each in values]


@functools.lru_cache(maxsize=64)
def _lingua(allowed: tuple[str, ...]) -> LanguageDetector:
    """A detector for some languages; lingua loads the models only once for all."""
    from lingua import Language, LanguageDetectorBuilder

    bases = {code.partition("-")[0] for code in allowed}
    chosen = [one for one in Language.all() if normal_code(one.iso_code_639_1.name) in bases]
    chosen = chosen or list(Language.all())
    return LanguageDetectorBuilder.from_languages(*sorted(chosen, key=str)).build()


def _py3langid_languages() -> frozenset[str]:
    return frozenset(map(normal_code, _py3langid().labels)) - {NO_LANGUAGE}


def _py3langid_scores(texts: list[str], allowed: tuple[str, ...]) -> list[str]:
    bases = {code.partition("-")[0] for code in allowed}
    shares = [_summed(_py3langid().rank(text)) for text in texts]
    for share in shares:
        share.pop(NO_LANGUAGE, None)
    return [answer_of(_among(share, bases)) for share in shares]


@functools.cache
def _py3langid() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _two_opinions(texts: list[str], allowed: tuple[str, ...]) -> list[str]:
    from curation.functions.langdetect_profiles.scoring import probabilities
    from curation.functions.language import two_opinions

    def second(some: list[str], among: tuple[str, ...]) -> np.ndarray:
        return probabilities(_ended(some), among)

    return answers_of(*two_opinions.probabilities(texts, allowed or _all_of_eldc(), second, _profiled()))


@functools.cache
def _all_of_eldc() -> tuple[str, ...]:
    return tuple(sorted(_eldc_languages()))


def _eldc_languages() -> frozenset[str]:
    """The languages of eldc and those that langdetect adds."""
    from curation.functions.language.two_opinions import codes

    return frozenset((*codes(), *map(normal_code, _profiled())))


def _summed(values: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Probabilities by normal code, added up for codes that mean the same."""
    answer: dict[str, float] = {}
    for code, value in values:
        code = normal_code(code)
        answer[code] = answer.get(code, 0.0) + float(value)
    return answer


ENGINES = {
    "eldc": LanguageEngine("eldc", _eldc_languages, _two_opinions, 8.0, as_typed=True),
    "langdetect": LanguageEngine(
        "langdetect", lambda: frozenset(map(normal_code, _profiled())), _langdetect_scores, 40.0
    ),
    "lingua": LanguageEngine("lingua-language-detector", _lingua_languages, _lingua_scores, 2500.0),
    "py3langid": LanguageEngine("py3langid", _py3langid_languages, _py3langid_scores, 250.0),
}

#: Languages of other scripts that people also write in Latin letters.
_ALSO_LATIN = frozenset(("sr", "kk", "mn", "ckb"))


@functools.cache
def require_engine(engine: str) -> str:
    """The version of an engine's package. Raises `RecipeError`, with the command that installs it, if it is missing."""
    package = ENGINES[engine].package
    try:
        return version(package)
    except PackageNotFoundError:
        raise RecipeError(
            f"The engine \"{engine}\" of the rule `language` is not installed. Install it: pip install '{package}'. "
            'Or use the one that comes with curation everywhere: engine = "langdetect".'
        ) from None


def engine_here() -> str:
    """The engine for figures that no recipe asks for: eldc where it is installed, else langdetect."""
    return "eldc" if is_installed("eldc") else "langdetect"


def known_languages(engine: str) -> frozenset[str]:
    """The possible codes of answers: those of the engine and of the scripts. Raises `RecipeError`."""
    require_engine(engine)
    return ENGINES[engine].languages().union(*script_languages().values())


def identify_languages(texts: list[str], *, engine: str = "eldc", among: tuple[str, ...] = ()) -> list[str]:
    """The answer for each prepared text. `among`: the codes that may be answered, `zh` for both kinds; none: all."""
    require_engine(engine)
    answers = [""] * len(texts)
    left: dict[tuple[str, ...], list[int]] = {}
    for languages, places in places_by_languages(texts).items():
        allowed = _allowed(engine, languages, among)
        if allowed or not among:
            left.setdefault(allowed, []).extend(places)
    for allowed, places in left.items():
        if len(allowed) == 1:
            scores = [f"{allowed[0]}=1.000"] * len(places)
        else:
            scores = ENGINES[engine].score([texts[place] for place in places], allowed)
        for place, answer in zip(places, scores, strict=True):
            answers[place] = answer
    return answers


@functools.lru_cache(maxsize=64)
def _every(engine: str, among: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of an engine among these; none: all."""
    return tuple(sorted(code for code in ENGINES[engine].languages() if _is_among(code, among)))


@functools.lru_cache(maxsize=1024)
def _allowed(engine: str, languages: tuple[str, ...] | None, among: tuple[str, ...]) -> tuple[str, ...]:
    """The codes that may be answered for a text whose script leaves these languages; None: Latin or no script."""
    answerable = ENGINES[engine].languages()
    if languages is None:
        other = set().union(*script_languages().values()) - _ALSO_LATIN
        return tuple(code for code in _every(engine, among) if code not in other)
    named = tuple(code for code in languages if not among or _is_among(code, among))
    # An engine chooses only among what it knows. If it knows none of them, the most likely one is the answer.
    return tuple(code for code in named if _is_among(code, answerable)) or named[:1]


def _is_among(code: str, codes: Iterable[str]) -> bool:
    """Whether a code is one of these; `zh` is the same as `zh-cn` and as `zh-tw`."""
    return any(code == one or code.partition("-")[0] == one or one.partition("-")[0] == code for one in codes)


def scorer(*, engine: str, among: tuple[str, ...]) -> BatchFunction:
    """The word `language_scores…` for these parameters. Raises `RecipeError` if the engine is not installed."""
    installed = require_engine(engine)
    return BatchFunction(
        "language_scores_" + "_".join([engine, *sorted(among)]).replace("-", "_"),
        f"{engine} {installed}, form {_FORM}",
        "VARCHAR",
        functools.partial(identify_languages, engine=engine, among=tuple(sorted(among))),
        cost=ENGINES[engine].cost,
        cached=True,
    )
