"""The page of models: what it reads, what it passes over, and that a model's text is shown as text."""

from __future__ import annotations

import dataclasses
import html
import json
import math
import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import dashboards
from curation.disk.training_record import FILE, Measurement
from curation.disk.workspace import Workspace
from curation.tracking.run_record import RunRecord
from curation.tracking.run_record import write as write_run
from curation.training.folders import POSTS, PROGRESS, training_of
from curation.training.generation.copied import Stretch
from curation.training.models import lock_of
from curation.writing.html import show_unseen
from dashboards.markup import SHOWN
from dashboards.parts.written import text_html
from dashboards.queries import learned, training, writing
from dashboards.queries.training import HELD_OUT, TRAINING, OpenTraining
from dashboards.queries.writing import Order
from dashboards.snapshot import Answers
from tests.corpora import rule, write_corpus
from tests.models import CURVE, SAMPLE, training_record, write_model, write_training

APP = str(Path(dashboards.__file__).with_name("app.py"))
RULES = [rule("retweet", label="Retweets"), rule("min_words", label="Short")]
HOSTILE = "<script>__hit=1</script> **b** [x](javascript:__hit) $x$ ‮abc 霧が深い مرحبا 👩‍👩‍👧"


#: A post of which a sample repeats a part.
LONG = "it was the longest evening of the year and nobody at all wanted to go home"


@pytest.fixture
def space(tmp_path):
    """A workspace with the corpus `baseline`."""
    posts = [{"author": "mira", "text": f"the {number}th lamp by the gate"} for number in range(11)]
    posts.append({"id": "99", "author": "mira", "text": LONG})
    for number, name in ((1, "retweet"), (2, "retweet"), (3, "min_words")):
        posts[number]["removed_by"] = name
    write_corpus(tmp_path / "data", posts, recipe="baseline", rules=RULES)
    return Workspace(tmp_path / "data")


def page(space, **words) -> AppTest:
    """The page, opened at an address."""
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.switch_page("pages/training.py")
    for name, value in words.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    """All HTML of the page."""
    return "".join(element.proto.body for element in app.get("html"))


@pytest.fixture(autouse=True)
def data(space, monkeypatch):
    """Pages look at this workspace."""
    monkeypatch.setenv("CURATION_DATA", str(space.root))
    return space.root


def test_without_a_model_the_page_says_how_to_train_one(space, data):
    """One sentence, and a line that the command line takes."""
    app = page(space)
    [line] = [shlex.split(code.value) for code in app.code]
    assert line == ["curation", "train", "baseline", "--name", "baseline-1", "--data", str(data)]
    assert len(app.info) == 1


def test_models_are_listed_newest_first_and_read_once(space, data, monkeypatch):
    """Fifty models are read at the first look and not at the second; one that changes is read again."""
    for number in range(50):
        record = training_record(f"m-{number}", created_at=f"2026-11-29T14:{number:02d}:00+00:00")
        write_model(data, record, card=False)
    reads = []
    real = training.read_record
    monkeypatch.setattr(training, "read_record", lambda folder: reads.append(folder.name) or real(folder))
    answers = Answers()
    titles = [each.title for each in training.models(space, answers).models]
    assert titles == [f"m-{number}@v0" for number in reversed(range(50))]
    assert training.models(space, answers).newest_of("baseline").title == "m-49@v0"
    assert len(reads) == 50
    path = data / "models" / "m-7" / FILE
    path.write_text(path.read_text().replace('"steps": 160', '"steps": 161000'))
    assert training.models(space, answers).find("m-7").record.steps == 161_000
    assert reads[50:] == ["m-7"]


@pytest.mark.parametrize(
    "change",
    [
        lambda content: "{",
        lambda content: "[1]",
        lambda content: content.replace('"steps": 160', '"steps": "many"'),
        lambda content: content.replace('"steps": 160', '"steps": true'),
        lambda content: content.replace('"languages": {', '"languages": {"xx": "x", '),
        lambda content: content.replace('"created_at": "2026', '"created_at": 7, "x": "'),
    ],
)
def test_a_damaged_record_is_a_sentence_and_the_others_are_shown(space, data, change):
    """Whatever is wrong with one record, it is named, and the page shows the other model."""
    write_model(data, training_record("sound"), card=False)
    path = write_model(data, training_record("broken"), card=False) / FILE
    path.write_text(change(json.dumps(json.loads(path.read_text()))))
    app = page(space)
    [sentence] = [warning.value for warning in app.warning]
    assert "broken" in sentence
    assert "damaged" in sentence
    assert [header.value for header in app.header] == ["sound\\@v0"]


def test_the_address_names_the_model(space, data):
    """A model by name and version, its newest by name alone, and a sentence for one that is not there."""
    write_model(data, training_record("mira", "v1", created_at="2026-11-29T15:00:00+00:00"), card=False)
    write_model(data, training_record("mira", "v0"), folder="mira@v0", card=False)
    assert [header.value for header in page(space, model="mira@v0").header] == ["mira\\@v0"]
    assert [header.value for header in page(space, model="mira").header] == ["mira\\@v1"]
    app = page(space, model="[x](y)")
    assert [header.value for header in app.header] == ["mira\\@v1"]
    assert [warning.value for warning in app.warning] == ["There is no model \\[x\\]\\(y\\) here; this is mira\\@v1."]
    app.selectbox(key="training:model").set_value("mira@v0").run()
    assert app.query_params["model"] == "mira@v0"
    assert [header.value for header in app.header] == ["mira\\@v0"]


def test_forgotten_posts_come_with_the_line_that_removes_the_model(space, data):
    """The number of posts, and the command for exactly this version."""
    write_model(data, training_record("mira", forgotten_posts=2), card=False)
    app = page(space)
    assert ["2 posts that were forgotten" in warning.value for warning in app.warning] == [True]
    lines = [shlex.split(code.value) for code in app.code]
    assert ["curation", "models", "--remove", "mira@v0", "--data", str(data)] in lines


def test_the_overview_says_how_many_posts_trained_the_newest_model(space, data):
    """A third figure with a link to the page, and nothing of it without a model."""
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert "Trained on" not in {metric.label for metric in app.metric}
    write_model(data, training_record("mira"), card=False)
    write_model(data, training_record("other", data_recipe="elsewhere", created_at="2027"), card=False)
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert {metric.label: metric.value for metric in app.metric}["Trained on"] == "8"
    assert 'href="training?corpus=baseline&amp;model=mira%40v0"' in texts(app)


def test_a_training_is_told_from_one_that_waits_by_its_lock(space, data):
    """While somebody holds the lock the training goes on; else the line that resumes it is shown."""
    write_training(data, "going")
    with space.lock(lock_of("going")):
        [one] = training.open_trainings(space, Answers())
        assert one.is_running
        assert page(space).subheader[0].value == "going is being trained"
    [one] = training.open_trainings(space, Answers())
    assert not one.is_running
    app = page(space)
    assert app.subheader[0].value == "going is interrupted"
    line = shlex.split(app.code[0].value)
    assert line == ["curation", "train", "--name", "going", "--resume", "--data", str(data)]


def test_progress_is_read_past_lines_that_are_cut_off_or_damaged(space, data):
    """Each whole line counts, one more is seen at the next look, and a file that was rewritten is read anew."""
    write_training(data, "going")
    path = training_of(space, "going") / PROGRESS
    answers = Answers()
    [one] = training.open_trainings(space, answers)
    assert one.progress.curve == CURVE[:2]
    bad = ['{"measurement": {"step": "x"}}', "[]", '{"epoch": {"samples": 3}}', "\x00", '{"epoch": null}', '{"a": 1}']
    point = json.dumps({"measurement": dataclasses.asdict(CURVE[2])})
    path.write_text(path.read_text() + "\n" + "\n".join([*bad, point, point[:40]]), encoding="utf-8")
    [one] = training.open_trainings(space, answers)
    assert one.progress.curve == CURVE[:3]
    with path.open("a", encoding="utf-8") as file:
        file.write(point[40:] + "\n")
    [one] = training.open_trainings(space, answers)
    assert one.progress.curve == (*CURVE[:3], CURVE[2])
    rewritten = path.with_name("rewritten")
    rewritten.write_text(point + "\n", encoding="utf-8")
    rewritten.replace(path)
    [one] = training.open_trainings(space, answers)
    assert one.progress.curve == (CURVE[2],)


@pytest.mark.parametrize(
    ("options", "share", "left"),
    [
        ({"epochs": 4.0}, 0.25, 12.6),
        ({"epochs": 4, "steps": 160}, 0.5, 4.2),
        ({}, None, None),
        ({"epochs": "x"}, None, None),
    ],
)
def test_the_time_left_follows_from_the_share_that_is_done(options, share, left):
    """By steps where they are limited, else by epochs; unknown where nobody can tell."""
    progress = training.TrainingProgress(None, CURVE[:2], ())
    one = OpenTraining("mira", True, progress, options)
    assert one.share == share
    assert one.seconds_left == (None if left is None else pytest.approx(left))


def test_the_curve_has_each_point_once_and_not_too_many():
    """Held-out figures at an epoch's end are those of all held-out posts; what isn't finite is left out."""
    record = training_record()
    changed = dataclasses.replace(record.epochs[0], valid_loss=4.0)
    held = [p for p in training.losses(record.before, record.curve, (changed,)) if p.line == HELD_OUT]
    assert [(p.step, p.value) for p in held] == [(0, 7.625), (80, 4.0), (160, 4.375)]
    stopped = dataclasses.replace(record.curve[-1], epoch=1.03)
    last = dataclasses.replace(record.epochs[0], epoch=2, step=stopped.step)
    assert training.bits(None, (stopped,), (last,))[-1].epoch == 1.03, "the training ended within the second epoch"
    long = [Measurement(n, n / 10, n, n, math.inf if n == 5 else 1.0 + n) for n in range(5_000)]
    train = [p for p in training.losses(None, long, ()) if p.line == TRAINING]
    assert len(train) == training.MOST_POINTS
    assert (train[0].step, train[-1].step) == (0, 4_999)
    assert 5 not in [p.step for p in train]


def test_the_ledger_of_a_model_balances_or_is_not_shown(space):
    """Bars go from downloaded to kept with the labels of the rules; counts that don't add up are no ledger."""
    steps = learned.ledger(learned.corpus_of(space, training_record()), training_record())
    assert [(step.label, step.posts) for step in steps] == [
        ("Downloaded", 12), ("Retweets", 2), ("Short", 1), ("Kept", 9),
    ]  # fmt: skip
    for counts in ({}, {"downloaded": 12, "kept": 9, "removed": {"retweet": 2}}, {"downloaded": "x", "removed": []}):
        assert learned.ledger(None, training_record(data_counts=counts)) == []


def test_lengths_and_languages_have_names_for_people():
    """Empty classes at both ends are left out, and languages beyond the most frequent are one."""
    record = training_record(
        data_lengths=((0, 0), (20, 3), (40, 0), (80, 5), (160, 0)), data_languages={f"l{n}": n for n in range(1, 15)}
    )
    assert learned.lengths(record) == [("20–39", 3), ("40–79", 0), ("80–159", 5)]
    assert learned.lengths(training_record(data_lengths=((0, 1), (20, 3)))) == [("0–19", 1), ("20 or more", 3)]
    assert learned.lengths(training_record(data_lengths=())) == []
    shown_languages = learned.languages(record, most=3)
    assert shown_languages == [("l14", 14), ("l13", 13), ("l12", 12), ("11 others", 66)]


@given(
    st.text(max_size=200) | st.just(HOSTILE),
    st.lists(st.tuples(st.integers(0, 220), st.integers(1, 90)), max_size=4),
    st.integers(0, 30),
)
def test_a_models_text_is_shown_letter_by_letter(text, parts, prompt):
    """Whatever is marked, the page has the text itself, no element of it, and marks what is a copy and no more."""
    copies = [Stretch(at, min(at + length, len(text)), "x", "1") for at, length in sorted(parts) if at < len(text)]
    shown = text_html(text, copies, prompt=prompt)
    body = re.fullmatch(r'<div class="text" dir="auto">(.*?)</div>(?:<div class="source">.*</div>)?', shown, re.DOTALL)[
        1
    ]
    if text:
        assert html.unescape(re.sub(r"</?(?:mark|b)>", "", body)) == show_unseen(text)
        marked = "".join(re.findall(r"<mark>(.*?)</mark>", body, re.DOTALL))
        inside = {at for copy in copies for at in range(copy.begin, copy.end)}
        expected = show_unseen("".join(text[at] for at in sorted(inside)))
        assert html.unescape(re.sub(r"</?b>", "", marked)) == expected
    assert shown.count("word for word from") == len(copies)


def test_a_long_text_is_cut_and_a_post_is_linked():
    """So many characters are shown as of a post, and a copy leads to its post in Browse."""
    shown = text_html("a" * (SHOWN + 7), [Stretch(0, 50, "x", "1<b>")], recipe="baseline")
    assert "… 7 more characters" in shown
    assert 'href="browse?corpus=baseline&amp;post=x%3A1%3Cb%3E"' in shown
    assert "<b>" not in shown


def test_samples_stand_side_by_side_as_text(space, data):
    """Every epoch's texts are on the page, and nothing in them acts."""
    record = training_record("mira")
    epochs = tuple(dataclasses.replace(epoch, samples=(HOSTILE, SAMPLE)) for epoch in record.epochs)
    write_model(data, dataclasses.replace(record, epochs=epochs), card=False)
    body = texts(page(space))
    assert body.count(html.escape("<script>__hit=1</script>")) == 2
    assert "<script" not in body
    assert "⟨U+202E⟩abc 霧が深い مرحبا" in body


def test_the_line_of_a_text_names_its_seed():
    """What the page wrote, the command line writes: prompt and seed are in the line, whatever is in the prompt."""
    line = writing.command("mira", Order("-x '$HOME'", 2, 0.5, 7), ["--data", "d d"])
    words = ["curation", "generate", "mira", "-n", "2", "--seed", "7", "--temperature", "0.5", "--data", "d d"]
    assert shlex.split(line) == [*words, "--", "-x '$HOME'"]
    assert shlex.split(writing.command("mira", Order(seed=1), []))[-4:] == ["-n", "3", "--seed", "1"]


def test_what_is_not_installed_is_a_sentence(space, data, monkeypatch):
    """Without torch there is no box to write in, and the page says what to install."""
    write_model(data, training_record("mira"), card=False)
    monkeypatch.setattr(writing, "missing", lambda: ["torch"])
    monkeypatch.setattr(writing, "copies", lambda *words: writing.Copies(()))
    app = page(space)
    assert any("install torch" in caption.value for caption in app.caption)
    assert not app.text_input


def test_a_sample_that_repeats_a_post_is_marked_with_it(space, data):
    """The stretch, its length, and a link to the post; compared with the corpus where the export is gone."""
    record = training_record("mira")
    epochs = tuple(dataclasses.replace(epoch, samples=(f"today {LONG[:50]}!", SAMPLE)) for epoch in record.epochs)
    write_model(data, dataclasses.replace(record, epochs=epochs), [("x", "99", "mira")], card=False)
    app = page(space)
    assert any("2 of 4 texts repeat 40 characters" in warning.value for warning in app.warning)
    body = texts(app)
    assert f"today <mark>{LONG[:50]}</mark>!" in body
    assert '50 characters word for word from <a href="browse?corpus=baseline&amp;post=x%3A99"' in body


def test_a_damaged_list_of_posts_is_a_sentence(space, data):
    """What can't be compared is named, and the texts are shown without marks."""
    folder = write_model(data, training_record("mira"), [("x", "99", "mira")], card=False)
    (folder / POSTS).write_bytes(b"PAR1 nonsense")
    app = page(space)
    assert any("can't be compared" in warning.value for warning in app.warning)
    assert SAMPLE in texts(app)


def test_runs_are_listed_with_what_went_wrong(space, data):
    """The newest first, those that failed too; damaged records and other jobs are left out."""
    for number, job in enumerate(["train", "train", "export", "train"]):
        id = f"20261129T10000{number}.000000Z-{job}-aaaaaaa{number}"
        error = "There is not enough memory." if number == 1 else None
        record = RunRecord(id, job, f"2026-11-29T10:00:0{number}", 3.0, "failed" if error else "done", error=error)
        write_run(space, dataclasses.replace(record, configuration={"name": f"<b>{number}"}))
    (data / "runs" / "20261129T100009.000000Z-train-bbbbbbbb.json").write_text("{", encoding="utf-8")
    runs, _ = training.training_runs(space)
    assert [training.model_of(each) for each in runs] == ["<b>3", "<b>1", "<b>0"]
    assert [each.error for each in runs] == [None, "There is not enough memory.", None]
    assert training.training_runs(space, most=2)[1] == 4
