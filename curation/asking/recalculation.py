"""Whom a rule removes where other posts are alive before it than in the corpus: only what that changes is computed.

- A rule that compares posts looks at their keys. What it says of the posts of a key depends on no others, so the posts
  of a key among which nobody has come or gone keep their verdicts. A rule with another parameter compares all.
- A filter that measures living posts measures those that were not alive in the corpus.

What a rule compares is computed once for all posts, and outcomes are kept (`curation.asking.evidence`). So the second
time most questions read a few files. The result is that of a run; a property test compares the two.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.asking.decisions import Decisions, Numbers, numpy_of, taken
from curation.asking.evidence import Evidence, digest_of
from curation.corpus.rejudging import Measured, condition_of, measured_of
from curation.engines.pool import cores
from curation.functions.exchange import Exchange
from curation.functions.recent import Recent
from curation.recipes.plan import CANDIDATE, OLD, Stage, columns_of, compile_from, mark_columns
from curation.rules.base import Dedup, Rule
from curation.sql import arrow, identifier, literal

#: A bool for each post of a corpus, in its order.
Some = npt.NDArray[np.bool_]

#: SQL: the posts of the corpus, even where the posts that a stage reads are called `posts`.
POSTS = "memory.main.posts"
#: The number of a post, as a column.
NUMBER = "_number"
#: SQL: a corpus without verdicts.
BEGIN = "SELECT *, CAST([] AS VARCHAR[]) AS matched, CAST(NULL AS VARCHAR) AS duplicate_of FROM posts"


@dataclass(frozen=True, eq=False)
class Question:
    """A rule that is computed again, and the posts before it."""

    rule: Rule  # `Measured` where the corpus's values stay
    before: Rule  # as the corpus's recipe has it
    alive: Some  # posts that no earlier rule removes
    was_alive: Some  # the same in the corpus
    removed: Some  # by the corpus's rule

    @property
    def original(self) -> Rule:
        """The rule as the recipe has it."""
        return self.rule.rule if isinstance(self.rule, Measured) else self.rule

    @property
    def is_same(self) -> bool:
        """Whether the rule decides as in the corpus."""
        return condition_of(self.before) == condition_of(self.original)

    @property
    def digest(self) -> str:
        """A digest of all that the outcome depends on, besides the corpus."""
        rule = self.original
        kind = (type(rule).__module__, type(rule).__qualname__, rule.use, rule.name, rule.version)
        decides = (rule.values(), condition_of(rule), measured_of(rule))
        return digest_of(kind, decides, np.packbits(self.alive).tobytes())


@dataclass(frozen=True, eq=False)
class Outcome:
    """Whom a rule removes."""

    numbers: Numbers  # of the posts, ascending
    originals: pa.StringArray  # what each is a copy of; NULL for no copy

    @classmethod
    def of(cls, *parts: tuple[Numbers, pa.StringArray]) -> Outcome:
        """The posts of all parts, in which each is once."""
        numbers = np.concatenate([numbers for numbers, _ in parts])
        order = np.argsort(numbers)
        return cls(numbers[order], taken(pa.concat_arrays([originals for _, originals in parts]), order))


@dataclass(frozen=True, eq=False)
class Recalculation:
    """Answers questions about one corpus. `connection` has its posts as `posts`, with their places."""

    connection: duckdb.DuckDBPyConnection
    evidence: Evidence
    current: Decisions  # of the corpus
    memory: int
    recent: Recent

    def outcome(self, question: Question) -> Outcome:
        """Whom the rule removes."""
        digest = question.digest
        kept = self.evidence.outcome(digest)
        if kept is None:
            compares = question.rule.compares() is not None
            outcome = self._compared(question) if compares else self._measured(question)
            table = [arrow.numbers(outcome.numbers), outcome.originals]
            self.evidence.keep_outcome(digest, pa.Table.from_arrays(table, names=["number", "original"]))
            return outcome
        return Outcome(numpy_of(kept["number"]), kept["original"].cast(pa.string()).combine_chunks())  # type: ignore[arg-type]

    def _measured(self, question: Question) -> Outcome:
        looked_at = question.alive
        if question.is_same:
            looked_at = looked_at & ~question.was_alive
        stage = _stages(question.rule)[-1]
        new = self._decided(stage, looked_at, self._read(stage))
        return Outcome.of(new, self._old(question, question.alive & ~looked_at))

    def _compared(self, question: Question) -> Outcome:
        rule = question.rule
        partial = question.is_same and rule.within_key
        changed = np.flatnonzero(question.alive != question.was_alive) if partial else None
        if changed is not None and not len(changed):
            return Outcome.of(self._old(question, question.alive))
        compared = self._candidates(rule, np.flatnonzero(question.alive), changed)
        affected = np.zeros(len(question.alive), dtype=bool)
        affected[compared] = True
        # A rule that another parameter has changed may soon be asked for a third value of it.
        marks = self._marks(rule, None if question.is_same else self.recent)
        if isinstance(rule, Dedup) and type(rule).removes is Dedup.removes:
            new = self._posts(f"SELECT row AS number, duplicate_of AS original FROM {marks} AS marks")
            looked_at = affected
        else:
            fresh = question.alive & ~question.was_alive if question.is_same else question.alive
            looked_at = affected | fresh
            stage = _stages(rule)[-1]
            new = self._decided(stage, looked_at, self._read(stage, marks))
        return Outcome.of(new, self._old(question, question.alive & ~looked_at))

    def _old(self, question: Question, among: Some) -> tuple[Numbers, pa.StringArray]:
        """Whom the corpus's rule removes among some posts."""
        numbers = np.flatnonzero(question.removed & among)
        if not isinstance(question.rule, Dedup):
            return numbers, taken(self.current.originals, np.full(len(numbers), -1))
        return numbers, self.current.originals_of(numbers)

    def _candidates(self, rule: Rule, alive: Numbers, changed: Numbers | None) -> Numbers:
        """Make the table `candidates`: all living ones, or those with a key of a changed post. Gives their numbers."""
        run, path = self.connection.execute, literal(str(self._file(rule)))
        self.connection.register("living", _numbered(alive))
        keyed = ""
        if changed is not None:
            self.connection.register("changed", _numbered(changed))
            keyed = f"SEMI JOIN (SELECT key FROM read_parquet({path}) SEMI JOIN changed USING (number)) USING (key)"
        run(
            "CREATE OR REPLACE TEMP TABLE candidates AS SELECT * EXCLUDE (number), 0::INTEGER AS part, number AS row "
            f"FROM (FROM read_parquet({path}) WHERE key IS NOT NULL) SEMI JOIN living USING (number) {keyed}"
        )
        return numpy_of(self.connection.sql("SELECT row FROM candidates").to_arrow_table()["row"])

    def _file(self, rule: Rule) -> Path:
        """The Parquet file of what the rule compares, of every post, also of one without a key."""
        compares = dict(rule.compares() or {})
        steps = rule.prepares_comparison()
        digest = digest_of(steps, compares, [(each.name, each.version) for each in rule.functions()])
        path = self.evidence.compared(digest)
        if path is None:
            path = self.evidence.scratch / f"compared-{digest}.parquet"
            if not path.is_file():
                columns = [f"{value} AS {identifier(name)}" for name, value in compares.items()]
                posts = "posts"
                for name, value in steps:
                    posts = f"(SELECT *, {value} AS {name} FROM {posts})"
                # No condition on the key: DuckDB would compute it for the condition, and then again.
                self.connection.execute(
                    f"COPY (SELECT {self._number} AS number, {', '.join([*columns, *CANDIDATE])} FROM {posts}) "
                    f"TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"
                )
                self.evidence.keep_compared(digest, path)
        return path

    def _marks(self, rule: Rule, recent: Recent | None) -> str:
        """SQL: what the rule finds among the candidates; `row` is the number of the post."""
        spill = self.evidence.scratch / f"spill-{uuid.uuid4().hex}"
        spill.mkdir()
        marks = spill.with_suffix(".parquet")
        rule.find(Exchange(self.connection, marks, spill, self.memory // 2, cores(), recent=recent))
        return f"read_parquet({literal(str(marks))})"

    def _read(self, stage: Stage, marks: str = "") -> str:
        """SQL: the posts as a stage reads them, with their numbers, and the marks of the rule before it."""
        names = self.connection.sql(f"FROM {POSTS} LIMIT 0").columns
        columns = [
            identifier(each) + (f" AS {identifier(OLD + each)}" if each in stage.makes else "") for each in names
        ]
        posts = f"SELECT {', '.join(columns)}, {self._number} AS {NUMBER} FROM {POSTS}"
        if not marks or stage.before is None:
            return posts
        begun = "CAST([] AS VARCHAR[]) AS matched, CAST(NULL AS VARCHAR) AS duplicate_of"
        return (
            f"SELECT posts.*, {begun}, {', '.join(mark_columns(stage.before, 'marks'))} FROM ({posts}) AS posts "
            f"LEFT JOIN {marks} AS marks ON marks.row = posts.{NUMBER}"
        )

    def _decided(self, stage: Stage, some: Some, posts: str) -> tuple[Numbers, pa.StringArray]:
        """Whom a stage removes among some posts."""
        self.connection.register("looked_at", _numbered(np.flatnonzero(some)))
        self.connection.execute(
            f"CREATE TEMP VIEW posts AS SELECT * FROM ({posts}) SEMI JOIN looked_at ON looked_at.number = {NUMBER}"
        )
        try:
            verdicts = f"SELECT {NUMBER} AS number, duplicate_of AS original, matched FROM ({stage.verdict()})"
            return self._posts(f"WITH verdicts AS MATERIALIZED ({verdicts}) FROM verdicts WHERE len(matched) > 0")
        finally:
            self.connection.execute("DROP VIEW temp.posts")

    def _posts(self, statement: str) -> tuple[Numbers, pa.StringArray]:
        table = self.connection.sql(f"SELECT number::BIGINT AS number, original FROM ({statement})").to_arrow_table()
        return numpy_of(table["number"]), table["original"].cast(pa.string()).combine_chunks()

    @property
    def _number(self) -> str:
        """SQL: the number of a post, over `posts`."""
        begins = np.cumsum([0, *self.current.sizes[:-1]]).tolist()
        return f"{literal(begins)}[_part + 1] + _row"


def _stages(rule: Rule) -> Sequence[Stage]:
    return compile_from(BEGIN, [rule], (), columns_of([rule]), judged=True).stages


def _numbered(numbers: Numbers) -> pa.Table:
    return arrow.table({"number": numbers.astype(np.int64)})
