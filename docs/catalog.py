"""The pages that list what there is: rules, sources, export formats, recipes."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import curation.collecting.identity
import curation.disk.ranges
import curation.exports.choosing.split
import curation.recipes.recipe
from curation import sources
from curation.disk.exported_file import BOUNDARY
from curation.exports.formats.base import NEUTRALISED, Export
from curation.exports.formats.text import WARNED_BELOW
from curation.exports.registry import BUILT_IN
from curation.exports.trainers import TRAINERS
from curation.options.export import REFUSED_BELOW, TRAIN
from curation.posts import POST_COLUMNS, RAW_COLUMNS
from curation.recipes.recipe import TAKEN, Recipe, shipped
from curation.rules import describe, installed
from curation.rules.base import Rule
from curation.sources import option_text
from curation.sources.records.field_names import MAPPABLE, synonyms
from docs.commands import commands, parameters
from docs.dialects import files_parts

NOTE = "<!-- Generated from the classes by `make docs`: change the class, not this page. -->"

KINDS = {
    "transform": ("Transforms", "A transform rewrites the text of a post. It never removes one."),
    "filter": ("Filters", "A filter removes a post for what that post is."),
    "dedup": ("Dedups", "A dedup removes a post because another one is kept."),
}
#: A default that is longer than this, in characters, stands below the table.
LONG = 60


def page(title: str, *parts: str) -> str:
    """A page: the note, the title, its parts, and one line break at the end."""
    return "\n\n".join([NOTE, f"# {title}", *(part.strip("\n") for part in parts if part)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(text: str) -> str:
    """`text` as code, or nothing."""
    return f"`{text}`" if text else ""


def described(thing: Any) -> tuple[str, str]:
    """The first line of a docstring, and the rest."""
    first, _, rest = (inspect.getdoc(thing) or "").partition("\n")
    return first, rest.strip()


def shipped_rules() -> list[type[Rule]]:
    """The rules of this program: by kind, then by name."""
    return in_order(rule for rule in installed().rules.values() if rule.__module__.startswith("curation."))


def in_order(rules: Iterable[type[Rule]]) -> list[type[Rule]]:
    """Rules by kind, then by name."""
    return sorted(rules, key=lambda rule: (list(KINDS).index(rule.kind), rule.use))


def columns(rule: type[Rule]) -> list[str]:
    """The columns that the rule adds to a corpus."""
    return list(rule().adds())


# ---- rules.md


def rules_page(known: Iterable[type[Rule]] | None = None) -> str:
    """Every rule with its parameters; by default the shipped ones."""
    known = shipped_rules() if known is None else in_order(known)
    parts = [
        "A recipe is a list of rules, and they work in the order of the list. `curation rules` prints this "
        "list, `curation rules NAME` one of them. How a recipe is written: [recipes.md](recipes.md). How to "
        "add a rule: [extending.md](extending.md). How words are counted: [words.md](words.md)."
    ]
    for kind, (title, sentence) in KINDS.items():
        rules = [rule for rule in known if rule.kind == kind]
        rows = [(f"[`{rule.use}`](#{rule.use})", rule.summary()) for rule in rules]
        parts += [f"## {title}", sentence, table(("rule", "what it does"), rows)]
        parts += [part for rule in rules for part in _rule(rule)]
    return page("Rules", *parts)


def _rule(rule: type[Rule]) -> Iterator[str]:
    says = describe(rule)
    yield f"### {rule.use}"
    yield f"{says['summary']}."
    yield says["details"]
    facts = [f"In the ledger: *{says['label']}*." if rule.kind != "transform" else ""]
    if added := columns(rule):
        looked = getattr(rule, "only_if_alive", False) or rule().compares() is not None
        among = ", for posts that no earlier rule removes" if looked else ""
        what = "What it found is in words" if rule.kind == "transform" else "What it measures is"
        names = " and ".join(map(code, added))
        facts.append(f"{what} in the column{'s' if added[1:] else ''} {names}{among}.")
    used = [f"`{name}`" for name in shipped() if any(r.use == rule.use for r in Recipe.load(name).rules)]
    facts.append(f"Shipped recipes that use it: {', '.join(used)}." if used else "No shipped recipe uses it.")
    yield " ".join(fact for fact in facts if fact)
    parameters = says["parameters"]
    if parameters:
        rows = [
            (code(p["name"]), code(p["default"]) if len(p["default"]) <= LONG else "see below", p["doc"])
            for p in parameters
        ]
        yield table(("parameter", "default", "meaning"), rows)
    for parameter in parameters:
        if len(parameter["default"]) > LONG:
            yield f"Default of `{parameter['name']}`: `{parameter['default']}`"


# ---- sources.md


def sources_page(known: Iterable[str] = tuple(sources.SHIPPED)) -> str:
    """Every source with its options, and the names that tables may use; by default of the shipped ones."""
    helps = {parameter.name: parameter.help for parameter in parameters(commands()["collect"])}
    parts = [
        "A source reads posts; `curation collect SOURCE TARGET…` lands them. It never edits a text and never "
        "decides what to keep. `curation sources` prints this list. How to add one: "
        "[extending.md](extending.md)."
    ]
    for name in known:
        source = sources.find_source(name)
        summary, details = described(source)
        parts += [f"## {name}", summary, details]
        parts.append(f"- It needs {source.needs}.\n- It gives {source.gives}.")
        rows = [(code(option_text(option)), helps[option]) for option in source.options]
        parts.append(table(("option", "meaning"), rows))
        if source.formats():
            rows = [(code(form), doc) for form, doc in source.formats().items()]
            parts += ["`--format` is one of:", table(("format", "what it is"), rows)]
    parts += files_parts()
    docs = {column.name: column.doc for column in POST_COLUMNS}
    rows = [(code(f), docs[f], ", ".join(map(code, names))) for f, names in synonyms().items()]
    parts += [
        "## Names that a table or plain JSON may use",
        "Names are compared without case, blanks, `_` and `-`: `Tweet ID`, `tweetId` and `tweet_id` are one. "
        "Where a file has several of them, the one that stands first here counts. The usual names in some thirty "
        "other languages are known too (`正文`, `النص`, `Текст`, `Contenu`). Any other name needs "
        f"`--map FIELD=COLUMN`. FIELD is one of: {', '.join(map(code, sorted(MAPPABLE)))}.",
        table(("field", "what it is", "names"), rows),
        "## Posts without an id, and ids that a spreadsheet destroyed",
        (curation.collecting.identity.__doc__ or "").partition("\n\n")[2],
    ]
    return page("Sources", *parts)


# ---- exports.md


def exports_page(known: Iterable[type[Export]] = BUILT_IN) -> str:
    """Every export format, by default the shipped ones, the options, and how posts are split."""
    built_in = {export.name: export for export in known}
    rows = [
        (
            f"[`{name}`](#{name})",
            f"`{export().file(TRAIN)}`",
            "left out" if export.needs_text else "there too",
            f"written `{NEUTRALISED}`" if export.boundaries else "left as it is",
        )
        for name, export in built_in.items()
    ]
    parts = [
        "`curation export` writes the kept posts as training text. It reads a corpus and changes nothing in "
        "it; the same corpus and the same options give the same bytes. How to add a format: "
        "[extending.md](extending.md).",
        table(("format", "file", "posts without text", f"a typed `{BOUNDARY}`"), rows),
        "A file appears whole or not at all, and all files of one export take their places together, at its "
        "end. *Characters* are the code points of the posts' texts, each text once, in the output, `export.json`, "
        "cards, reports and the dashboard alike; `text` also says how many passes its file holds and how long that is.",
        f"Fewer than {REFUSED_BELOW:,} characters of kept text are too few to learn from: `text` is refused unless you "
        f"insist with `--allow-small`. Fewer than {WARNED_BELOW:,} get a warning. These two limits count as "
        f"huggingtweets did, with one `{BOUNDARY}` between two posts.",
    ]
    for name, export in built_in.items():
        parts += [f"## {name}", inspect.getdoc(export) or ""]
    rows = [
        (code(f"--for {name}"), described(type(trainer))[0], ", ".join(map(code, trainer.files)), code(trainer.run))
        for name, trainer in TRAINERS.items()
    ]
    parts += [
        "## For trainers elsewhere",
        "`--for` also writes a ready configuration, and chooses the formats. [More on it](training-elsewhere.md).",
        table(("option", "what it is for", "files", "run it in the folder"), rows),
    ]
    rows = [(code(p.words), code(p.default), p.help) for p in parameters(commands()["export"]) if p.is_option]
    parts += ["## Options", table(("option", "default", "meaning"), rows)]
    parts += ["## Train and valid", (curation.exports.choosing.split.__doc__ or "").partition("\n\n")[2]]
    parts += [
        "## Where each post stands",
        "Beside the files lie `export.json`, which says of which corpus, recipe and inputs they were made and with "
        "which options, and a hidden folder:",
        (curation.disk.ranges.__doc__ or "").strip(),
        "`curation trace FILE OFFSET` names the post at a place of a file, and `curation trace FILE --text SENTENCE` "
        "the posts that a sentence is from. [`curation lineage`](tracking.md) goes on from the file back to what was "
        "downloaded. `curation forget` cuts a post out of the files that hold it, with all else byte for byte as it "
        "was: no other post changes its side of the split or its place in the order. Conversations that lose a post "
        "are made anew, and the others stay on their side.",
    ]
    parts += [
        "## Who reads them",
        "Seen with `datasets` 5.2.0, `transformers` 5.23.0 and `trl` 1.16.0, without a graphics card: "
        "`load_dataset` reads `lines`, `jsonl`, `documents`, `parquet`, `prompt-completion` and `chat` with as many "
        "rows as the files have posts or records, the same texts, and ids as text. From JSON it makes times of "
        "`created_at`; from Parquet, and with the front matter of `curation card` beside the files, it stays text. "
        "TRL's data preparation takes every record of `chat` for a conversation and those of `prompt-completion` for "
        "pairs, and a chat template of a tokenizer could be applied to all. The folder of `parquet` is loaded by its "
        "name alone. "
        "`tokens` was read with `numpy.memmap` and decoded; no loop was run on it, and no model was trained.",
    ]
    return page("Exports", *parts)


# ---- recipes.md


def recipes_page() -> str:
    """How a recipe is written, and the shipped ones as their files stand."""
    example = (
        inspect.cleandoc(curation.recipes.recipe.__doc__ or "").partition("::\n\n")[2].partition("\n\nThe order")[0]
    )
    taken = ", ".join(map(code, sorted(TAKEN - {column.name for column in RAW_COLUMNS})))
    parts = [
        "A recipe is a TOML file: a list of rules in the order in which they work. It is checked before any "
        "data is touched, down to the columns in a condition of your own. `curation recipes NAME` prints a "
        "shipped one, to begin your own with; `curation run mine.toml` runs it. The rules and their "
        "parameters: [rules.md](rules.md).",
        f"```toml\n{inspect.cleandoc(example)}\n```",
        "- A rule that is used twice needs a `name` of its own each time. A name has small letters, digits "
        f"and `_`, and is no column that a corpus has anyway: none of the [raw columns](schema.md), nor {taken}.\n"
        "- The name of the recipe is that of its corpus: a recipe of the same name replaces it. Without a "
        "`name` it is the file's.\n"
        "- `curation run RECIPE --set rule.parameter=value` changes one parameter, in the corpus of that "
        "name. The value is TOML: `--set min_words.min=4`, `--set language.keep='[\"ja\"]'`.\n"
        "- A workspace has recipes of its own, `DIR/recipes/NAME.toml`, which every command with `--data DIR` finds "
        "by name; `curation recipes --data DIR` lists them too. File and recipe have one name, and the names of "
        "shipped recipes stay theirs. The page *Recipe* of the [dashboard](dashboard.md#a-recipe-in-the-browser) "
        "writes them.\n"
        "- A rule that the page *Recipe* switches off stays in the file as a comment, each line after `#off `.\n"
        "- The fingerprint in the manifest changes when a post may get another verdict or text: with the "
        "rules, their order, names and parameters, and the versions of the Python functions that they call.",
    ]
    for name, text in shipped().items():
        parts += [f"## {name}", f"```toml\n{text.strip()}\n```"]
    return page("Recipes", *parts)
