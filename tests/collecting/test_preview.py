"""A look before anything lands: the figures of the landing that follows, and no request that costs money."""

from __future__ import annotations

import json

import pytest

from tests.cli.shell import inside
from tests.cli.test_sample import ARCHIVE, JSONL, TABLE


@pytest.mark.parametrize("path", [ARCHIVE, JSONL, TABLE])
def test_a_look_says_what_lands(tmp_path, path):
    """Posts, times and rejected records are those of the landing; the workspace isn't even made."""
    seen = inside("collect", "file", path, "--dry-run", "--json", data=tmp_path / "data").json
    assert not (tmp_path / "data").exists()
    landing = inside("collect", "file", path, "--json", data=tmp_path / "data").json
    assert (seen["posts"], seen["rejected_count"]) == (landing["landed"], landing["rejected_count"])
    assert sum(author["posts"] for author in seen["authors"]) == seen["posts"]
    assert seen["notices"] == landing["notices"]
    target = inside("sources", "--status", "--json", data=tmp_path / "data").json["targets"][0]
    assert (seen["first"][:7], seen["last"][:7]) == (target["first"], target["last"])
    assert len(seen["samples"]) == 8


def test_what_can_not_be_read_is_counted_by_reason(tmp_path):
    """The broken records of a file are counted, with the place of the first."""
    lines = [json.dumps({"id": str(n), "text": f"fish &amp; chips {n}", "author": "ada"}) for n in range(5)]
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join([*lines, '{"id": "6", "text": ', *lines[:1]]) + "\n", encoding="utf-8")
    seen = inside("collect", "file", path, "--dry-run", "--json").json
    assert (seen["posts"], seen["rejected_count"], len(seen["reasons"])) == (6, 1, 1)
    assert seen["reasons"][0]["where"].startswith("posts.jsonl:6")
    assert "could not be read" in inside("collect", "file", path, "--dry-run").out


def test_a_cost_is_said_before_the_first_request(tmp_path, monkeypatch):
    """A source that costs money asks nobody anything."""
    monkeypatch.setenv("X_BEARER_TOKEN", "token")
    words = ("collect", "x-api", "ada", "--dry-run", "--base-url", "http://127.0.0.1:9", "--max-posts", "200")
    seen = inside(*words, "--json", data=tmp_path / "data").json
    assert "200 posts" in seen["offer"]
    assert seen["offer"] in inside(*words, data=tmp_path / "data").out
    assert not (tmp_path / "data").exists()
