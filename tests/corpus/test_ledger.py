"""The ledger: that it counts what is there, and that it is written down safely."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.corpus.ledger import Ledger, RemovingRule, Row
from curation.corpus.ledger_text import FORMATS, render
from curation.errors import NothingToDoError, UsageError
from curation.writing.terminal import display_width, visible_line
from tests.corpora import rule, write_corpus

RETWEET = rule("retweet", label="Retweets")
SHORT = rule("min_words", label="Short tweets", measure="min_words")
COPIES = rule("exact_duplicate", kind="dedup", label="Copies")
LANGUAGE = rule("language", label="Other languages", measure="language")
REPAIR = rule("fix_mojibake", kind="transform")

HOSTILE = [
    "a|b",
    "a\\|b",
    "two\nlines",
    "\x1b[2J\x1b[31mred",
    "\u202egnihton",
    "\u2028",
    "=1+1",
    "",
    " ",
    "a\rb",
]


def posts(author: str, kept: int = 0, **removed: int) -> list[dict]:
    """`kept` posts without a verdict and some for each rule."""
    rows = [{"author": author}] * kept
    return rows + [{"author": author, "removed_by": name} for name, n in removed.items() for _ in range(n)]


def ledger_of(*rows: Row, by: str = "author", rules: tuple[str, ...] = ("retweet",)) -> Ledger:
    """A ledger of literal rows."""
    total = Row(
        "total",
        sum(row.downloaded for row in rows),
        {name: sum(row.removed[name] for row in rows) for name in rules},
        sum(row.kept for row in rows),
    )
    return Ledger("invented", by, tuple(RemovingRule(name, name, name) for name in rules), rows, total)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["mira", "Tom", "日本"]),
            st.sampled_from([None, "retweet", "min_words", "exact_duplicate"]),
            st.sampled_from([None, "", "fr", "de"]),
            st.sampled_from(["x-archive", "file"]),
        ),
        max_size=40,
    ),
    st.integers(1, 3),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_ledger_balances_and_agrees_with_counting(tmp_path_factory, verdicts, parts):
    """Whatever the verdicts, downloaded = kept + Σ removed, and each figure is the plain count."""
    rows = [
        {"author": author, "removed_by": removed_by, "lang": lang, "source": source}
        for author, removed_by, lang, source in verdicts
    ]
    rules = [REPAIR, RETWEET, SHORT, COPIES]
    corpus = write_corpus(tmp_path_factory.mktemp("corpus"), rows, rules=rules, parts=parts)
    for by, column in {"author": "author", "language": "lang", "source": "source"}.items():
        ledger = Ledger.of(corpus, by)
        assert ledger.balances
        counted = Counter((row[column] or "unknown", row["removed_by"]) for row in rows)
        assert {
            (row.key, name): n for row in ledger.rows for name, n in {**row.removed, None: row.kept}.items() if n
        } == dict(counted)
        assert {row.key: row.downloaded for row in ledger.rows} == dict(
            Counter(row[column] or "unknown" for row in rows)
        )
        assert ledger.total.downloaded == len(rows)


def test_a_verdict_of_a_rule_that_the_recipe_lacks_unbalances_the_ledger(tmp_path):
    """Counting instead of subtracting finds a post that nothing accounts for."""
    corpus = write_corpus(tmp_path, posts("mira", 2, retweet=1, ghost=1), rules=[RETWEET])
    ledger = Ledger.of(corpus)
    assert (ledger.total.downloaded, ledger.total.kept, ledger.total.removed) == (4, 2, {"retweet": 1})
    assert not ledger.balances


def test_rows_that_do_not_add_up_to_the_total_unbalance_the_ledger():
    """A row missing from the rows is noticed even if each remaining row balances."""
    whole = ledger_of(Row("mira", 2, {"retweet": 1}, 1), Row("tom", 1, {"retweet": 0}, 1))
    assert whole.balances
    assert not Ledger(whole.recipe, whole.by, whole.rules, whole.rows[:1], whole.total).balances
    assert not Ledger(whole.recipe, whole.by, whole.rules, (), whole.total).balances


def test_json_is_the_contract(tmp_path):
    """`--json` has the documented keys and values and no others."""
    rows = posts("alice", 235, retweet=3, min_words=33)
    corpus = write_corpus(tmp_path, rows, recipe="huggingtweets", rules=[REPAIR, RETWEET, SHORT])
    assert json.loads(render(Ledger.of(corpus), "json")) == {
        "schema": 1,
        "recipe": "huggingtweets",
        "by": "author",
        "rules": ["retweet", "min_words"],
        "rows": [
            {
                "author": "alice",
                "downloaded": 271,
                "removed": {"retweet": 3, "min_words": 33},
                "kept": 235,
            }
        ],
        "total": {"downloaded": 271, "removed": {"retweet": 3, "min_words": 33}, "kept": 235},
    }


def test_rules_that_removed_nothing_are_zeros_in_recipe_order(tmp_path):
    """Every removing rule is a key of every row, in the order of the recipe."""
    corpus = write_corpus(tmp_path, posts("mira", 1, exact_duplicate=1), rules=[SHORT, COPIES, RETWEET])
    ledger = Ledger.of(corpus)
    assert list(ledger.rows[0].removed.items()) == [("min_words", 0), ("exact_duplicate", 1), ("retweet", 0)]


def test_rows_come_most_downloaded_first_then_by_key(tmp_path):
    """Two authors with as many posts stand in the order of their handles."""
    corpus = write_corpus(tmp_path, posts("zoe", 2) + posts("tom", 1) + posts("ann", 1) + posts("mira", 3))
    assert [row.key for row in Ledger.of(corpus).rows] == ["mira", "zoe", "ann", "tom"]


def test_months_are_months_of_utc(tmp_path):
    """A post of the last evening of a month in New York counts to the next month; without a time: unknown."""
    new_york = datetime.timezone(datetime.timedelta(hours=-5))
    corpus = write_corpus(
        tmp_path,
        [
            {"created_at": datetime.datetime(2026, 1, 31, 23, 30, tzinfo=new_york)},
            {"created_at": datetime.datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=datetime.UTC)},
            {"created_at": None},
        ],
    )
    ledger = Ledger.of(corpus, "month")
    assert [(row.key, row.downloaded) for row in ledger.rows] == [("2026-02", 2), ("unknown", 1)]
    assert ledger.to_json()["rows"][0]["month"] == "2026-02"


def test_language_is_what_the_recipe_measured_if_it_did(tmp_path):
    """With a language rule its column counts, not the platform's guess; not looked at is unknown."""
    rows = [
        {"lang": "en", "spoken": "fr"},
        {"lang": "en", "spoken": None, "removed_by": "retweet"},
        {"lang": None, "spoken": "fr"},
    ]
    measured = rule("spoken", use="language", measure="spoken")
    corpus = write_corpus(tmp_path / "with", rows, rules=[RETWEET, measured])
    assert [(r.key, r.downloaded) for r in Ledger.of(corpus, "language").rows] == [("fr", 2), ("unknown", 1)]
    corpus = write_corpus(tmp_path / "without", rows, rules=[RETWEET])
    assert [(r.key, r.downloaded) for r in Ledger.of(corpus, "language").rows] == [("en", 2), ("unknown", 1)]


def test_authors_go_by_their_latest_name(tmp_path):
    """Of the names that an author had, the one of the latest post that says one counts."""
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    corpus = write_corpus(
        tmp_path,
        [
            {"author": "mira", "author_name": "Zara", "created_at": None},
            {"author": "mira", "author_name": "Mira", "created_at": day.replace(month=3)},
            {"author": "mira", "author_name": "Old Mira", "created_at": day},
            {"author": "mira", "author_name": None, "created_at": day.replace(month=4)},
            {"author": "tom", "author_name": None},
        ],
        parts=2,
    )
    assert [row.author_name for row in Ledger.of(corpus).rows] == ["Mira", None]
    assert [row.author_name for row in Ledger.of(corpus, "source").rows] == [None]


def test_a_ledger_of_some_authors_counts_only_their_posts(tmp_path):
    """Rows and total are those of the authors that were asked for; an unknown one has no ledger."""
    corpus = write_corpus(tmp_path, posts("mira", 3, retweet=1) + posts("tom", 2), rules=[RETWEET])
    ledger = Ledger.of(corpus, authors=["mira"])
    assert [row.key for row in ledger.rows] == ["mira"]
    assert (ledger.total.downloaded, ledger.total.kept) == (4, 3)
    with pytest.raises(NothingToDoError, match=r"no post by 'miro'.*Did you mean 'mira'"):
        Ledger.of(corpus, authors=["miro"])


def test_another_key_is_a_usage_error_with_a_suggestion(tmp_path):
    """`--by autor` says what was meant."""
    with pytest.raises(UsageError, match="Did you mean 'author'"):
        Ledger.of(write_corpus(tmp_path, posts("mira", 1)), "autor")


def test_a_corpus_without_posts_has_an_empty_ledger_in_every_format(tmp_path):
    """No posts is a total of zeros, not an error."""
    ledger = Ledger.of(write_corpus(tmp_path, [], rules=[RETWEET]))
    assert ledger.rows == ()
    assert ledger.total.removed == {"retweet": 0}
    assert ledger.balances
    assert all(render(ledger, format) for format in FORMATS)
    assert ledger.frame.height == 0


def test_the_frame_has_a_column_for_each_rule(tmp_path):
    """Polars sees the figures as integers, and the author's name last."""
    rows = [{"author": "mira", "author_name": "Mira"}, {"author": "mira", "removed_by": "retweet"}]
    frame = Ledger.of(write_corpus(tmp_path, rows, rules=[RETWEET, SHORT])).frame
    assert frame.to_dicts() == [
        {
            "author": "mira",
            "downloaded": 2,
            "retweet": 1,
            "min_words": 0,
            "kept": 1,
            "author_name": "Mira",
        }
    ]


def test_a_rule_named_as_another_column_gets_a_column_of_its_own(tmp_path):
    """The rule `language` in a ledger by language doesn't take the key's name."""
    rows = [{"language": "fr"}, {"language": "de", "removed_by": "language"}]
    ledger = Ledger.of(write_corpus(tmp_path, rows, rules=[LANGUAGE, rule("removed_language")]), "language")
    assert ledger.columns == (
        "language",
        "downloaded",
        "removed_language",
        "removed_removed_language",
        "kept",
    )
    assert len(set(ledger.frame.columns)) == 5


def test_a_ledger_on_the_terminal_needs_neither_polars_nor_arrow(tmp_path):
    """Reading and printing a ledger imports none of the slow libraries."""
    write_corpus(tmp_path, posts("mira", 3))
    program = (
        "import sys; from curation.corpus.corpus import Corpus; from curation.corpus.ledger import Ledger; "
        "from curation.corpus.ledger_text import FORMATS, render; "
        "ledger = Ledger.of(Corpus.open(sys.argv[1], 'invented')); "
        "[render(ledger, format) for format in FORMATS if format != 'markdown']; "
        "print([name for name in ('polars', 'pyarrow', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_markdown_of_one_author_is_the_table_of_huggingtweets(tmp_path):
    """Character for character, with plain digits."""
    rows = posts("alice", 1235, retweet=3, min_words=33)
    corpus = write_corpus(tmp_path, rows, rules=[RETWEET, SHORT])
    assert render(Ledger.of(corpus), "markdown") == (
        "| Data | Quantity |\n"
        "| --- | --- |\n"
        "| Tweets downloaded | 1271 |\n"
        "| Retweets | 3 |\n"
        "| Short tweets | 33 |\n"
        "| Tweets kept | 1235 |\n"
    )


def test_markdown_of_several_authors_has_a_column_for_each(tmp_path):
    """Columns are headed by display name, else by handle; other rules stand if they removed something."""
    rows = posts("tom", 1, exact_duplicate=2) + posts("mira", 5, min_words=1)
    rows = [{**row, "author_name": "Mira | M"} if row["author"] == "mira" else row for row in rows]
    rules = [COPIES, LANGUAGE, rule("min_words", label="My short ones"), RETWEET]
    corpus = write_corpus(tmp_path, rows, rules=rules)
    assert render(Ledger.of(corpus), "markdown") == (
        "| Data | Mira \\| M | tom |\n"
        "| --- | --- | --- |\n"
        "| Tweets downloaded | 6 | 3 |\n"
        "| Retweets | 0 | 0 |\n"
        "| Short tweets | 1 | 0 |\n"
        "| Copies | 0 | 2 |\n"
        "| Tweets kept | 5 | 1 |\n"
    )


def test_authors_of_one_name_are_told_apart_by_handle(tmp_path):
    """Two authors called the same don't have two columns called the same."""
    rows = [{"author": "sam1", "author_name": "Sam"}, {"author": "sam2", "author_name": "Sam"}]
    assert render(Ledger.of(write_corpus(tmp_path, rows)), "markdown").startswith(
        "| Data | Sam (sam1) | Sam (sam2) |\n"
    )


def test_markdown_by_source_has_a_line_for_each_and_the_total(tmp_path):
    """Not by author, the key is the first column."""
    corpus = write_corpus(tmp_path, posts("mira", 1, retweet=1), rules=[RETWEET])
    assert render(Ledger.of(corpus, "source"), "markdown") == (
        "| source | downloaded | Retweets | kept |\n"
        "| --- | --- | --- | --- |\n"
        "| file | 2 | 1 | 1 |\n"
        "| total | 2 | 1 | 1 |\n"
    )


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60)), min_size=1, max_size=4, unique=True))
@settings(deadline=None)
def test_no_name_breaks_a_table(names):
    """Whatever authors call themselves, tables keep their lines and columns and hold no control character."""
    rows = tuple(Row(str(i), 2, {"retweet": 1}, 1, author_name=name) for i, name in enumerate(names))
    printed = render(ledger_of(*rows), "markdown")
    assert [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in printed.split("\n")[:-1]] == [len(rows) + 2] * 5
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", printed)

    keyed = ledger_of(*(Row(name, 2, {"retweet": 1}, 1) for name in names))
    printed = render(keyed, "table")
    assert len({display_width(line) for line in printed.split("\n")[:-1]}) == 1
    assert printed.count("\n") == len(names) + 4
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]", printed)

    read = list(csv.reader(io.StringIO(render(keyed, "csv"), newline="")))
    assert [row[0].removeprefix("'") for row in read[1:]] == [name.removeprefix("'") for name in names]
    assert not any(row[0].startswith(("=", "+", "-", "@", "\t", "\r")) for row in read)


def test_the_table_is_aligned_by_what_a_terminal_shows(tmp_path):
    """Wide characters take two columns, combining ones none; thousands have commas."""
    rows = posts("日本語の人", 1500, retweet=500) + posts("ze\u0301", 1) + posts("x" * 50, 1)
    assert render(Ledger.of(write_corpus(tmp_path, rows, rules=[RETWEET])), "table").split("\n") == [
        "author" + " " * 34 + "  downloaded  Retweets   kept  kept %",
        "─" * 77,
        "日本語の人" + " " * 30 + "       2,000       500  1,500    75.0",
        "x" * 39 + "…" + "           1         0      1   100.0",
        "ze\u0301" + " " * 38 + "           1         0      1   100.0",
        "─" * 77,
        "total" + " " * 35 + "       2,002       500  1,502    75.0",
        "",
    ]


def test_steering_characters_are_written_out():
    """Escape sequences, line breaks and changes of direction can be read, not obeyed; emoji stay."""
    assert visible_line("a\x1b[2J\n\u202e\x9b") == "a\\x1b[2J\\n\\u202e\\x9b"
    assert visible_line("zoë \N{WOMAN}\u200d\N{ROCKET} 日本") == "zoë \N{WOMAN}\u200d\N{ROCKET} 日本"


def test_csv_is_rfc_4180_without_a_total(tmp_path):
    """Lines end in CR LF, cells are quoted where needed, and a formula is text."""
    rows = posts("mira, m", 2, retweet=1) + posts("=cmd()", 1)
    corpus = write_corpus(tmp_path, rows, rules=[RETWEET])
    assert render(Ledger.of(corpus), "csv") == (
        'author,downloaded,retweet,kept\r\n"mira, m",3,1,2\r\n\'=cmd(),1,0,1\r\n'
    )


def test_another_format_is_a_usage_error_with_a_suggestion():
    """`--format markdwon` says what was meant."""
    with pytest.raises(UsageError, match="Did you mean 'markdown'"):
        render(ledger_of(Row("mira", 1, {"retweet": 0}, 1)), "markdwon")
