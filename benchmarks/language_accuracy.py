"""How often each way to tell a language is right, by length and by language, how fast and with how much memory.

`python -m benchmarks.language_accuracy DATA [--posts N] [--phrases N] [--ways …]` prints the tables. DATA holds
`xlm-t-8lang` (posts) and `lingua-testdata` (sentences, word pairs, single words), each unpacked under its name.

- The libraries by themselves get the text as it is; langdetect is seeded anew for each.
- Our ways get posts as the rule `language` does, with `min_letters = 0`, so that every text has to be answered.
- No set has authors or a platform's codes. For `author`, every `POSTS` texts of one set are made an invented
  author's, four fifths of them in one language and one fifth in another.
- The Hindi posts are in Latin letters and mixed with English, and no engine knows that; they have a column, and are
  not in the sums. Of the 75 languages of the other set the 52 that langdetect knows are in the sums.
- Norwegian is one language, and so is Chinese. An answer of no language is a wrong one.

CPU seconds are those of one process, starting and loading models left out; memory is that process's peak.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import duckdb

from benchmarks.measure import command
from curation.functions.language.codes import UNDETERMINED, normal_code
from curation.functions.language.engines import ENGINES, identify_languages, scorer
from curation.rules import language_priors as priors
from curation.rules.language_words import words_of

FOLDERS = {
    "arabic": "ar", "english": "en", "french": "fr", "german": "de", "hindi": "hi", "italian": "it", "portuguese": "pt",
    "spanish": "es",
}  # fmt: skip
KINDS = ("sentences", "word-pairs", "single-words")
LENGTHS = (("< 20", 0, 20), ("20–40", 20, 40), ("< 40", 0, 40), ("40–80", 40, 80), ("> 80", 80, 10**9))
EVIDENCE = (1, 3, 6, 9, 12, 16, 20, 30, 50, 10**9)
#: Texts of an invented author.
POSTS = 20

#: What the posts have for names and links. `user` is a German word to langdetect, and the German posts hold it.
PLACEHOLDER = re.compile(r"@user\b|@someUSER\b|\bhttps?\b(?!:)")

Text = tuple[str, str, str]  # the set, the language, the text


def posts(data: Path, sample: int) -> list[Text]:
    """`sample` posts of each of eight languages."""
    found = []
    for folder, code in FOLDERS.items():
        files = sorted((data / "xlm-t-8lang" / "data" / "sentiment" / folder).glob("*_text.txt"))
        lines = [line for file in files for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
        found += [("posts", code, line) for line in _some(lines, sample)]
    return found


def phrases(data: Path, sample: int) -> list[Text]:
    """`sample` sentences, word pairs and single words of each language."""
    found = []
    for kind in KINDS:
        for file in sorted((data / "lingua-testdata" / "language-testdata" / kind).glob("*.txt")):
            lines = [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
            found += [(kind, _one(file.stem), line) for line in _some(lines, sample)]
    return found


def _some(lines: list[str], sample: int) -> list[str]:
    return random.Random(0).sample(lines, min(sample, len(lines)))


def _one(code: str) -> str:
    return normal_code(code).partition("-")[0]


def by_langdetect(texts: list[Text]) -> list[str]:
    """The library langdetect by itself."""
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
    from langdetect.lang_detect_exception import LangDetectException

    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)

    def detect(text: str) -> str:
        detector = factory.create()
        detector.seed = 0
        detector.append(text)
        try:
            return detector.detect()
        except LangDetectException:
            return UNDETERMINED

    return _timed(lambda chosen: [detect(text) for _, _, text in chosen], texts)


def by_langdetect_without_placeholders(texts: list[Text]) -> list[str]:
    """The library langdetect by itself, on posts as they were before `@user` and `http` stood for names and links."""
    return by_langdetect([(kind, code, PLACEHOLDER.sub(" ", text)) for kind, code, text in texts])


def by_lingua(texts: list[Text]) -> list[str]:
    """The library lingua by itself, with all its languages."""
    from lingua import LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().with_preloaded_language_models().build()

    def detect(text: str) -> str:
        answer = detector.detect_language_of(text)
        return answer.iso_code_639_1.name.lower() if answer else UNDETERMINED

    return _timed(lambda chosen: [detect(text) for _, _, text in chosen], texts)


def by_py3langid(texts: list[Text]) -> list[str]:
    """The library py3langid by itself."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return _timed(lambda chosen: [identifier.classify(text)[0] for _, _, text in chosen], texts)


def by_eldc(texts: list[Text]) -> list[str]:
    """The library eldc by itself."""
    import eldc

    eldc.init()
    return _timed(lambda chosen: [eldc.detect(text) for _, _, text in chosen], texts)


def ours(engine: str = "langdetect", among: Sequence[str] = (), author: float = 0):
    """What the rule `language` answers with these parameters."""

    def ask(texts: list[Text]) -> list[str]:
        identify_languages([" warm "], engine=engine)
        connection = duckdb.connect(config={"threads": 1})
        function = scorer(engine=engine, among=tuple(among))
        function.register(connection)
        words = words_of("text", 0, as_typed=ENGINES[engine].as_typed)
        answer = priors.weigh(
            "scores",
            platform_code=None,
            platform_weight=0,
            author=priors.parsed("author") if author else None,
            author_weight=author,
        )
        label = f"{answer}[1]" if author else priors.label("scores")

        def asked(chosen: list[Text]) -> list[str]:
            rows = [
                [place, key, text] for (place, (_, _, text)), key in zip(enumerate(chosen), _keys(chosen), strict=True)
            ]
            connection.execute("CREATE OR REPLACE TEMP TABLE posts (row BIGINT, key VARCHAR, text VARCHAR)")
            if rows:
                columns = [list(column) for column in zip(*rows, strict=True)]
                connection.execute("INSERT INTO posts SELECT unnest(?), unnest(?), unnest(?)", columns)
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE candidates AS "
                f"SELECT 0 AS part, row, key, {function.name}({words}) AS scores FROM posts"
            )
            table = f"({priors.authors()})" if author else "candidates"
            return [found for (found,) in connection.sql(f"SELECT {label} FROM {table} ORDER BY row").fetchall()]

        return _timed(asked, texts)

    return ask


def _keys(texts: list[Text]) -> Iterable[str]:
    """An invented author for each text: every fifth text goes to an author who mostly writes another language."""
    languages = list(dict.fromkeys(code for _, code, _ in texts))
    after = dict(zip(languages, [*languages[1:], *languages[:1]], strict=True))
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for kind, code, _ in texts:
        number = counts[kind, code]
        counts[kind, code] += 1
        mostly = after[code] if number % 5 == 4 else code
        yield f"{kind} {mostly} {number // POSTS}"


WAYS: dict[str, Callable[[list[Text]], list[str]]] = {
    "langdetect": by_langdetect,
    "langdetect, no placeholders": by_langdetect_without_placeholders,
    "langdetect in the rule": ours(),
    "langdetect in the rule, author 1": ours(author=1.0),
    "eldc": by_eldc,
    "eldc in the rule": ours("eldc"),
    "eldc in the rule, author 0.5": ours("eldc", author=0.5),
    "eldc in the rule, author 1": ours("eldc", author=1.0),
    "eldc in the rule, 8 candidates": ours("eldc", among=tuple(FOLDERS.values())),
    "py3langid": by_py3langid,
    "py3langid in the rule": ours(engine="py3langid"),
    "lingua": by_lingua,
    "lingua in the rule": ours(engine="lingua"),
}


def _timed(ask: Callable[[list[Text]], list[str]], texts: list[Text]) -> list[str]:
    ask(texts[:: max(1, len(texts) // 100)])  # so that models are loaded
    began = time.process_time()
    answers = ask(texts)
    _timed.seconds = time.process_time() - began  # type: ignore[attr-defined]
    return answers


def answer(way: str, file: Path) -> None:
    """In a process of its own: the answers of one way to the texts of a file, printed as JSON."""
    texts = [tuple(text) for text in json.loads(file.read_text(encoding="utf-8"))]
    answers = WAYS[way](texts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"answers": answers, "seconds": _timed.seconds, "peak": peak}))  # type: ignore[attr-defined]


def main() -> None:
    """Ask every way and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--posts", type=int, default=500, help="posts of each language")
    parser.add_argument(
        "--phrases", type=int, default=50, help="sentences, pairs and words of each language, 0 for none"
    )
    parser.add_argument("--ways", nargs="*", default=list(WAYS), choices=list(WAYS))
    parser.add_argument("--answer", choices=list(WAYS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.answer:
        answer(arguments.answer, arguments.data)
        return
    sets = (("xlm-t-8lang", posts, arguments.posts), ("lingua-testdata", phrases, arguments.phrases))
    for name, read, sample in sets:
        if not sample:
            continue
        if not (arguments.data / name).is_dir():
            print(f"{arguments.data} has no {name}, so it is left out.", file=sys.stderr)
            continue
        texts = read(arguments.data, sample)
        few = len({code for _, code, _ in texts}) <= len(FOLDERS)
        ways = [way for way in arguments.ways if few or not ("8" in way or "placeholders" in way)]
        report(name, texts, {way: _ask(way, texts) for way in ways}, few)


def _ask(way: str, texts: list[Text]) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "texts.json")
        file.write_text(json.dumps(texts), encoding="utf-8")
        return json.loads(
            command(sys.executable, "-m", "benchmarks.language_accuracy", str(file), "--answer", way).stdout
        )


def report(name: str, texts: list[Text], asked: dict[str, dict], few: bool) -> None:
    """Print the tables of one set."""
    known = {_one(code) for code in ENGINES["langdetect"].languages()}
    counted = [code in known and not (few and code == "hi") for _, code, _ in texts]
    right = {
        way: [_one(said) == code for said, (_, code, _) in zip(found["answers"], texts, strict=True)]
        for way, found in asked.items()
    }
    kinds = list(dict.fromkeys(kind for kind, _, _ in texts))
    for kind in kinds:
        print(f"\n### {name}: {kind}, share of right answers by characters\n")
        inside = {
            length: [
                place
                for place, (which, _, text) in enumerate(texts)
                if counted[place] and which == kind and low <= len(text) < high
            ]
            for length, low, high in (*LENGTHS, ("all", 0, 10**9))
        }
        inside = {length: places for length, places in inside.items() if places}
        _row("", *(f"{length} ({len(places):,})" for length, places in inside.items()), "texts a CPU second", "MB")
        _row(*["---"] * (len(inside) + 3))
        for way, found in asked.items():
            shares = [_share(right[way], places) for places in inside.values()]
            _row(way, *shares, f"{len(texts) / found['seconds']:,.0f}", f"{found['peak']:,.0f}")
    print(f"\n### {name}: share of right answers by language\n")
    ways = list(asked)
    _row("", *ways)
    _row(*["---"] * (len(ways) + 1))
    for code in sorted({code for _, code, _ in texts}):
        places = [place for place, (_, which, _) in enumerate(texts) if which == code]
        _row(code, *(_share(right[way], places) for way in ways))
    if (way := "eldc in the rule") in asked:
        _by_evidence(name, texts, counted, right[way])


def _by_evidence(name: str, texts: list[Text], counted: list[bool], right: list[bool]) -> None:
    """What `min_letters` costs and gives: how often the rule is right on texts with so many letters."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE TEMP TABLE posts (row BIGINT, text VARCHAR)")
    columns = [list(range(len(texts))), [text for _, _, text in texts]]
    connection.execute("INSERT INTO posts SELECT unnest(?), unnest(?)", columns)
    print(f"\n### {name}: the rule by letters of evidence\n")
    _row("letters", "texts", "right")
    _row(*["---"] * 3)
    enough = [
        {
            row
            for (row,) in connection.sql(
                f"SELECT row FROM posts WHERE {words_of('text', least)} IS NOT NULL"
            ).fetchall()
        }
        for least in EVIDENCE
    ]
    for least, below, more, fewer in zip(EVIDENCE, EVIDENCE[1:], enough, enough[1:], strict=False):
        places = [place for place in sorted(more - fewer) if counted[place]]
        upto = f"{least}–{below - 1}" if below < 10**9 else f"{least} and more"
        if places:
            _row(upto, f"{len(places):,}", _share(right, places))


def _share(right: list[bool], places: list[int]) -> str:
    return f"{100 * sum(right[place] for place in places) / len(places):.1f}"


def _row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
