"""What all scrapers of snscrape have in common: targets, the package itself, hostile pages, and the command line."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import logging
import random
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import posts
from curation.collecting.collection import collect
from curation.errors import CurationError, InputError, UsageError
from curation.sources import open_source
from curation.sources.feed import Entry
from curation.sources.http.patience import Patience
from curation.sources.scraping.package import VERSION, module, quiet_snscrape
from curation.sources.scraping.posts import newest_first
from curation.sources.scraping.scrapers import OFFERED
from curation.sources.snscrape_feed import SnscrapeFeed
from tests.cli.shell import curation, inside, landed
from tests.sources.snscrape_birds import JSON, Birds, conversation, entry, tweet, user
from tests.sources.snscrape_loopback import Answer, serving
from tests.sources.snscrape_sites import Channel, Profile3, Weibo, forwarded_from, reply_to


@pytest.mark.parametrize(
    ("scraper", "target", "meant"),
    [
        ("telegram-channel", "@MondPost", "mondpost"),
        ("telegram-channel", "https://t.me/s/MondPost", "mondpost"),
        ("telegram-channel", "https://t.me/MondPost/17?single", "mondpost"),
        ("telegram-channel", "telegram.me/MondPost", "mondpost"),
        ("mastodon-profile", "Ada@Example.Social", "@ada@example.social"),
        ("mastodon-profile", "@ada@example.social", "@ada@example.social"),
        ("mastodon-profile", "https://example.social/@ada/109", "@ada@example.social"),
        ("mastodon-profile", "https://example.social/users/ada", "@ada@example.social"),
        ("mastodon-profile", "https://example.social/@bob@other.example", "@bob@other.example"),
        ("weibo-user", "https://weibo.com/u/1234567890", "1234567890"),
        ("weibo-user", "https://m.weibo.cn/n/%E6%9C%88%E4%BA%AE", "月亮"),
        ("twitter-user", "@Ada", "ada"),
        ("twitter-profile", "https://mobile.twitter.com/Ada/status/1", "ada"),
        ("twitter-user", "x.com/ada", "ada"),
        ("twitter-hashtag", "#Mond", "Mond"),
        ("twitter-hashtag", "https://twitter.com/hashtag/Mond?src=x", "Mond"),
        ("twitter-search", "https://x.com/search?q=from%3Aada%20mond&f=live", "from:ada mond"),
        ("twitter-search", "#mond oder stern", "#mond oder stern"),
        ("twitter-tweet", "https://x.com/ada/status/105?s=20", "105"),
        ("twitter-tweet", "105", "105"),
    ],
)
def test_a_target_may_be_pasted_as_it_is_found(scraper, target, meant):
    """With its sign, or as a whole address."""
    feed = open_source("snscrape", [scraper, target])
    assert feed.target == f"{scraper} {meant}"


@pytest.mark.parametrize(
    ("scraper", "target"),
    [
        ("telegram-channel", "https://t.me/joinchat/AbC"),
        ("telegram-channel", "https://t.me/+AbC"),
        ("telegram-channel", "https://t.me/c/123/4"),
        ("telegram-channel", "https://evil.example/s/mondpost"),
        ("telegram-channel", ""),
        ("mastodon-profile", "ada"),
        ("mastodon-profile", "https://example.social/"),
        ("mastodon-profile", "https://[broken/@ada"),
        ("weibo-user", "https://weibo.com/"),
        ("twitter-user", "ada lovelace"),
        ("twitter-user", "https://x.com/search?q=1"),
        ("twitter-hashtag", "https://x.com/ada"),
        ("twitter-search", "   "),
        ("twitter-tweet", "https://x.com/ada"),
        ("twitter-tweet", "²"),
    ],
)
def test_a_target_that_is_none_gets_a_sentence(scraper, target):
    """It says what the scraper wants."""
    with pytest.raises(UsageError, match="it wants"):
        open_source("snscrape", [scraper, target])


@given(st.sampled_from(sorted(OFFERED)), st.text())
def test_no_target_is_a_traceback(scraper, target):
    """Whatever is written, it is a target or a `UsageError`."""
    try:
        feed = SnscrapeFeed(scraper, target)
    except UsageError:
        return
    assert feed.target.startswith(f"{scraper} ")


def test_words_of_a_search_may_stand_apart():
    """As a shell gives them that were not quoted."""
    assert open_source("snscrape", ["twitter-search", "from:ada", "mond"]).target == "twitter-search from:ada mond"
    with pytest.raises(UsageError, match="one target at a time; given were 2"):
        open_source("snscrape", ["telegram-channel", "mondpost", "sonnenpost"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["telegram-chanel", "x"], "Did you mean 'telegram-channel'"),
        (["telegram-channel"], "it wants the name of a public channel"),
        ([], "There is no scraper ''"),
        (["reddit-user", "ada"], "Reddit stopped working"),
        (["instagram-user", "ada"], "Instagram stopped working"),
        (["vkontakte-user", "ada"], "VK stopped working"),
        (["facebook-page", "ada"], "Facebook stopped working"),
        (["mastodon-hashtag", "mond"], "no scraper for hashtags of Mastodon"),
    ],
)
def test_a_scraper_that_is_not_offered_gets_its_sentence(given, said):
    """A misspelt one the nearest name, one that is broken upstream the reason."""
    with pytest.raises(UsageError, match=said):
        open_source("snscrape", given)


def test_the_documentation_names_every_scraper():
    """And none that is not there."""
    assert set(re.findall(r"`([a-z]+-[a-z]+)`", SnscrapeFeed.__doc__ or "")) == set(OFFERED)


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    """And what licence comes with it."""

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(InputError, match=r"-m pip install snscrape==0\.7\.0\.20230622 .*GPL"):
        SnscrapeFeed("telegram-channel", "mondpost").profile()


def test_another_version_is_refused(monkeypatch):
    """Names of it that begin with an underscore are used."""
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.8.0")
    with pytest.raises(InputError, match=f"works with snscrape {VERSION}, and 0.8.0 is installed"):
        module("telegram")


def test_only_the_module_that_is_asked_for_is_imported():
    """The package by itself imports all of them, which fails on Python 3.12 and later."""
    assert module("weibo").WeiboUserScraper.name == "weibo-user"
    assert "snscrape.modules.facebook" not in sys.modules


def test_nothing_is_left_behind(capfd):
    """Neither in `logging`, nor in urllib3, nor on the screen."""
    from urllib3.connectionpool import HTTPSConnectionPool

    logger, connections = logging.getLogger("snscrape"), HTTPSConnectionPool.ConnectionCls
    before = list(logger.handlers), logger.propagate, logger.level
    with quiet_snscrape() as heard:
        logging.getLogger("snscrape.base").warning("seltsam")
        logging.getLogger("snscrape.base").critical("schlimm")
        module("telegram").TelegramChannelScraper("mondpost")
    assert heard == ["seltsam"]
    assert (list(logger.handlers), logger.propagate, logger.level) == before
    assert HTTPSConnectionPool.ConnectionCls is connections
    assert capfd.readouterr() == ("", "")


@given(st.lists(st.integers(0, 50), max_size=12))
def test_marked_posts_leave_a_page_that_only_falls(places):
    """The lowest place is that of the last post, and nothing that counts stands above something newer."""
    marked = newest_first([Entry({"conversation_id": None}, place) for place in places])
    telling = [entry.place for entry in marked if not entry.pinned]
    assert [entry.place for entry in marked] == places
    assert telling == sorted(telling, reverse=True)
    assert telling[-1:] == places[-1:]
    assert max(telling, default=None) == max(places, default=None)


def _pages(feed: SnscrapeFeed) -> None:
    """Read a list to its end; everything in it must be able to land."""
    try:
        feed.profile()
        for page in feed.read(None, None):
            posts.batch(entry.row for entry in page.entries)
            assert all(record.where and record.why for record in page.rejected)
    except CurationError:
        return  # a sentence


def _damaged(value: object, rng: random.Random) -> object:
    """A JSON value with one place in it changed into something else."""
    others = [None, True, -1, 2**70, 1.5, "", "\ud800", "x" * 50, [], {}, [[[]]], {"__typename": 7}]
    path, at = [], value
    while isinstance(at, (dict, list)) and at and (not path or rng.random() < 0.93):
        key = rng.choice(list(at)) if isinstance(at, dict) else rng.randrange(len(at))
        path.append((at, key))
        at = at[key]
    if not path:
        return rng.choice(others)
    holder, key = path[-1]
    if isinstance(holder, dict) and rng.random() < 0.3:
        del holder[key]
    else:
        holder[key] = rng.choice(others)
    return value


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["twitter-profile", "twitter-search", "weibo-user"]))
def test_json_that_is_damaged_is_no_traceback(seed, scraper):
    """Wherever a value has another type, what can be read of a page lands, and the rest has its sentence."""
    rng = random.Random(seed)
    talk = conversation(3, tweet(3, "Anfang"), tweet(8, "Ende", talk=3))
    birds = Birds(
        [entry(9, tweet(9, "Neun")), talk, entry(2, {"__typename": "TweetTombstone"}), entry(1, tweet(1, "Eins"))]
    )
    weibo = Weibo()
    for number in (1, 2, 3, 4):
        weibo.post(number, f"<b>{number}</b><br />x")
    weibo.posts[2]["retweeted_status"] = weibo.posts[1]
    true = weibo.answer if scraper == "weibo-user" else birds.answer

    def answer(asked):
        found = true(asked)
        if found.kind != JSON or rng.random() < 0.3:
            return found
        return Answer(json.dumps(_damaged(json.loads(found.body), rng)), kind=JSON)

    with serving() as site:
        site.answer = answer
        _pages(site.feed(scraper, "1234567890" if scraper == "weibo-user" else "ada"))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["telegram-channel", "mastodon-profile"]))
def test_html_that_is_damaged_is_no_traceback(seed, scraper):
    """Wherever a piece of a page is missing or doubled."""
    rng = random.Random(seed)
    channel, profile = Channel(), Profile3()
    channel.say(3, "drei<br/>Zeilen", above=forwarded_from("Sonnenpost", 1))
    channel.say(4, "vier", above=reply_to("Mondpost", 3, "drei"))
    channel.service(5, "gepinnt")
    profile.toot(7, "<p>sieben</p>", warning="Zahl")
    profile.toot(8, "<p>acht</p>", prepend=profile.boosted(), of="bob@other.example")
    true = channel.answer if scraper == "telegram-channel" else profile.answer

    def answer(asked):
        body = true(asked).body
        begin = rng.randrange(len(body) + 1)
        end = begin + rng.randrange(200)
        return Answer(body[:begin] + rng.choice(["", body[begin:end] * 2, "<", "\ud7ff&#xD800;"]) + body[end:])

    with serving() as site:
        site.answer = answer
        _pages(site.feed(scraper, "mondpost" if scraper == "telegram-channel" else "@ada@example.social"))


def test_the_command_line_lands_a_channel_and_goes_on_where_it_ended(tmp_path):
    """Whether a bound, or the end of the list: the next run asks for the rest, and for what is new."""
    channel = Channel()
    for number in range(1, 9):
        channel.say(number, f"Nachricht {number}")

    with serving() as site:
        site.answer = channel.answer
        command = ["collect", "snscrape", "telegram-channel", "https://t.me/s/Mondpost", "--base-url", site.address]

        said = inside(*command, "--json", "--max-posts", 3, data=tmp_path)
        assert (said.rc, said.json["status"], said.json["landed"], said.json["gaps"]) == (1, "partial", 3, 1)
        said = inside(*command, "--json", data=tmp_path)
        assert (said.rc, said.json["status"], said.json["landed"], said.json["gaps"]) == (0, "complete", 5, 0)
        channel.say(9, "Nachricht 9")
        asked = len(site.asked)
        said = curation(*command, "--json", data=tmp_path)
        assert (said.rc, said.json["landed"], said.json["had"]) == (0, 1, 9)
        assert said.json["target"] == "telegram-channel mondpost"
        assert len(site.asked) - asked <= 2
        assert landed(tmp_path) == [(f"mondpost/{n}", f"Nachricht {n}") for n in range(1, 10)]


def test_the_command_line_says_who_is_unknown(tmp_path):
    """In one paragraph, with the exit code of a failure."""
    with serving() as site:
        site.answer = Channel().answer
        said = inside(
            "collect", "snscrape", "telegram-channel", "nobody_here", "--base-url", site.address, data=tmp_path
        )
    assert said.rc == 1
    assert said.complaint.startswith("There is no public channel 'nobody_here' on Telegram")


def test_the_command_line_says_what_works_at_the_login_wall(tmp_path):
    """In one sentence, and nothing of what snscrape logs."""
    with serving() as site:
        site.answer = lambda asked: Answer("", 404)
        said = inside("collect", "snscrape", "twitter-user", "ada", "--base-url", site.address, data=tmp_path)
    assert said.rc == 1
    assert "collect x-archive" in said.complaint
    assert said.complaint.count(". ") == 0
    assert said.err.strip().count("\n") == 0


@pytest.mark.parametrize(
    ("scraper", "target"),
    [
        ("telegram-channel", "mondpost"),
        ("mastodon-profile", "@ada@example.social"),
        ("weibo-user", "1234567890"),
        ("twitter-profile", "ada"),
        ("twitter-user", "ada"),
        ("twitter-search", "mond"),
        ("twitter-hashtag", "mond"),
        ("twitter-tweet", "3"),
    ],
)
def test_every_scraper_lands_all_its_posts_through_all_trouble(scraper, target, tmp_path):
    """Runs that are refused now and then, while posts arrive, end with every post there once."""
    rng = random.Random(7)
    channel, profile, weibo, birds = Channel(), Profile3(), Weibo(), Birds(account=user(posts=12))
    number = iter(range(1, 100))

    def post() -> None:
        n = next(number)
        channel.say(n, f"Nachricht {n}")
        profile.toot(n, f"<p>Nachricht {n}</p>")
        weibo.post(n, f"Nachricht {n}")
        birds.places.insert(0, entry(n, tweet(n, f"Nachricht {n}")))

    for _ in range(7):
        post()
    sites = {"t.me": channel, "example.social": profile, "m.weibo.cn": weibo}

    def answer(asked):
        return Answer("", 500) if rng.random() < 0.15 else sites.get(asked.host, birds).answer(asked)

    with serving() as site:
        site.answer = answer
        landings = []
        while (not landings or landings[-1].status != "unchanged") and len(site.asked) < 1000:
            feed = site.feed(scraper, target)
            feed.patience = feed._polite.patience = Patience(tries=1)
            with contextlib.suppress(InputError):
                landings.append(collect(tmp_path, feed, missing_ok=True))
            if len(landings) < 3:
                post()
    everything = ["Nachricht 3"] if scraper == "twitter-tweet" else [f"Nachricht {n}" for n in range(1, next(number))]
    assert sorted(text for _, text in landed(tmp_path)) == sorted(everything)
    assert (landings[-1].status, landings[-1].gaps) == ("unchanged", 0)
