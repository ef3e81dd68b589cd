"""Every rule on literal posts: `cases/<rule>.toml`.

A case has a `label`, perhaps a `comment`, a `post` (or several, `posts`, for a dedup), perhaps `parameters`, and
what is expected:

- `removed` for a filter, and `measure` for the value of its column;
- `text` for a transform, and `text_format` where that changes;
- `copies` for a dedup: the id of each copy with the id of the post that is kept instead;
- for several posts also `removed`, the ids of those that go, `texts`, the new texts by id, and `measures` by id.

A case with a `known_failure` states what would be right and why it is not so. When it becomes right, its test
fails and asks for the line to be removed.
"""

from __future__ import annotations

import datetime
import functools
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest

from curation.rules import RuleBook
from tests.judge import judge

FOLDER = Path(__file__).parents[1] / "cases"
SHIPPED = sorted(RuleBook.load().rules)


def cases_of(rule: str) -> list[dict[str, Any]]:
    """The cases of a rule; none when there is no file."""
    path = FOLDER / f"{rule}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["case"] if path.is_file() else []


ALL = [pytest.param(rule, case, id=f"{rule}: {case['label']}") for rule in SHIPPED for case in cases_of(rule)]


@functools.cache
def together(rule: str, parameters: str) -> dict[str, dict[str, Any]]:
    """The posts of all cases of a rule that share these parameters, judged in one table, by the case's label."""
    cases = [c for c in cases_of(rule) if "post" in c and repr(c.get("parameters", {})) == parameters]
    rows = [{**moments(case["post"]), "id": case["label"]} for case in cases]
    given = cases[0].get("parameters", {})
    return {post["id"]: post for post in judge(rows, {"use": rule, **given})}


def outcome(rule: str, case: dict[str, Any]) -> dict[str, Any]:
    """What came of a case, in the form of its `expect`."""
    parameters = case.get("parameters", {})
    if "posts" in case:
        judged = judge(map(moments, case["posts"]), {"use": rule, **parameters})
        found = {
            "copies": {post["id"]: post["duplicate_of"] for post in judged if post["removed_by"] == rule},
            "removed": [post["id"] for post in judged if post["removed_by"] == rule],
            "texts": {post["id"]: post["text"] for post in judged if rule in post["rewritten_by"]},
            "measures": {post["id"]: post.get(rule) for post in judged},
        }
        return {key: found[key] for key in case["expect"]}
    post = together(rule, repr(parameters))[case["label"]]
    assert (post["text"] != post["raw_text"]) == (post["rewritten_by"] == [rule])
    found = {
        "removed": post["removed_by"] == rule,
        "text": post["text"],
        "text_format": post["text_format"],
        "measure": post.get(rule),
    }
    return {key: found[key] for key in case["expect"]}


def moments(post: dict[str, Any]) -> dict[str, Any]:
    """The post with its date, if it has one, as a moment of UTC; the date `false` is none."""
    at = post.get("created_at")
    if isinstance(at, datetime.datetime) and at.tzinfo is None:
        return {**post, "created_at": at.replace(tzinfo=datetime.UTC)}
    return {**post, "created_at": None} if at is False else post


def is_negative(case: dict[str, Any]) -> bool:
    """Whether a case says that nothing happens."""
    expect = case["expect"]
    unchanged = "post" in case and expect.get("text", "") == case["post"].get("text")
    return expect.get("removed") in (False, []) or expect.get("copies") == {} or unchanged


def same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Whether an outcome is the expected one; shares may differ in their last digits."""
    return all(
        math.isclose(found[key], value) if isinstance(value, float) else found[key] == value
        for key, value in expected.items()
    )


@pytest.mark.parametrize(("rule", "case"), ALL)
def test_case(rule: str, case: dict[str, Any]) -> None:
    """The rule does to the post what its case says."""
    found = outcome(rule, case)
    if "known_failure" not in case:
        assert found == pytest.approx(case["expect"]) if "measure" in found else found == case["expect"]
    elif same(found, case["expect"]):
        pytest.fail(f"'{case['label']}' is right now: remove its known_failure, so that it stays so.")
    else:
        pytest.xfail(case["known_failure"])


@pytest.mark.parametrize("rule", SHIPPED)
def test_every_rule_has_cases(rule: str) -> None:
    """Every shipped rule has at least four cases, and one in which nothing happens."""
    cases = cases_of(rule)
    assert len(cases) >= 4
    assert any(is_negative(case) for case in cases)


def test_every_case_file_is_of_a_rule() -> None:
    """No file of cases is left behind by a rule that is gone."""
    assert {path.stem for path in FOLDER.glob("*.toml")} <= set(SHIPPED)


@pytest.mark.parametrize("rule", SHIPPED)
def test_cases_are_told_apart(rule: str) -> None:
    """The labels of a rule's cases differ."""
    labels = [case["label"] for case in cases_of(rule)]
    assert len(labels) == len(set(labels))
