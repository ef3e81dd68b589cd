"""The page of models in a browser: it can be read, runs nothing that a model wrote, and follows a training."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from curation.disk.workspace import Workspace
from curation.training.folders import PROGRESS, training_of
from curation.training.models import lock_of
from tests import hostile
from tests.browser.readable import faint, nameless, overflowing
from tests.browser.test_every_page import address
from tests.browser.test_hostile import PUT_THERE
from tests.cli.shell import curation
from tests.models import CURVE, SAMPLE, of_export, training_record, write_model, write_training

#: What models wrote: several scripts, emoji, and what tries something.
WRITTEN = (
    "霧が深い朝、港の灯台はまだ眠っている。🦊",
    "في الصباح كان الميناء هادئا والقطة تنظر إلى القمر 🌙",
    f"<img src=x onerror={hostile.HIT}> **b** [l](javascript:{hostile.HIT}) $x$ ‮abc 👩‍👩‍👧‍👦 " + "wort" * 60,
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the sample with twelve models, a damaged one, and a training that waits."""
    data = tmp_path_factory.mktemp("trained") / "data"
    assert curation("demo", data=data).rc == 0
    record = training_record("words", created_at="2026-11-30T10:00:00+00:00", forgotten_posts=2)
    [first, last] = record.epochs
    epochs = tuple(
        dataclasses.replace(first if n < 3 else last, epoch=n, step=40 * n, samples=WRITTEN) for n in range(1, 7)
    )
    write_model(data, of_export(Workspace(data), dataclasses.replace(record, epochs=epochs)))
    for number in range(11):
        write_model(data, training_record(f"m-{number}"), card=False)
    (write_model(data, training_record("broken"), card=False) / "training.json").write_text("{", encoding="utf-8")
    write_training(data, "waiting")
    return data


def test_models_and_trainings_can_be_read(visits, trained):
    """Wide by day and on a telephone at night, all parts of the page are there and can be read."""
    visitor = visits(trained)
    for _ in range(2):
        visitor.goes(address("training", model="words@v0"))
        for words in ("waiting is interrupted", "words@v0", "is damaged", "2 posts that were forgotten", WRITTEN[0]):
            assert words in visitor.text
        assert (faint(visitor.page), nameless(visitor.page), overflowing(visitor.page)) == ([], [], [])
        assert visitor.page.evaluate(PUT_THERE) == []
        # One of the training that waits; of the model two, its ledger, and lengths and languages.
        assert visitor.page.locator('[data-testid="stVegaLiteChart"]').count() == 6
        visitor.takes_a_telephone()


def test_the_list_leads_to_another_model(visits, trained):
    """A link of the list opens that model, and the address names it."""
    visitor = visits(trained).goes(address("training"))
    assert visitor.page.locator("h2").first.inner_text().strip() == "words@v0"
    visitor.page.get_by_text("All models (12)").click()
    visitor.comes_to(visitor.page.get_by_role("link", name="m-3@v0").click, "m-3@v0", "h2")
    assert "m-3" in urlsplit(visitor.page.url).query


def test_the_overview_leads_to_the_newest_model(visits, trained):
    """Downloaded, kept, trained: the third figure is that of the record, and its link opens the model."""
    visitor = visits(trained).goes()
    figure = visitor.metric("Trained on")
    visitor.does(
        visitor.page.get_by_role("link", name="words@v0").click,
        f"() => location.search.includes('{urlencode({'model': 'words@v0'})}')",
    )
    assert visitor.metric("Learned from") == f"{figure} posts"


def test_the_page_follows_a_training_until_its_model_is_there(visits, trained, tmp_path):
    """What is added to the progress is seen without a click; when the training has ended, so is its model."""
    space = Workspace(trained)
    write_training(trained, "going")
    progress = training_of(space, "going") / PROGRESS
    with space.lock(lock_of("going")):
        visitor = visits(trained).goes(address("training"))
        assert "going is being trained" in visitor.text
        point = dataclasses.replace(CURVE[2], step=123_456)
        with progress.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps({"measurement": dataclasses.asdict(point)}) + "\n")
            file.write(json.dumps({"epoch": dataclasses.asdict(training_record().epochs[1])}) + "\n")
        visitor.does(lambda: None, "() => document.body.innerText.includes('123,456')")
        assert SAMPLE in visitor.text
        write_model(trained, training_record("going", created_at="2027-01-01T00:00:00+00:00"), card=False)
        progress.parent.rename(tmp_path / "done")
    visitor.does(lambda: None, "() => document.querySelector('h2')?.innerText.trim() === 'going@v0'")
    assert "going is being trained" not in visitor.text


def test_runs_are_shown_when_they_are_asked_for(visits, trained):
    """A click opens the list, which says that nothing was trained by a command here."""
    visitor = visits(trained).goes(address("training", model="m-1@v0"))
    visitor.does(
        visitor.page.get_by_text("Training runs").click,
        "() => document.body.innerText.includes('No training has been run in this workspace')",
    )
