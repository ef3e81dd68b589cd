"""Files: drop them or name them, see what they are, choose how they are read, and land them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from curation.options.commands import CollectOptions
from curation.sources import find_source, source_names
from curation.writing.terminal import count
from dashboards import jobs, session, uploads
from dashboards.jobs import Job
from dashboards.markup import plain
from dashboards.parts import drop_zone, job_panel, preview
from dashboards.parts.option_boxes import draw_boxes
from dashboards.uploads import Tray

#: Fields for which the form asks for a column, in its order.
FIELDS = ("text", "author", "created_at", "id", "author_name", "lang")
#: What stands for no column, and for a form that is recognised.
NONE, AUTO = "(none)", "auto"


@dataclass(frozen=True)
class FileInput:
    """Files to read: what arrived in a tray, or a path of this machine."""

    key: str  # of its jobs
    names: tuple[str, ...]
    folder: Path | None  # that the names are in; None: they are whole paths
    tray: Tray | None = None

    @property
    def title(self) -> str:
        """The files for people."""
        return self.names[0] if len(self.names) == 1 else f"{len(self.names)} files"


def draw() -> None:
    """Draw the way from files to posts."""
    name = _tray_name()
    drop_zone.draw(name)
    files = _chosen(name)
    if not files:
        return
    reader = next(each for each in source_names() if find_source(each).formats())
    if (landing := jobs.of(f"land:{files.key}")) and landing.is_running:
        return  # it stands above
    if files.tray:
        _list(files.tray)
    words = tuple(st.session_state.get(f"import:words:{files.key}", ()))
    look = _look(files, reader, words)
    if look.is_running:
        job_panel.draw(look)
        return
    result = look.result or {}
    if result and not result.get("error"):
        preview.summary(result)
        if result["posts"]:
            _land(files, reader, words, result)
        _options(files, reader, result)
        preview.details(result)
    else:
        st.error(plain(look.error or str(result.get("error", ""))))
        _options(files, reader, result)


def _tray_name() -> str:
    """The tray of this visit; the address names it, so that a reload keeps it."""
    name = st.query_params.get("tray", "") or str(st.session_state.get("import:tray", ""))
    if not uploads.trays().is_good(name):
        name = uploads.trays().promise()
    st.session_state["import:tray"] = name
    return name


def _chosen(name: str) -> FileInput | None:
    """The files that arrived, or else the path that was named."""
    tray = uploads.trays().find(name)
    if tray and tray.uploads:
        st.query_params["tray"] = name
        names = tuple(upload.name for upload in tray.uploads)
        return FileInput(_key(name, *names), names, tray.folder, tray)
    if not session.is_local():
        return None
    path = st.text_input(
        "Or a file or a folder on this machine",
        key="import:path",
        placeholder="/home/me/twitter-archive.zip",
        help="It is read where it lies. Good for large archives, and for folders.",
    )
    path = str(path or "").strip()
    if not path:
        return None
    whole = str(Path(path).expanduser().absolute())
    return FileInput(_key(whole), (whole,), None)


def _key(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _list(tray: Tray) -> None:
    for upload in tray.uploads:
        row = st.container(horizontal=True, vertical_alignment="center")
        size = f"{upload.size / 1e6:,.1f} MB" if upload.size >= 1e6 else f"{upload.size / 1e3:,.1f} kB"
        row.markdown(f"**{plain(upload.name)}** · {size}")
        row.button(
            "Discard",
            key=f"import:discard:{tray.id}:{upload.name}",
            on_click=_discard,
            args=(tray, upload.name),
            type="tertiary",
            help="Deletes this copy. The file on your machine stays.",
        )


def _discard(tray: Tray, name: str) -> None:
    session.require_write()
    tray.remove(name)


def _look(files: FileInput, reader: str, words: Sequence[str]) -> Job:
    """The job that reads the files and lands nothing; started when these files are seen first."""
    key = _look_key(files, words)
    return jobs.of(key) or jobs.start(
        key,
        f"Read {files.title}",
        ["collect", reader, "--dry-run", *words, "--", *files.names],
        folder=files.folder,
    )


def _look_key(files: FileInput, words: Sequence[str]) -> str:
    return f"look:{files.key}:{_key(*words)}"


def _options(files: FileInput, reader: str, result: Mapping[str, Any]) -> None:
    """Draw how the files are read, from the declared options of the source."""
    source = find_source(reader)
    fields = {field.name: field for field in CollectOptions.fields() if field.name in source.options}
    described = [file for file in result.get("files", ()) if file.get("columns")]
    key = f"import:option:{files.key}"
    with (
        st.expander("How it is read: author, columns, form, encoding", expanded=not result.get("posts")),
        st.form(f"{key}:form", border=False),
    ):
        values: dict[str, Any] = {}
        if described:
            values["map"] = _columns(described[0], key)
        if "format" in fields:
            forms = source.formats()
            chosen = st.selectbox(
                "Form", list(forms), key=f"{key}:format", format_func=lambda name: f"{name}: {forms[name]}",
                help=fields["format"].doc,
            )  # fmt: skip
            values["format"] = None if chosen == AUTO else chosen
        others = [field for name, field in fields.items() if name not in ("map", "format")]
        values |= {name: value or None for name, value in draw_boxes(others, key).items()}
        if st.form_submit_button("Read it again"):
            words = CollectOptions.of(values).words(of=fields)
            st.session_state[f"import:words:{files.key}"] = words
            if (before := jobs.of(_look_key(files, words))) and not before.is_running:
                jobs.registry().dismiss(before)  # the file may be another one by now
            st.rerun()


def _columns(file: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Draw a choice of a column for each field. Gives the pairs that differ from what was recognised."""
    st.caption(f"Columns of {plain(str(file['file']))}")
    known = {field: column for field, column in file.get("fields", {}).items() if column in file["columns"]}
    pairs = []
    boxes = st.columns(3)
    for number, field in enumerate(FIELDS):
        columns = [NONE, *file["columns"]]
        before = known.get(field, NONE)
        chosen = boxes[number % 3].selectbox(
            field.replace("_", " ").capitalize(), columns, index=columns.index(before), key=f"{key}:column:{field}"
        )
        if chosen not in (before, NONE):
            pairs.append(f"{field}={chosen}")
    return tuple(pairs)


def _land(files: FileInput, reader: str, words: Sequence[str], result: Mapping[str, Any]) -> None:
    """Draw the button that lands them."""
    posts = int(result["posts"])
    if not st.button(f"Import {count(posts, 'post')}", type="primary", key=f"import:land:{files.key}"):
        return
    # A source of its own for this form of file, as for the archive of X, knows its name in the ledger.
    forms = {str(file.get("format")) for file in result.get("files", ())}
    special = next(iter(forms), "") if len(forms) == 1 and len(files.names) == 1 and not words else ""
    source = special if special in source_names() and find_source(special).target_is_file else reader
    tray = files.tray

    def cleanup(job: Job) -> None:
        if tray and (job.code == 0 or (job.result or {}).get("landed")):
            tray.close()

    jobs.start(
        f"land:{files.key}",
        f"Import {files.title}",
        ["collect", source, *words, "--", *files.names],
        folder=files.folder,
        cleanup=cleanup,
    )
    st.query_params.pop("tray", None)
    st.rerun()
