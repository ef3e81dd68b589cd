"""What names an account or a hashtag of Mastodon."""

from __future__ import annotations

import pytest

from curation.errors import UsageError
from curation.sources import open_source
from curation.sources.records.mastodon_targets import mastodon_target


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ("@Ada@Example.social", "ada@example.social"),
        ("ada@example.social", "ada@example.social"),
        ("acct:ada@example.social", "ada@example.social"),
        ("https://example.social/@ada", "ada@example.social"),
        ("https://example.social/@ada/109", "ada@example.social"),
        ("https://example.social/users/ada", "ada@example.social"),
        ("https://example.social/@bob@other.example", "https://example.social/@bob@other.example"),
        ("https://example.social/@ada@example.social", "ada@example.social"),
        ("ada@bücher.example", "ada@bücher.example"),
        ("#Harbour@example.social", "#harbour@example.social"),
        ("https://example.social/tags/港", "#港@example.social"),
        ("https://example.social/tags/%E6%B8%AF", "#港@example.social"),
    ],
)
def test_names(given, target):
    """A handle with and without @, a hashtag, and whole addresses name what is meant."""
    assert open_source("mastodon", [given]).target == target


@pytest.mark.parametrize(
    "given", ["", "ada", "@ada", "https://example.social", "ada@ex ample", "http://[", "a@b@c", "#harbour"]
)
def test_what_is_none(given):
    """Anything else is refused with what it should look like."""
    with pytest.raises(UsageError, match=r"such as ada@example\.social"):
        mastodon_target(given)
