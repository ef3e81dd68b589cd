"""A person's own SQL over the posts of the corpus: the statement, its columns, and the answer as a table."""

from __future__ import annotations

import functools
import threading
import time

import streamlit as st

from curation.asking.query import Answer, Query, QueryError
from curation.asking.query.query import LONGEST, MOST_ROWS, SECONDS, SHOWN
from dashboards import session
from dashboards.markup import plain, table
from dashboards.parts.choosing import on_choice
from dashboards.parts.figures import terminal
from dashboards.queries import sql as queries
from dashboards.session import PageContext

#: The word of the address, and the keys of the box and of the last answer.
WORD, BOX, ANSWER = "sql", "sql:statement", "sql:answer"
#: Markdown in the words for a column.
MARKS = str.maketrans("", "", "*`")
#: Seconds between two looks at a query that runs.
LOOK = 0.2


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("SQL")
    examples = queries.examples(context.snapshot)
    linked = st.query_params.get(WORD, "")
    if BOX not in st.session_state or st.session_state.get("sql:linked") != linked:
        st.session_state[BOX] = linked or next(iter(examples.values()))
        st.session_state["sql:linked"] = linked
    left, right = st.columns([3, 2])
    with left:
        statement = box(context, examples)
        answer(context, statement)
    with right:
        columns(context)


def box(context: PageContext, examples: dict[str, str]) -> str:
    """Draw the statement. Gives the one that was run last, empty before."""
    st.selectbox(
        "Examples",
        list(examples),
        index=None,
        key="sql:example",
        placeholder="a statement to begin with",
        on_change=on_choice("sql:example", lambda name: _fill(examples.get(name or ""))),
    )
    with st.form("sql:form", border=False, enter_to_submit=True):
        st.text_area(
            "A SELECT statement over the table posts",
            key=BOX,
            height=190,
            max_chars=LONGEST,
            help="Ctrl-Enter runs it. It can only read the posts of this corpus: no files, no network, no changes.",
        )
        pressed = st.form_submit_button("Run", type="primary", help="Or Ctrl-Enter in the box.")
    if pressed:
        st.session_state.pop(ANSWER, None)
        st.session_state["sql:run"] = st.session_state["sql:linked"] = st.session_state[BOX]
        st.query_params[WORD] = st.session_state[BOX]
    elif not st.session_state.get("sql:run"):
        st.caption("A statement runs when you press Run, one from a link too.")
    return str(st.session_state.get("sql:run", ""))


def _fill(statement: str | None) -> None:
    if statement:
        st.session_state[BOX] = statement


def answer(context: PageContext, statement: str) -> None:
    """Draw the answer to the statement, from memory or by running it."""
    if not statement:
        return
    key = (context.snapshot.identity, statement)
    if st.session_state.get(ANSWER, (None,))[0] != key:
        try:
            st.session_state[ANSWER] = (key, run(queries.query(context.snapshot, statement)))
        except QueryError as error:
            st.error(plain(str(error)))
            if error.place:
                st.code(error.place, language=None)
            return
    found: Answer = st.session_state[ANSWER][1]
    rows = f"{found.rows:,} row{'' if found.rows == 1 else 's'}"
    more = f"The first {rows}; there are more" if found.more else rows
    st.caption(f"{more}, in {found.seconds:.1f} seconds.")
    st.dataframe(queries.shown(found.table()), hide_index=True, key="sql:rows")
    downloads(context, statement)


def run(query: Query) -> Answer:
    """Run a query, with a button that ends it. Raises what `Query.run` raises."""
    outcome: list[Answer | BaseException] = []

    def work() -> None:
        try:
            outcome.append(query.run())
        except BaseException as error:  # the page raises it
            outcome.append(error)

    thread = threading.Thread(target=work, daemon=True)
    began = time.monotonic()
    place = st.empty()
    thread.start()
    try:
        thread.join(LOOK)
        if thread.is_alive():
            with place.container(horizontal=True, vertical_alignment="center"):
                # A click ends this run of the script, which ends the query below.
                st.button("Cancel", key="sql:cancel", on_click=lambda: st.session_state.pop("sql:run", None))
                clock = st.empty()
            while thread.is_alive():
                clock.caption(f"Running for {time.monotonic() - began:.0f} seconds, of at most {SECONDS}.")
                thread.join(LOOK)
    finally:
        query.cancel()
        place.empty()
    [result] = outcome
    if isinstance(result, BaseException):
        raise result
    return result


def downloads(context: PageContext, statement: str) -> None:
    """Draw the answer as files."""
    with st.container(horizontal=True):
        for format, label, kind in (("csv", "CSV", "text/csv"), ("parquet", "Parquet", "application/octet-stream")):
            st.download_button(
                label,
                data=functools.partial(_file, context, statement, format),
                file_name=f"{context.corpus.recipe}-query.{format}",
                mime=kind,
                key=f"sql:{format}",
                on_click="ignore",
                help=f"All rows, up to {MOST_ROWS:,}; the table above has at most {SHOWN:,}.",
            )
    with st.expander("The same on the command line"):
        words = ["curation", "sql", statement, "--recipe", context.corpus.recipe, *context.data_option()]
        terminal([*words, "--csv", f"{context.corpus.recipe}-query.csv"])


def _file(context: PageContext, statement: str, format: str) -> bytes:
    return queries.query(context.snapshot, statement, format).run().content


def columns(context: PageContext) -> None:
    """Draw what the table has."""
    st.markdown("**Columns of** `posts`")
    with st.container(height=520, border=False, key="sql-columns"):
        rows = [
            [column.name, f"{column.type}: {column.doc}".translate(MARKS)]
            for column in queries.columns(context.snapshot)
        ]
        st.html(table(["Column", "Type and meaning"], rows))


main(session.here(any_search=True))
