"""Which workers run a recipe: what belongs together, and what a person is told of what doesn't."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from curation.engines import packages
from curation.engines.choosing import engine_of
from curation.engines.local import LocalEngine
from curation.engines.slurm_settings import SlurmSettings, minutes_of
from curation.errors import UsageError
from curation.options.cluster import ClusterOptions


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"engine": "spark"}, "--engine spark: it must be one of local, ray, slurm, dask."),
        ({"address": "auto"}, "--address is for --engine ray, and this run has --engine local."),
        ({"engine": "dask", "slurm": ["time=5"]}, "--slurm is for --engine slurm, and this run has --engine dask."),
        (
            {"engine": "ray", "scheduler": "tcp://a:1"},
            "--scheduler is for --engine dask, and this run has --engine ray.",
        ),
        ({"engine": "slurm", "slurm": ["time"]}, "--slurm time: write an option of sbatch and its value, as --slurm"),
        ({"patience": 0}, "--patience 0: it must be at least 1."),
    ],
)
def test_what_does_not_belong_together_is_one_sentence(given: dict[str, object], sentence: str) -> None:
    """Whoever names an address names its engine, too."""
    with pytest.raises(UsageError) as refused:
        ClusterOptions(**given)  # type: ignore[arg-type]
    assert str(refused.value).startswith(sentence)


def test_settings_of_slurm_have_the_names_of_sbatch() -> None:
    """With or without dashes; the last one of a name counts, and what is ours does not reach sbatch."""
    words = ("--partition=cpu", "time=1:00:00", "cpus-per-task=2", "time=2:00:00", "reservation=day", "tasks=3")
    settings = SlurmSettings.of(ClusterOptions(engine="slurm", slurm=words).slurm_settings.items())
    assert settings.tasks == 3
    assert settings.parameters() == {
        "timeout_min": 120,
        "cpus_per_task": 2,
        "slurm_partition": "cpu",
        "slurm_additional_parameters": {"reservation": "day"},
    }


@pytest.mark.parametrize(
    "word", ["tasks=0", "tasks=many", "tasks=²", "cpus_per_task=two", "cluster=mine", "time=soon", "time=1:2:3:4"]
)
def test_a_setting_that_can_not_be_is_named(word: str) -> None:
    """Before anything is submitted."""
    with pytest.raises(UsageError, match=f"--slurm {word}: "):
        SlurmSettings.of(ClusterOptions(engine="slurm", slurm=(word,)).slurm_settings.items())


def test_times_of_sbatch_are_minutes() -> None:
    """In each of its forms, rounded up."""
    assert [minutes_of(time) for time in ("90", "1:30", "2:00:00", "1-12", "1-0:30", "0:10")] == [
        90,
        2,
        120,
        2160,
        1470,
        1,
    ]


@pytest.mark.parametrize("engine", ["ray", "slurm", "dask"])
def test_a_cluster_whose_package_is_missing_says_how_to_install_it(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is read."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=rf"{sys.executable} -m pip install 'curation\[{engine}\]'"):
        engine_of(ClusterOptions(engine=engine, scheduler="tcp://a:1" if engine == "dask" else ""))
    assert packages.PACKAGES[engine]


def test_without_a_word_this_machine_runs_it() -> None:
    """With its workers and memory."""
    assert engine_of(ClusterOptions(), 3, 500_000_000) == LocalEngine(workers=3, memory=500_000_000)
