"""The dataset card: a README.md by the Hub's conventions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from curation.cards import parts, reproduce
from curation.cards.exported import DescribedExport
from curation.cards.figures import LEAST_SHARE, Figures
from curation.cards.front_matter import front_matter
from curation.collecting.targets import Collected
from curation.corpus.reasons import in_words
from curation.corpus.tokens_estimate import HOW
from curation.options.export import NEAR, VALID
from curation.recipes.verdict import BY_HAND
from curation.rules import RuleBook
from curation.writing.html import show_unseen
from curation.writing.markdown import markdown_table, markdown_text
from curation.writing.terminal import count

#: The Hub's classes of size, by the number of rows from which on they apply.
SIZES = ((0, "n<1K"), (10**3, "1K<n<10K"), (10**4, "10K<n<100K"), (10**5, "100K<n<1M"), (10**6, "1M<n<10M"),
         (10**7, "10M<n<100M"), (10**8, "100M<n<1B"), (10**9, "1B<n<10B"))  # fmt: skip
#: The most targets that a card lists one by one with what is missing.
GAPS = 20


def dataset_card(
    manifest: dict[str, Any],
    figures: Figures,
    details: parts.Details,
    exported: DescribedExport | None,
    collected: Sequence[Collected],
    book: RuleBook,
    command: str,
) -> str:
    """The card. `manifest` is that of the corpus; `command` is the line that makes the card."""
    return front_matter(_fields(figures, details, exported)) + "\n" + "".join(
        parts.paragraphs(
            f"# {markdown_text(details.name or parts.title(figures))}",
            _what(manifest, figures),
            "## Who wrote it", *_authors(figures),
            "## From downloaded to kept", *_ledger(figures),
            "## The rules", *_rules(manifest, figures, book),
            "## What the texts are like", *_texts(figures),
            *_files(exported, figures),
            "## What is missing", *_gaps(collected, figures),
            "## Personal data", *_personal(manifest, figures, book),
            "## Rights, and how to ask for removal", *_removal(details, figures),
            "## How it was made", *_reproduction(manifest, exported, book, command),
        )
    ).rstrip("\n") + "\n"  # fmt: skip


def size_category(rows: int) -> str:
    """The Hub's class of so many rows."""
    return next(name for least, name in reversed(SIZES) if rows >= least)


def _fields(figures: Figures, details: parts.Details, exported: DescribedExport | None) -> dict[str, Any]:
    return {
        "pretty_name": show_unseen(" ".join(details.name.split())) or parts.title(figures),
        "language": figures.main_languages,
        "license": "other",
        "license_name": "rights-remain-with-the-authors",
        "size_categories": [size_category(exported.posts if exported and exported.chosen else figures.posts)],
        "task_categories": ["text-generation"],
        "tags": ["social-media", *parts.tags(figures)],
        "configs": exported.configs() if exported else [],
        "dataset_info": exported.dataset_info() if exported else [],
    }


def _what(manifest: dict[str, Any], figures: Figures) -> str:
    day = str(manifest.get("created_at") or "")[:10]
    kept = count(figures.posts, "post")
    return (
        f"{kept} by {parts.who(figures)}, from {parts.where(figures)}, curated as training text for language models "
        f"with the recipe `{figures.recipe}`{f' on {day}' if day else ''}. {parts.when(figures)}"
    ).rstrip()


def _authors(figures: Figures) -> Iterator[str]:
    authors, named = figures.authors, figures.named
    others = authors[len(named) :]
    lines = [
        [parts.plain_name(row), f"@{parts.short_name(row.key)}", f"{row.kept:,}", _percent(row.kept, figures.posts)]
        for row in named
    ]
    if named and others:
        posts = sum(row.kept for row in others)
        lines.append([f"{len(others):,} others", "", f"{posts:,}", _percent(posts, figures.posts)])
    if lines:
        yield markdown_table(["Author", "Handle", "Posts", "Share"], lines)
    elif authors:
        yield f"{count(len(authors), 'author')}, none of whom has one post in a hundred; they are not named here."
    else:
        yield "The posts don't say." if figures.posts else "Nobody: no post is kept."
    if authors and (nameless := figures.posts - sum(row.kept for row in authors)):
        yield f"{count(nameless, 'post')} {'names' if nameless == 1 else 'name'} no author."
    if len(figures.platforms) > 1:
        yield markdown_table(["Platform", "Posts"], [[name, f"{n:,}"] for name, n in figures.platforms.items()])


def _ledger(figures: Figures) -> Iterator[str]:
    total = figures.ledger.total
    yield (
        f"Of {count(total.downloaded, 'post')} that {'was' if total.downloaded == 1 else 'were'} downloaded, "
        f"{total.kept:,} {'is' if total.kept == 1 else 'are'} kept and {sum(total.removed.values()):,} removed. Every "
        "removed post is counted once, with the first rule that removes it."
    )
    yield parts.ledger_table(figures)
    if total.kept_by_hand is not None:
        yield (
            f"Somebody decided about single posts by hand: {total.removed[BY_HAND]:,} are removed and "
            f"{total.kept_by_hand:,} kept, where the recipe alone decides otherwise."
        )


def _rules(manifest: dict[str, Any], figures: Figures, book: RuleBook) -> Iterator[str]:
    recipe, version = manifest["recipe"], manifest.get("versions", {}).get("curation")
    if recipe.get("description"):
        yield f"What the recipe is for: {markdown_text(recipe['description'].replace('`', ''))}"
    lines: list[list[str | int]] = []
    for number, rule in enumerate(recipe["rules"], start=1):
        summary, parameters = in_words(rule, book)
        if rule["kind"] == "transform":
            did = f"rewrote {figures.rewritten.get(rule['name'], 0):,} of the kept posts"
        else:
            did = f"removed {figures.ledger.total.removed[rule['name']]:,}"
        lines.append([number, rule["label"], summary, parameters, did])
    if lines:
        yield "In the order in which they were applied:"
        yield markdown_table(["", "Rule", "Removes or rewrites", "Parameters", "What it did"], lines)
    else:
        yield "The recipe has no rules: every post is kept as it was."
    by = f", run by curation {markdown_text(str(version))}" if version else ""
    yield f"Recipe `{recipe['name']}`, fingerprint `{recipe['fingerprint']}`{by}. Another fingerprint, other posts."


def _texts(figures: Figures) -> Iterator[str]:
    if not figures.posts:
        yield "There are none."
        return
    lines = [
        ["Posts", f"{figures.posts:,}"],
        ["of them without text", f"{figures.without_text:,}"],
        ["Characters", f"{figures.characters:,}"],
        ["Characters of a post, median", f"{figures.median:,}"],
        ["Characters of the longest", f"{figures.longest:,}"],
        ["Tokens (estimate)", f"about {figures.tokens:,}"],
    ]
    yield markdown_table(
        ["Text", ""], [line for line in lines if line[0] != "of them without text" or figures.without_text]
    )
    yield f"Characters are code points of Unicode. {HOW}"
    yield from _languages(figures)


def _languages(figures: Figures) -> Iterator[str]:
    if not figures.languages:
        yield "Their language could not be measured: the texts have too few letters."
        return
    how, of = "by the recipe", figures.language_posts
    if not figures.measured:
        of_all = f" of the {figures.posts:,}, drawn at random (fixed seed)" if of < figures.posts else ""
        how = f"by the rule `language` on {count(of, 'kept post')}{of_all}"
    main = figures.main_languages
    yield f"Languages, measured {how}:"
    lines = [[code, f"{figures.languages[code]:,}", _percent(figures.languages[code], of)] for code in main]
    others = [posts for code, posts in figures.languages.items() if code not in main]
    if others:
        lines.append([count(len(others), "other"), f"{sum(others):,}", _percent(sum(others), of)])
    if unknown := of - sum(figures.languages.values()):
        lines.append(["not known", f"{unknown:,}", _percent(unknown, of)])
    yield markdown_table(["Language", "Posts", "Share"], lines)
    yield (
        f"Codes are those of ISO 639. Languages are named from {100 * LEAST_SHARE:g}% of the posts whose language "
        "is known; smaller shares are often errors."
    )


def _files(exported: DescribedExport | None, figures: Figures) -> Iterator[str]:
    if not exported:
        return
    files = [file for one in exported.records for file in one.files if file.get("split")]
    yield "## The files"
    for words in exported.chosen:
        yield (
            f"They hold some of the {count(figures.posts, 'kept post')}, of which this card tells: those that were "
            "chosen with"
        )
        yield reproduce.fenced("sh", words)
    yield markdown_table(
        ["File", "Format", "Split", "Posts"],
        [[file["name"], file["format"], file["split"], f"{file['posts']:,}"] for file in files],
    )
    for file in files:
        if passes := file.get("passes"):
            times, once = ("1 pass", "") if passes == 1 else (f"{passes:,} passes", ": train on it for one epoch")
            yield (
                f"`{file['name']}` has {times} over its posts, "
                f"{count(file['file_characters'], 'character')} with the marks "
                f"between posts{once}."
            )
    if any(file["split"] == VALID for file in files):
        near = all(one.options.get("near", NEAR) for one in exported.records if one.options.get("valid"))
        texts = "Equal texts, and nearly equal ones," if near else "Equal texts"
        yield f"{texts} lie on one side of the split, whoever posted them."
    if configs := exported.configs():
        named = [each["path"] for config in configs for each in config["data_files"]]
        paths = [name for path in named for name in ([path] if isinstance(path, str) else path)]
        yield f"`load_dataset` reads {parts.listed(f'`{path}`' for path in paths)}."


def _gaps(collected: Sequence[Collected], figures: Figures) -> Iterator[str]:
    missing = [one for one in collected if one.missing or one.target.empty_months]
    if not collected:
        yield "It is not known any more what was collected for this set."
    elif not missing:
        yield "Nothing is known to be missing from the files and accounts that the posts were collected from."
    lines = []
    for one in missing[:GAPS]:
        months = f"no post in {', '.join(one.target.empty_months)}" if one.target.empty_months else ""
        name = reproduce.target_name(one.target.source, one.target.target)
        lines.append(
            [one.target.source, name, f"{one.target.posts:,}", "; ".join([*one.missing, *([months] if months else [])])]
        )
    if lines:
        yield markdown_table(["Source", "Collected", "Posts", "What is known to be missing"], lines)
        yield "Months without a post may be silence as well as a gap."
    if len(missing) > GAPS:
        yield f"So it is with {len(missing) - GAPS:,} more."
    if figures.undated:
        yield f"{count(figures.undated, 'kept post')} without a time."
    yield (
        "Posts that were deleted before they were collected are not there, nor are pictures, and what a post answers "
        "or quotes is not part of its text."
    )


def _personal(manifest: dict[str, Any], figures: Figures, book: RuleBook) -> Iterator[str]:
    masked = {
        rule["name"]: masks
        for rule in manifest["recipe"]["rules"]
        if (masks := book.class_of(rule).masks(rule["parameters"]))
    }
    kinds = list(dict.fromkeys(kind for masks in masked.values() for kind in masks))
    if kinds:
        posts = max(figures.rewritten.get(name, 0) for name in masked)
        yield (
            f"The recipe masks {parts.listed(map(markdown_text, kinds))} that "
            f"it recognises in texts; it did so in {count(posts, 'kept post')}. It misses those that are written in "
            "unusual ways."
        )
    else:
        yield (
            "**Nothing was masked**: e-mail addresses, phone numbers and the like stand in the texts as they were "
            "posted."
        )
    left = "names of people and places" if "@handles" in kinds else "names of people and places, @handles in texts"
    yield (
        f"Not masked are {left}, and what people tell about themselves and about others: health, belief, politics, "
        "where they are. The identifiers and handles of authors, where a file has them, lead back to the posts. Before "
        "you publish the set, or a model that learned from it, think of the people in it, and of the law where they "
        "live."
    )


def _removal(details: parts.Details, figures: Figures) -> Iterator[str]:
    yield (
        "The posts belong to the people who wrote them. This card gives nobody a licence to them, and the terms of the "
        "platform that they were posted on may say more."
    )
    if details.contact:
        yield f"If a post of yours is in this set and you want it out, ask: {parts.link(details.contact)}"
    else:
        yield (
            "If a post of yours is in this set and you want it out, ask whoever published it. "
            "*(This card gives no contact for removal: before you publish it, put an address here.)*"
        )
    yield (
        "`curation forget` takes a post, or all posts of an author, out of everything that was downloaded and out of "
        "every export, and it never lands again. A model that has learned from it does not forget it by that."
    )


def _reproduction(
    manifest: dict[str, Any], exported: DescribedExport | None, book: RuleBook, command: str
) -> Iterator[str]:
    name = manifest["recipe"]["name"]
    shipped = reproduce.is_shipped(manifest)
    lines = reproduce.commands(manifest, exported.records if exported else (), name if shipped else f"{name}.toml")
    yield reproduce.fenced("sh", "\n".join([*lines, command]))
    if not shipped:
        if text := reproduce.recipe_file(manifest, book):
            yield f"with `{name}.toml`:"
            yield reproduce.fenced("toml", text)
        else:
            yield f"`{name}.toml` has rules of its author's own, which are not shown here."
    if versions := manifest.get("versions"):
        yield f"Versions: {markdown_text(', '.join(f'{name} {version}' for name, version in versions.items()))}."


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "–"
