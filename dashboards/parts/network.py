"""Collecting over the network: a form for each source, made of what it declares, and what is new of known targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from curation.collecting.targets import Target, targets
from curation.options.commands import CollectOptions
from curation.sources import find_source, source_names
from curation.sources.base import Source
from curation.writing.terminal import count
from dashboards import jobs, session
from dashboards.jobs import Job
from dashboards.markup import plain
from dashboards.parts import job_panel
from dashboards.parts.option_boxes import draw_boxes
from dashboards.queries import overview


def draw() -> None:
    """Draw the form of a source, and the targets that are known."""
    names = [name for name in source_names() if not find_source(name).target_is_file]
    name = str(st.selectbox("Source", names, key="network:source"))
    source = find_source(name)
    st.caption(f"{plain(_summary(source))} It needs {plain(source.needs)}. It gives {plain(source.gives)}.")
    with st.form(f"network:{name}", border=True):
        words = _target(source)
        values = _options(source)
        token = _token(source, f"network:{name}:token")
        row = st.container(horizontal=True)
        costs = source.offer is not Source.offer
        look = row.form_submit_button("Show the cost" if costs else "Look", help="Asks who it is; nothing lands.")
        go = not costs and row.form_submit_button("Collect", type="primary")
    options = CollectOptions.of({key: value or None for key, value in values.items()}).words(of=source.options)
    collect = [*options, "--", *words]
    if (look or go) and not all(words):
        st.warning("Fill in what names the account first.")
    elif look or go:
        variables = source.token_variables(token, words) if token else {}
        if go:
            _collect(name, words, collect, variables)
        else:
            jobs.start(f"peek:{name}", f"Look at {' '.join(words)}", ["collect", name, "--dry-run", *collect],
                       secrets=variables, about={"words": words, "collect": collect})  # fmt: skip
        st.rerun()
    if peek := jobs.of(f"peek:{name}"):
        job_panel.draw(peek, after=lambda job: _peeked(job, name, token))
    _known()


def _summary(source: type[Source]) -> str:
    return (source.__doc__ or "").strip().partition("\n")[0]


def _target(source: type[Source]) -> list[str]:
    """Draw what names the target."""
    words = []
    for part in source.target_parts():
        key = f"network:{source.name}:{part.label}"
        if part.choices:
            shown = part.choices
            chosen = st.selectbox(part.label, list(shown), key=key, help=part.doc or None,
                                  format_func=lambda name, shown=shown: f"{name}: {shown[name]}")  # fmt: skip
            words.append(str(chosen))
        else:
            words.append((st.text_input(part.label, key=key, help=part.doc or None) or "").strip())
    return words


def _options(source: type[Source]) -> dict[str, Any]:
    """Draw the options of a source, folded."""
    fields = [f for f in CollectOptions.fields() if f.name in source.options and f.name != "token_file"]
    with st.expander("More settings"):
        return draw_boxes(fields, f"network:{source.name}")


def _token(source: type[Source], key: str) -> str:
    """Draw the box for a token, which is never stored. Gives the token."""
    if not source.token:
        return ""
    is_required = source.token == "required"
    token = st.text_input(
        "Token" if is_required else "Token, if the server asks for one",
        type="password",
        key=key,
        help="It stays in the memory of the dashboard and of the command that collects: no file and no log has it.",
    )
    return (token or "").strip()


def _collect(
    name: str, words: Sequence[str], collect: Sequence[str], variables: Mapping[str, str], *agreed: str
) -> None:
    target = " ".join(words)
    jobs.start(
        f"collect:{name}:{target}", f"Collect {name} {target}", ["collect", name, *agreed, *collect], secrets=variables
    )


def _peeked(job: Job, name: str, token: str) -> None:
    """Draw who it is, or what it costs, and the button that collects."""
    result, words = job.result or {}, list(job.about["words"])
    if offer := result.get("offer"):
        st.info(plain(str(offer)))
        if st.button("Agree and collect", type="primary", key=f"network:agree:{job.id}"):
            variables = find_source(name).token_variables(token, words) if token else {}
            _collect(name, words, job.about["collect"], variables, "--yes")
            st.rerun()
        return
    who = result["authors"][0]["name"] if result.get("authors") else result.get("target", "")
    expected = result.get("expected")
    number = count(expected, "post") if expected is not None else "an unknown number of posts"
    st.markdown(f"**{plain(str(who))}**: the profile counts {number}.")


def _known() -> None:
    """Draw the targets on the network that were collected, each with a button for what is new."""
    space = session.workspace()
    if not any(space.targets.glob("*/*.json")):
        return
    snapshot = st.session_state.get("snapshot")
    if snapshot and space.recipes_run():
        known = [one.target for one in overview.completeness(space, snapshot)]
    else:
        known = targets(space)
    networked = {name for name in source_names() if not find_source(name).target_is_file}
    known = [target for target in known if target.source in networked]
    if not known:
        return
    st.header("Collected before")
    for target in known:
        _again(target)


def _again(target: Target) -> None:
    source, name = find_source(target.source), f"{target.source} {target.target}"
    with st.container(border=True, key=f"known:{name}"):
        of = f"{target.posts:,} of " if target.expected is not None else ""
        posts = f"{of}{count(target.posts if target.expected is None else target.expected, 'post')}"
        gaps = f" · {count(target.gaps, 'part')} of its list not read yet" if target.gaps else ""
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(
            f"**{plain(name)}** · {posts} · last collected {target.last_run[:10]}, {plain(target.status)}{gaps}"
        )
        if source.offer is not Source.offer:
            row.caption("It costs money: use the form above.")
            return
        token = _token(source, f"known:token:{name}") if target.status == "partial" else ""
        if row.button("Collect what is new", key=f"known:go:{name}"):
            words = source.words_of(target.target)
            server = ["--base-url", target.base_url] if target.base_url else []
            variables = source.token_variables(token, words) if token else {}
            _collect(target.source, words, [*server, "--", *words], variables)
            st.rerun()
