"""The real scraper of Telegram's channels, over real sockets, against pages invented for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from curation.errors import InputError
from curation.sources.feed import CursorExpiredError
from curation.sources.snscrape_feed import SnscrapeFeed
from tests.sources.snscrape_loopback import Answer, Site, serving
from tests.sources.snscrape_sites import Channel, forwarded_from, reply_to


@pytest.fixture
def channel() -> Channel:
    """Eight messages in three pages."""
    channel = Channel()
    for number in range(1, 9):
        channel.say(number, f"Nachricht {number} vom Mond 🌙")
    return channel


@pytest.fixture
def site(channel: Channel) -> Iterator[Site]:
    """Telegram, with this channel alone."""
    with serving() as site:
        site.answer = channel.answer
        yield site


def _ids(feed: SnscrapeFeed, cursor: str | None = None) -> list[str]:
    return [entry.row["id"] for page in feed.read(cursor, None) for entry in page.entries]


def _one(channel: Channel, site: Site) -> dict:
    (page,) = site.feed("telegram-channel", channel.name).read(None, None)
    (entry,) = page.entries
    return entry.row


def test_a_channel_comes_page_by_page_down_to_its_first_message(site):
    """Each page has its posts newest first, and the last is sure to be the last."""
    pages = list(site.feed("telegram-channel", "mondpost").read(None, None))
    assert [[entry.place for entry in page.entries] for page in pages] == [[8, 7, 6], [5, 4, 3], [2, 1]]
    assert [page.next is None for page in pages] == [False, False, True]
    assert pages[-1].sure
    assert {asked.host for asked in site.asked} == {"t.me"}
    assert len(site.asked) == 3


def test_a_page_is_given_before_the_one_below_is_asked_for(site):
    """So it can be kept before the next request fails, waits, or is killed."""
    pages = site.feed("telegram-channel", "mondpost").read(None, None)
    next(pages)
    assert len(site.asked) == 1
    next(pages)
    assert len(site.asked) == 2


def test_every_cursor_gives_the_rest_and_nothing_twice(site):
    """A new run goes on at the address of the page below."""
    everything = _ids(site.feed("telegram-channel", "mondpost"))
    above: list[str] = []
    for page in site.feed("telegram-channel", "mondpost").read(None, None):
        above += [entry.row["id"] for entry in page.entries]
        if page.next:
            assert above + _ids(site.feed("telegram-channel", "mondpost"), page.next) == everything


def test_the_first_page_is_asked_for_once(site):
    """Whether there is such a channel shows on its first page, which is not fetched again to be read."""
    feed = site.feed("telegram-channel", "mondpost")
    profile = feed.profile()
    assert (profile.platform, profile.author, profile.expected) == ("telegram", "Mondpost", None)
    assert len(_ids(feed)) == 8
    assert len(site.asked) == 3


def test_a_row_says_who_when_and_where(site, channel):
    """The name comes from the page, the handle as the channel writes it."""
    channel.messages = {}
    channel.say(7, "Guten Morgen, 世界 &amp; все!")
    row = _one(channel, site)
    assert row["id"] == "mondpost/7"
    assert (row["platform"], row["author"], row["author_name"]) == ("telegram", "Mondpost", "Mond & Post 🌙")
    assert row["created_at"].isoformat() == "2024-03-01T08:07:00+00:00"
    assert (row["text"], row["text_format"]) == ("Guten Morgen, 世界 & все!", "plain")
    assert (row["is_repost"], row["is_reply"]) == (False, False)
    assert row["url"] == "https://t.me/Mondpost/7"


def test_line_breaks_stay(site, channel):
    """By itself snscrape glues the lines."""
    channel.messages = {}
    channel.say(1, "eins<br/>zwei<br><br/><b>drei</b> <a href='https://example.org/x'>dort</a>")
    assert _one(channel, site)["text"] == "eins\nzwei\n\ndrei dort"


def test_an_answer_has_its_own_text(site, channel):
    """The text of the message that is answered stands first on the page, and is somebody else's."""
    channel.messages = {}
    channel.say(5, "Meine Antwort", above=reply_to("Sonnenpost", 99, "Die Frage?"))
    row = _one(channel, site)
    assert row["text"] == "Meine Antwort"
    assert (row["is_reply"], row["reply_to"], row["reply_to_author"]) == (True, "sonnenpost/99", "Sonnenpost")


def test_an_answer_without_words_has_no_text(site, channel):
    """Not that of what it answers."""
    channel.messages = {}
    channel.say(5, None, above=reply_to("Sonnenpost", 99, "Die Frage?"))
    assert _one(channel, site)["text"] == ""


def test_a_forwarded_message_is_a_repost(site, channel):
    """With the id that the original has in its channel."""
    channel.messages = {}
    channel.say(5, "Weitergesagt", above=forwarded_from("Sonnenpost", 12))
    row = _one(channel, site)
    assert (row["is_repost"], row["repost_of"], row["text"]) == (True, "sonnenpost/12", "Weitergesagt")


def test_a_picture_alone_lands_with_an_empty_text(site, channel):
    """It was posted, so it counts."""
    channel.messages = {}
    channel.say(3, None)
    assert _one(channel, site)["text"] == ""


def test_notes_of_the_channel_itself_are_left_out_and_counted(site, channel):
    """They have no date, on which snscrape by itself breaks."""
    channel.messages = {}
    channel.service(1, "Channel created")
    channel.say(2, "Erste Nachricht")
    feed = site.feed("telegram-channel", "mondpost")
    assert _ids(feed) == ["mondpost/2"]
    (notice,) = feed.notices()
    assert notice.startswith("Left out: 1 post of the channel itself")


def test_an_empty_channel_is_no_error(site, channel):
    """It exists, and has no posts."""
    channel.messages = {}
    feed = site.feed("telegram-channel", "mondpost")
    assert feed.profile().author == "mondpost"
    assert _ids(feed) == []


def test_an_unknown_channel_gets_its_sentence(site):
    """Telegram leads to a page of the name, which nobody may have."""
    with pytest.raises(InputError, match="There is no public channel 'nobody_here' on Telegram"):
        site.feed("telegram-channel", "nobody_here").profile()


@pytest.mark.parametrize(
    "trouble",
    [
        Answer("slow down", 429, headers={"Retry-After": "0"}),
        Answer("oops", 503),
        Answer("oops", 500),
        Answer("<html><body>half of a page that breaks off", cut=True),
    ],
    ids=["429", "503", "500", "cut"],
)
def test_trouble_that_passes_costs_no_post(site, trouble):
    """The request is made again, and the list is whole."""
    site.instead.extend([None, trouble, trouble])
    assert len(_ids(site.feed("telegram-channel", "mondpost"))) == 8
    assert len(site.asked) == 5


def test_trouble_that_stays_ends_the_run_below_what_was_read(site):
    """The first page stands, and the next run goes on at its cursor."""
    site.instead.extend([None, *[Answer("oops", 503)] * 6])
    pages = site.feed("telegram-channel", "mondpost").read(None, None)
    first = next(pages)
    with pytest.raises(InputError, match=r"t\.me answers HTTP 503 again and again"):
        next(pages)
    assert len(first.entries) + len(_ids(site.feed("telegram-channel", "mondpost"), first.next)) == 8


def test_a_message_that_snscrape_cannot_read_ends_the_page_there(site, channel):
    """What stands above it is given, with the page itself as the cursor; the sentence says which page."""
    channel.messages[4] = channel.messages[4].replace('class="tgme_widget_message_footer', 'class="no_footer')
    pages = site.feed("telegram-channel", "mondpost").read(None, None)
    next(pages)
    broken = next(pages)
    assert [entry.place for entry in broken.entries] == [5]
    with pytest.raises(
        InputError, match=r"telegram-channel can't read https://t\.me/s/Mondpost\?before=6 \(AttributeE"
    ):
        next(pages)
    channel.say(4, "wieder heil")
    assert _ids(site.feed("telegram-channel", "mondpost"), broken.next) == [f"mondpost/{n}" for n in (5, 4, 3, 2, 1)]


@pytest.mark.parametrize(
    "cursor",
    [
        "https://t.me/s/otherchannel?before=5",
        "https://evil.example/s/mondpost?before=5",
        "http://t.me/s/mondpost?before=5",
        "https://t.me/s/mondpost?after=5",
        "https://t.me/s/mondpost",
        "",
        "file:///etc/passwd?before=1",
    ],
)
def test_a_cursor_that_is_no_page_of_the_list_is_not_asked(site, cursor):
    """Whoever wrote it into the workspace."""
    if cursor:
        with pytest.raises(CursorExpiredError):
            _ids(site.feed("telegram-channel", "mondpost"), cursor)
    assert [asked for asked in site.asked if asked.query] == []


@pytest.mark.parametrize("link", ["https://evil.example/s/Mondpost?before=6", "/s/Sonnenpost?before=6"])
def test_a_link_that_leads_away_is_not_followed(site, channel, link):
    """A page may say that the one below is anywhere."""
    true = channel.answer

    def answer(asked):
        page = true(asked)
        return Answer(page.body.replace("/s/Mondpost?before=6", link))

    site.answer = answer
    with pytest.raises(InputError, match="sends on to"):
        _ids(site.feed("telegram-channel", "mondpost"))
    assert len(site.asked) == 1


def test_a_cursor_can_be_made_of_a_place(site):
    """Telegram counts its messages."""
    feed = site.feed("telegram-channel", "mondpost")
    assert _ids(feed, feed.cursor_below(3)) == ["mondpost/2", "mondpost/1"]


def test_requests_say_who_asks(site):
    """Behind what snscrape says it is."""
    _ids(site.feed("telegram-channel", "mondpost"))
    assert all("curation/" in asked.headers["user-agent"] for asked in site.asked)
