"""The ways from a selection to its files: into the workspace, in a terminal, as a download."""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st

from curation.disk.exported_file import ExportedFile
from curation.errors import CurationError
from curation.exports.files.replacing import require_name
from curation.exports.trainers import TRAINERS
from curation.options.export import ExportOptions
from curation.writing.terminal import count
from dashboards import jobs, session
from dashboards.markup import plain, table
from dashboards.parts import job_panel
from dashboards.queries import selection
from dashboards.session import PageContext


def draw(context: PageContext, options: ExportOptions, size: int) -> None:
    """Draw the ways to the files, of about `size` bytes: into the workspace, in a terminal, as a download."""
    st.header("Export")
    recipe = context.corpus.recipe
    name = st.text_input(
        "Folder",
        key="export:as",
        placeholder=recipe,
        help="In the workspace's folder `exports`. A folder is one export: other posts or another split replace what "
        "is there, and another format of the same posts joins it.",
    ).strip()
    try:
        require_name(name or recipe)
    except CurationError as error:
        st.warning(plain(str(error)))
        return
    out = context.space.exports / (name or recipe)
    line = selection.command(recipe, options, context.data_option(), name)
    _write_here(context, options, name, out)
    st.write("Or in a terminal:")
    st.code(line, language=None, wrap_lines=True)
    if options.trainers:
        st.write("Then train:")
        lines = (TRAINERS[name].line(out) for name in options.trainers)
        st.code("\n".join(lines), language=None, wrap_lines=True)
    _offer_download(context, options, size)


def _write_here(context: PageContext, options: ExportOptions, name: str, out: Path) -> None:
    """Draw the button that writes the files into the workspace, what they replace, and how far it is."""
    recipe = context.corpus.recipe
    key = f"export:{name or recipe}"
    running = jobs.of(key)
    for sentence in selection.replaced(context.snapshot, options, out):
        st.warning(plain(sentence))
    may_write = session.may_write()
    words = ["export", recipe, *options.words(), *(["--as", name] if name else [])]
    if st.button(
        "Export",
        type="primary",
        key="export:write",
        disabled=not may_write or bool(running and running.is_running),
        help=f"Writes the files to {plain(str(out))}." if may_write else session.READ_ONLY,
    ):
        jobs.start(key, f"Export to {name or recipe}", words)
        st.rerun()
    job_panel.draw_key(key, after=functools.partial(_written_here, out=out))


def _written_here(job: jobs.Job, *, out: Path) -> None:
    """Draw the files that an export wrote."""
    result = job.result or {}
    rows = [
        [Path(file["path"]).relative_to(out).as_posix(), ExportedFile(**{**file, "path": out}).in_words()]
        for file in result.get("files", ())
    ]
    st.caption(f"In {plain(str(out))}:")
    st.html(table(["File", ""], rows))
    for warning in result.get("warnings", ()):
        st.warning(plain(warning))


def _offer_download(context: PageContext, options: ExportOptions, size: int) -> None:
    """Draw the files to download, of about `size` bytes; none where they are too large."""
    st.write("Or download them:")
    if size > selection.MOST_BYTES:
        st.info(f"About {size / 1e6:,.0f} MB are too large for a download. *Export* and the command write them.")
        return
    key = (context.snapshot.identity, repr(options))
    if st.button(
        "Prepare the files",
        key="export:prepare",
        help="Prepares the same bytes as the command above; the workspace does not change.",
    ):
        st.session_state.pop("export:files", None)
        try:
            with st.spinner("Writing"):
                st.session_state["export:files"] = (key, selection.written(context.snapshot, options))
        except CurationError as error:
            st.warning(plain(str(error)))
    key_of_files, files = st.session_state.get("export:files", (None, None))
    if key_of_files != key:
        return
    for warning in files.result.warnings:
        st.warning(plain(warning))
    row = st.container(horizontal=True)
    for file, (name, content) in zip(files.result.files, files.contents.items(), strict=True):
        of_split = f" · {count(file.posts, 'post')}" if file.split else ""
        row.download_button(
            f"{plain(name)}{of_split} · {len(content) / 1e6:,.2f} MB",
            content,
            file_name=file.path.name,
            mime="application/octet-stream",
            key=f"export:file:{name}",
            on_click="ignore",
            help=". ".join(filter(None, (file.in_words(), f"SHA-256 {file.sha256}"))),
        )
    if len(files.contents) > 1:
        row.download_button(
            "All of them, as a zip",
            files.zipped,
            file_name=f"{context.corpus.recipe}.zip",
            mime="application/zip",
            key="export:zip",
            on_click="ignore",
        )
