"""The source `x-api` without a server: targets, options, the token, what a run costs, and answers of any form."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.errors import CurationError, InputError, UsageError
from curation.posts import POST_SCHEMA
from curation.sources import open_source
from curation.sources.x_api import MAX_POSTS, TOKEN_NAMES, XApiFeed
from curation.sources.x_api_account import handle_of_target

KEYS = ("data", "meta", "errors", "includes", "id", "text", "next_token", "username", "public_metrics", "tweet_count")


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TOKEN_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(TOKEN_NAMES[-1], "kettle")


@pytest.mark.parametrize(
    "target",
    [
        "ada", "@ada", "ADA", " @Ada ", "https://x.com/ada", "https://twitter.com/Ada/status/1", "x.com/ada",
        "http://mobile.twitter.com/ada?s=20", "https://www.x.com/@ada/with_replies", "twitter.com/ada/",
    ],
)  # fmt: skip
def test_a_handle_in_any_form(target):
    """With or without `@`, in any case, or as the address of the profile or a post: it is one target."""
    assert handle_of_target(target) == "ada"
    assert XApiFeed(target).target == "ada"


@pytest.mark.parametrize(
    "target",
    [
        "", "@", "ada lovelace", "a" * 16, "адa", "ada@x.com", "https://x.com/", "https://x.com/i/status/1", "//[",
        "https://x.com/search?q=ada", "https://example.social/@ada", "https://x.com.example.org/ada", "ftp://x.com/ada",
        "../ada",
    ],
)  # fmt: skip
def test_what_names_no_account(target):
    """Anything else is a wrong argument, with the forms that are right."""
    with pytest.raises(UsageError, match="names no account on X"):
        XApiFeed(target)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"max_posts": 4}, "5 posts a page at least"),
        ({"base_url": "http://192.0.2.7"}, "a token is not sent over http://"),
        ({"base_url": "kettle"}, "write the address of a server"),
        ({"author": "bob"}, "takes no --author"),
    ],
)
def test_wrong_options_have_their_sentence(options, sentence):
    """A bound below a page, a base URL that won't do, and an option of another source are wrong usage."""
    with pytest.raises(CurationError) as error:
        open_source("x-api", ["ada"], options)
    assert sentence in str(error.value)
    assert error.value.exit_code == 2


def test_the_offer_is_in_dollars():
    """The default run says what it costs and needs no yes; what costs more needs one."""
    usual = XApiFeed("ada").offer()
    assert "1,000 posts" in usual.sentence
    assert "$5.00" in usual.sentence
    assert "$1.00" in usual.sentence
    assert not usual.needs_yes
    more = XApiFeed("ada", max_posts=20_000).offer()
    assert "$100.00" in more.sentence
    assert more.needs_yes
    assert not XApiFeed("ada", max_posts=MAX_POSTS).offer().needs_yes


def test_a_missing_token_names_both_ways(monkeypatch):
    """Without a token nothing is asked, and the sentence names the variable and the option."""
    monkeypatch.delenv(TOKEN_NAMES[-1])
    with pytest.raises(UsageError, match=r"X_BEARER_TOKEN.*--token-file"):
        open_source("x-api", ["ada"], {})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["11", "ada", "\ud83d", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON, st.lists(JSON, min_size=1, max_size=3))
def test_whatever_x_answers_is_pages_or_a_sentence(who, answers):
    """Any JSON in the place of a profile or a page gives rows that Arrow takes, or an `InputError`."""
    feed, given = XApiFeed("ada"), iter(answers)
    user = {"data": {"id": "11", "username": "ada", "public_metrics": who}}
    feed._web.get = lambda path, params: (user if "username" in path else next(given, {"meta": {}}), {})  # type: ignore[method-assign]
    with contextlib.suppress(InputError):
        for page in feed.pages():
            assert page.posts.schema == POST_SCHEMA
    feed._web.get = lambda path, params: (who, {})  # type: ignore[method-assign]
    with contextlib.suppress(InputError):
        assert feed.profile().author.lower() == "ada"
