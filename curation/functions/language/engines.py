"""How likely each language is for a text, by langdetect, lingua or py3langid, as one form of text.

An answer lists at most five languages from the likeliest down, those of at least one in a hundred:
`"nl=0.857 af=0.102"`. It is empty where nothing can be said. An answer depends on the text alone, never on the
texts beside it, and never on what was asked before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol

from curation.errors import RecipeError
from curation.functions.base import BatchFunction
from curation.functions.language.codes import normal_code
from curation.functions.language.scripts import SCRIPTS, languages_by_script

if TYPE_CHECKING:
    import numpy as np
    from lingua import LanguageDetector

#: Probabilities by code for each text. Which languages may be answered is given; none given: all.
Scorer = Callable[[list[str], tuple[str, ...]], list[dict[str, float]]]

#: What py3langid answers for what is no language.
NO_LANGUAGE = "zxx"

LISTED = 5
LEAST = 0.01

_FORM = 1  # of what is made of an engine's answer; goes up when a text may get another one


class _Ranks(Protocol):
    """What is used of py3langid, whose package has no types."""

    labels: Sequence[str]

    def rank(self, text: str) -> Sequence[tuple[str, float]]: ...


@dataclass(frozen=True)
class LanguageEngine:
    """A library that tells languages apart."""

    package: str  # on the package index
    languages: Callable[[], frozenset[str]]  # codes that it answers
    scorer: Callable[..., Scorer]
    cost: float  # microseconds a text, about


def _langdetect_languages() -> frozenset[str]:
    return frozenset(map(normal_code, _profiled()))


def _profiled() -> tuple[str, ...]:
    from curation.functions.langdetect_profiles.profiles import profiles

    return profiles().languages


def _langdetect_scorer(mode: str, seed: int) -> Scorer:
    return functools.partial(_replayed, seed=seed) if mode == "exact" else _scored


def _scored(texts: list[str], allowed: tuple[str, ...]) -> list[dict[str, float]]:
    from curation.functions.langdetect_profiles.scoring import probabilities

    return _listed(probabilities(_ended(texts), allowed), _profiled())


def _listed(probabilities: np.ndarray, languages: Sequence[str]) -> list[dict[str, float]]:
    """What is likely enough of each row, the likeliest first; of equals, the first in the order of the codes."""
    import numpy as np

    texts, columns = np.nonzero(probabilities >= LEAST)
    values = probabilities[texts, columns]
    by_code = np.argsort(np.argsort(languages))
    order = np.lexsort((by_code[columns], -values, texts))
    answers: list[dict[str, float]] = [{} for _ in probabilities]
    for text, column, value in zip(texts[order].tolist(), columns[order].tolist(), values[order].tolist(), strict=True):
        answers[text][languages[column]] = value
    return answers


def _replayed(texts: list[str], allowed: tuple[str, ...], *, seed: int) -> list[dict[str, float]]:
    from curation.functions.langdetect_profiles.replay import replay

    answers = [dict(answer) for answer in replay(_ended(texts), seed)]
    return [_among(answer, allowed) if allowed else answer for answer in answers]


def _among(answer: dict[str, float], allowed: tuple[str, ...]) -> dict[str, float]:
    left = {code: value for code, value in answer.items() if code in allowed}
    total = sum(left.values())
    return {code: value / total for code, value in left.items()} if total else {}


def _ended(texts: list[str]) -> list[str]:
    # The end of a word is an n-gram too, but langdetect sees it only where a blank follows.
    return [text + " " for text in texts]


def _lingua_languages() -> frozenset[str]:
    from lingua import Language

    return frozenset(normal_code(language.iso_code_639_1.name) for language in Language.all())


def _lingua_scorer(mode: str, seed: int) -> Scorer:
    return lambda texts, allowed: [_summed(_lingua_values(text, allowed)) for text in texts]


def _lingua_values(text: str, allowed: tuple[str, ...]) -> list[tuple[str, float]]:
    values = _lingua(allowed).compute_language_confidence_values(text)
    return [(value.language.iso_code_639_1.name, value.value) for value in values]


@functools.lru_cache(maxsize=64)
def _lingua(allowed: tuple[str, ...]) -> LanguageDetector:
    """A detector for some languages; lingua keeps the models themselves once for all."""
    from lingua import Language, LanguageDetectorBuilder

    bases = {code.partition("-")[0] for code in allowed}
    chosen = [one for one in Language.all() if normal_code(one.iso_code_639_1.name) in bases]
    chosen = chosen or list(Language.all())
    return LanguageDetectorBuilder.from_languages(*sorted(chosen, key=str)).build()


def _py3langid_languages() -> frozenset[str]:
    return frozenset(map(normal_code, _py3langid().labels)) - {NO_LANGUAGE}


def _py3langid_scorer(mode: str, seed: int) -> Scorer:
    def score(texts: list[str], allowed: tuple[str, ...]) -> list[dict[str, float]]:
        bases = {code.partition("-")[0] for code in allowed}
        answers = [_summed(_py3langid().rank(text)) for text in texts]
        for answer in answers:
            answer.pop(NO_LANGUAGE, None)
        return [_among(answer, tuple(bases)) if bases else answer for answer in answers]

    return score


@functools.cache
def _py3langid() -> _Ranks:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier: _Ranks = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return identifier


def _summed(values: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Probabilities by normal code; those of codes that mean the same are added up."""
    answer: dict[str, float] = {}
    for code, value in values:
        code = normal_code(code)
        answer[code] = answer.get(code, 0.0) + float(value)
    return answer


ENGINES = {
    "langdetect": LanguageEngine("langdetect", _langdetect_languages, _langdetect_scorer, 40.0),
    "lingua": LanguageEngine("lingua-language-detector", _lingua_languages, _lingua_scorer, 2500.0),
    "py3langid": LanguageEngine("py3langid", _py3langid_languages, _py3langid_scorer, 250.0),
}
MODES = ("fast", "exact")
EXACT_COST = 400.0  # microseconds a text, about

#: Languages that nobody writes in Latin letters, as a rule.
_WITHOUT_LATIN = {code for _, languages in SCRIPTS.values() for code in languages or ()} - {"sr", "kk", "mn", "ckb"}


@functools.cache
def require_engine(engine: str) -> str:
    """The version of an engine's package. Raises `RecipeError`, with the way to install it, where it is missing."""
    package = ENGINES[engine].package
    try:
        return version(package)
    except PackageNotFoundError:
        raise RecipeError(
            f"The engine \"{engine}\" of the rule `language` is not installed. Install it: pip install '{package}'. "
            'Or use the one that comes with curation: engine = "langdetect".'
        ) from None


def known_languages(engine: str) -> frozenset[str]:
    """The codes that may be answered: those of the engine, and those that a script tells. Raises `RecipeError`."""
    require_engine(engine)
    by_script = {code for _, languages in SCRIPTS.values() for code in languages or ()}
    return ENGINES[engine].languages() | by_script


def identify_languages(
    texts: list[str],
    *,
    engine: str = "langdetect",
    mode: str = "fast",
    seed: int = 0,
    among: tuple[str, ...] = (),
) -> list[str]:
    """The answer for each prepared text. `among`: the codes that may be answered, `zh` for both kinds; none: all.

    In exact mode the draws of langdetect decide and nothing else does, so scripts are not looked at.
    """
    require_engine(engine)
    score = ENGINES[engine].scorer(mode, seed)
    answers = [""] * len(texts)
    left: dict[tuple[str, ...], list[int]] = {}
    exact = engine == "langdetect" and mode == "exact"
    for place, languages in enumerate([None] * len(texts) if exact else languages_by_script(texts)):
        allowed = _every(engine, among) if exact else _allowed(engine, languages, among)
        if len(allowed) == 1:
            answers[place] = f"{allowed[0]}=1.000"
        elif allowed or not among:
            left.setdefault(allowed, []).append(place)
    for allowed, places in left.items():
        for place, answer in zip(places, score([texts[place] for place in places], allowed), strict=True):
            answers[place] = _as_text(answer)
    return answers


@functools.lru_cache(maxsize=64)
def _every(engine: str, among: tuple[str, ...]) -> tuple[str, ...]:
    """The codes of an engine that are wanted; none: all."""
    return tuple(sorted(code for code in ENGINES[engine].languages() if _is_among(code, among)))


@functools.lru_cache(maxsize=1024)
def _allowed(engine: str, languages: tuple[str, ...] | None, among: tuple[str, ...]) -> tuple[str, ...]:
    """The codes that may be answered for a text whose script leaves these; none: all, or for a script nothing."""
    answerable = ENGINES[engine].languages()
    if languages is None:
        return tuple(code for code in _every(engine, among) if code not in _WITHOUT_LATIN)
    named = tuple(code for code in languages if not among or _is_among(code, among))
    # An engine tells apart only what it knows. Where it knows none of them, the likeliest is the answer.
    return tuple(code for code in named if _is_among(code, answerable)) or named[:1]


def _is_among(code: str, codes: Iterable[str]) -> bool:
    """Whether a code is one of these, where `zh` is the same as `zh-cn` and as `zh-tw`."""
    return any(code == one or code.partition("-")[0] == one or one.partition("-")[0] == code for one in codes)


def _as_text(answer: dict[str, float]) -> str:
    if len(answer) == 1:
        [(code, value)] = answer.items()
        return f"{code}={value:.3f}" if value >= LEAST else ""
    best = sorted((-value, code) for code, value in answer.items() if value >= LEAST)[:LISTED]
    return " ".join(f"{code}={-value:.3f}" for value, code in best)


def scorer(*, engine: str, mode: str, seed: int, among: tuple[str, ...]) -> BatchFunction:
    """The word `language_scores…` for these parameters. Raises `RecipeError` where the engine is not installed."""
    installed = require_engine(engine)
    exact = engine == "langdetect" and mode == "exact"
    parts = [engine, *([mode, str(seed)] if exact else []), *sorted(among)]
    return BatchFunction(
        "language_scores_" + "_".join(parts).replace("-", "_"),
        f"{engine} {installed}, form {_FORM}",
        "VARCHAR",
        functools.partial(
            identify_languages, engine=engine, mode=mode, seed=seed if exact else 0, among=tuple(sorted(among))
        ),
        cost=EXACT_COST if exact else ENGINES[engine].cost,
        cached=True,
    )
