"""The dashboard's box that has a model write: its texts are those of the line below it."""

from __future__ import annotations

import html
import re
import shlex
from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboards
from curation.writing.html import show_unseen
from tests.cli.shell import inside

APP = str(Path(dashboards.__file__).with_name("app.py"))
PROMPT = "-x <b> 霧 مرحبا"


def test_the_page_writes_what_the_line_below_it_writes(trained, workspace, monkeypatch):
    """A press of the button shows as many texts as were asked for, each letter by letter that of the command."""
    trained("tiny")
    monkeypatch.setenv("CURATION_DATA", str(workspace))
    page = AppTest.from_file(APP, default_timeout=300).run()
    page.switch_page("pages/training.py").run()
    page.text_input(key="training:prompt").set_value(PROMPT)
    page.number_input(key="training:texts").set_value(2)
    page.button[0].click().run()
    assert not page.exception
    [line] = [code.value for code in page.code if code.value.startswith("curation generate")]
    written = inside(*shlex.split(line)[1:-2], "--json", "--", PROMPT)
    assert written.rc == 0, written.err
    shown = "".join(element.proto.body for element in page.get("html"))
    assert shown.count("<b>-x &lt;b&gt; 霧 مرحبا</b>") == 2
    text = html.unescape(re.sub(r"</?(?:b|mark)>", "", shown))
    assert all(show_unseen(sample["text"]) in text for sample in written.json["samples"])
