"""What is in the corpus, and what the rules removed."""

from __future__ import annotations

import html
from urllib.parse import urlencode

import streamlit as st

from curation.corpus.ledger import UNKNOWN
from curation.corpus.selection import KEPT, KEPT_SO
from curation.corpus.tokens_estimate import HOW
from curation.options.export import TEXT, ExportOptions
from curation.recipes.verdict import BY_HAND, KEPT_BY_HAND, LABELS
from curation.writing.html import escaped
from curation.writing.terminal import count
from dashboards import session
from dashboards.charts import accounts as charts
from dashboards.charts import waterfall
from dashboards.charts.vega import picked
from dashboards.markup import badge, block, plain, table
from dashboards.parts import decisions, reading
from dashboards.parts.figures import metric, metric_row, short
from dashboards.queries import overview, training
from dashboards.queries.overview import Account
from dashboards.session import PageContext
from dashboards.view import View

BROWSE = "pages/browse.py"
#: Most months for which the page offers a bar each.
MOST_MONTHS = 600


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("Overview")
    account = overview.ledger(context.snapshot)
    if not account.balances:
        st.error(
            "This corpus does not balance: it has verdicts that its recipe does not explain. "
            "Make it again with `curation run --again`."
        )
    decisions.draw(context)
    figures(context, account.total.downloaded, account.total.kept, sum(account.total.removed.values()))
    from_downloaded_to_kept(context)
    if account.total.kept:
        reading.draw(context.snapshot, ExportOptions(formats=(TEXT,)), key="overview:reading")
    by_author(context)
    over_time(context)
    completeness(context)


def figures(context: PageContext, downloaded: int, kept: int, removed: int) -> None:
    """Draw the numbers at the top."""
    text = overview.training_text(context.snapshot)
    row = metric_row(
        ("Downloaded", f"{downloaded:,}", ""),
        ("Kept", f"{kept:,}", ""),
        ("Removed", f"{removed:,}", ""),
    )
    total = overview.ledger(context.snapshot).total
    if total.kept_by_hand is not None:
        metric(
            row,
            "By hand",
            f"−{total.removed[BY_HAND]:,} +{total.kept_by_hand:,}",
            "Posts that somebody removed or kept where the recipe alone decides otherwise. The others count them too.",
        )
    model = training.models(context.space, context.snapshot.answers).newest_of(context.corpus.recipe)
    if model:
        seen = model.record.data
        learned = f"Posts that {plain(model.title)}, the newest model of this corpus, learned from; "
        metric(row, "Trained on", f"{seen.train.posts:,}", f"{learned}{seen.valid.posts:,} more were held out.")
    characters = (
        f"{count(text.characters, 'character')} (code points) in the kept posts after rewriting, each text once."
    )
    metric(row, "Training text", short(text.characters), characters)
    metric(row, "Tokens, about", short(text.tokens), f"{count(text.tokens, 'token')} of training text. {HOW}")
    share = f"{kept / downloaded:.1%} of the posts are kept. " if downloaded else ""
    st.caption(
        f"{share}{count(text.characters, 'character')} of training text, about "
        f"{count(text.tokens, 'token')} (an estimate)."
    )
    if model:
        link = html.escape(f"training?{urlencode({'corpus': context.corpus.recipe, 'model': model.title})}")
        st.html(
            f"<p>{downloaded:,} downloaded → {kept:,} kept → {seen.train.posts:,} trained on by "
            f'<a href="{link}" target="_self"><bdi>{escaped(model.title)}</bdi></a></p>'
        )


def from_downloaded_to_kept(context: PageContext) -> None:
    """Draw the bars from downloaded to kept."""
    st.header(
        "From downloaded to kept",
        help="Each bar is a rule, in recipe order, with the posts that it is the first to remove. Click a bar to see "
        "them.",
    )
    steps = overview.waterfall(overview.ledger(context.snapshot))
    step = picked(waterfall.waterfall(steps), alt=waterfall.in_words(steps))
    if step:
        session.go(BROWSE, view(context) if step == waterfall.ALL else view(context, verdict=(step,)))
    with st.expander("Show as a table"):
        rows, links = [], []
        for step in steps:
            left = step.posts if step.key in ("", KEPT) else step.begin
            rows.append([step.label, f"{step.posts:,}", f"{left:,}"])
            links.append(session.address("browse", view(context, verdict=(step.key,)) if step.key else view(context)))
        if by_hand := overview.ledger(context.snapshot).total.kept_by_hand:
            rows.append([f"of these {LABELS[KEPT_BY_HAND].lower()}", f"{by_hand:,}", ""])
            links.append(session.address("browse", view(context, by_hand=(KEPT_SO,))))
        st.html(table(["Step", "Posts", "Left after it"], rows, links))


def by_author(context: PageContext) -> None:
    """Draw kept and removed posts of each author."""
    st.header("By author")
    account = overview.ledger(context.snapshot)
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    how = left.segmented_control(
        "Bars show",
        ["Share", "Count"],
        default="Share",
        required=True,
    )
    search = right.text_input("Find an author", type="search", key="overview:author")
    accounts = overview.authors(account, (search or "").strip())
    if not accounts:
        st.info(f"No author with “{plain(search or '')}” in the handle or name.")
        return
    if place_of := picked(charts.by_author(accounts, count=how == "Count"), alt=charts.in_words(accounts, "author")):
        open_part(context, "author", accounts, place_of)
    note = f" The first {overview.SHOWN} have a bar each, all others share one; find them by name."
    more = note if len(accounts) > overview.SHOWN else ""
    st.caption(f"{count(len(account.rows), 'author')}. Click a part of a bar to see its posts.{more}")
    as_table(context, "author", "Author", accounts)


def over_time(context: PageContext) -> None:
    """Draw kept and removed posts by month or year."""
    account = overview.ledger(context.snapshot, "month")
    st.header("Over time")
    default = overview.by_default(account)
    choices = ["month", "year"] if len(overview.periods(account, "month")) <= MOST_MONTHS else ["year"]
    by = st.segmented_control("One bar per", choices, default=default, required=True, key=f"overview:by:{default}")
    periods = overview.periods(account, str(by))
    if periods:
        place_of = picked(charts.over_time(periods, str(by)), alt=charts.in_words(periods, str(by)))
        if place_of:
            open_part(context, "month", periods, place_of)
    if unknown := overview.undated(account):
        link = session.address("browse", view(context, month=(UNKNOWN,)))
        has = "has" if unknown == 1 else "have"
        st.html(f'<p class="meta"><a href="{link}" target="_self">{count(unknown, "post")}</a> {has} no time.</p>')
    as_table(context, "month", str(by).capitalize(), periods)


def open_part(context: PageContext, facet: str, accounts: list[Account], place_of: str) -> None:
    """Show the posts of a part of a bar, unless the bar combines several authors."""
    number, _, part = place_of.partition(":")
    chosen = accounts[int(number)] if int(number) < len(accounts) else None
    if chosen is None or not chosen.keys:
        st.info("This bar combines several authors. Find one by name to see the posts.")
        return
    verdict = (KEPT,) if part == "kept" else tuple(chosen.removed)
    session.go(BROWSE, view(context, verdict=verdict, **{facet: chosen.keys}))


def as_table(context: PageContext, facet: str, head: str, accounts: list[Account]) -> None:
    """Draw the numbers of a chart as a table."""
    with st.expander("Show as a table"):
        rows, links = [], []
        for account in accounts:
            figures = (account.downloaded, account.kept, account.removed_posts)
            share = f"{account.kept / account.downloaded:.1%}" if account.downloaded else "–"
            rows.append([account.label, *(f"{posts:,}" for posts in figures), share])
            links.append(session.address("browse", view(context, **{facet: account.keys})) if account.keys else "")
        st.html(table([head, "Downloaded", "Kept", "Removed", "Kept, %"], rows, links))


def completeness(context: PageContext) -> None:
    """Draw what each target gave, and what is missing."""
    st.header("Completeness", help="Every account, feed and file you collected, as in `curation sources --status`.")
    collected = overview.completeness(context.space, context.snapshot)
    if not collected:
        st.info("Unknown: the landings of these posts are no longer in the workspace.")
        return
    partial = [one for one in collected if one.missing]
    if partial:
        st.warning(
            f"{len(partial):,} of {len(collected):,} targets {'is' if len(partial) == 1 else 'are'} "
            "incomplete; the list below says what is missing."
        )
    else:
        st.caption(overview.nothing_missing(collected))
    for one in sorted(collected, key=lambda one: (not one.missing, one.target.source, one.target.target)):
        target = one.target
        expected = f" of {target.expected:,} on the profile" if target.expected is not None else ""
        facts = [f"{count(target.posts, 'post')}{expected}", f"{count(one.rejected, 'record')} rejected"]
        if target.first:
            facts.append(target.first if target.first == target.last else f"{target.first} to {target.last}")
        if target.empty_months:
            facts.append("no post in " + ", ".join(target.empty_months))
        facts.append(f"last collected {target.last_run[:10]}, {target.status}")
        state = badge("partial" if one.missing else "complete", kept=not one.missing, doc="; ".join(one.missing))
        lacks = block(escaped("Missing: " + "; ".join(one.missing)), kind="meta") if one.missing else ""
        st.html(
            f"{state} {escaped(target.source)} <bdi><strong>{escaped(target.target, 300)}</strong></bdi>"
            f"{lacks}{block(escaped(' · '.join(facts)), kind='meta')}"
        )


def view(context: PageContext, **chosen: tuple[str, ...]) -> View:
    """The posts of the corpus with these values of facets."""
    return View(corpus=context.corpus.recipe, chosen=chosen)


main(session.here())
