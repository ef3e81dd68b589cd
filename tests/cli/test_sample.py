"""The shipped sample is what its README says, read here with the standard library alone."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
import zipfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
ARCHIVE = SAMPLE / "x-archive-marlow_of_the_lamp.zip"
JSONL = SAMPLE / "snscrape-tiny_aperture_notes.jsonl"
TABLE = SAMPLE / "nine_beds_and_a_gate.csv"
FILES = (ARCHIVE.name, JSONL.name, TABLE.name)

BAKER, ASTRONOMER, GARDEN = "marlow_of_the_lamp", "tiny_aperture_notes", "nine_beds_and_a_gate"

#: Members of the archive that hold posts, and those that no importer may read.
POST_MEMBERS = ("tweets", "tweets-part1", "deleted-tweets", "community-tweet")
PRIVATE_MEMBERS = ("direct-messages", "email-address-change", "ageinfo")

LINK = re.compile(r"https?://\S+")
MENTION = re.compile(r"@(\w+)")
TAG = re.compile(r"#\w+")
MANUAL_RETWEET = re.compile(r"\S\s+RT @\w+:")
SHORT_WORDS = 3


@dataclass(frozen=True)
class Entry:
    """One post as its file writes it."""

    file: str
    id: str
    author: str
    author_name: str
    at: datetime
    text: str  # as it stands in the file, entities included; a note's whole text
    lang: str
    client: str
    flagged: bool  # by something other than the text's beginning
    member: str = ""
    reply_to: str | None = None
    is_quote: bool = False
    is_note: bool = False

    @property
    def plain(self) -> str:
        """The text with X's three entities decoded once."""
        return re.sub("&(amp|lt|gt);", lambda m: {"amp": "&", "lt": "<", "gt": ">"}[m[1]], self.text)


def member(name: str) -> list[dict]:
    """The items of one `.js` member of the archive."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        text = archive.read(f"data/{name}.js").decode("utf-8")
    prefix, _, items = text.partition("=")
    assert prefix.startswith(f"window.YTD.{name.split('-part')[0].replace('-', '_')}.part")
    return json.loads(items)


def read_archive() -> list[Entry]:
    account = member("account")[0]["account"]
    notes = [item["noteTweet"] for item in member("note-tweet")]
    entries = []
    for name in POST_MEMBERS:
        for item in member(name):
            tweet = item["tweet"]
            entry = Entry(
                file=ARCHIVE.name,
                id=tweet["id_str"],
                author=account["username"],
                author_name=account["accountDisplayName"],
                at=datetime.strptime(tweet["created_at"], "%a %b %d %H:%M:%S %z %Y"),
                text=tweet["full_text"],
                lang=tweet["lang"],
                client=re.sub(r"<[^>]+>", "", tweet["source"]),
                flagged="retweeted_status" in tweet or tweet["retweeted"],
                member=name,
                reply_to=tweet.get("in_reply_to_screen_name"),
                is_quote=any(
                    "/status/" in u["expanded_url"]
                    for u in tweet["entities"]["urls"]
                    if "/i/web/" not in u["expanded_url"]
                ),
            )
            for note in notes:
                if note["core"]["text"].startswith(entry.plain.rpartition("… ")[0] or "\0"):
                    away = datetime.fromisoformat(note["createdAt"]) - entry.at
                    assert abs(away.total_seconds()) <= 1
                    assert note["noteTweetId"] != entry.id
                    entry = Entry(**{**entry.__dict__, "text": note["core"]["text"], "is_note": True})
            entries.append(entry)
    return entries


def read_jsonl() -> list[Entry]:
    return [
        Entry(
            file=JSONL.name,
            id=str(post["id"]),
            author=post["user"]["username"],
            author_name=post["user"]["displayname"],
            at=datetime.fromisoformat(post["date"]),
            text=post.get("rawContent", post.get("content")),
            lang=post["lang"],
            client=post["sourceLabel"],
            flagged=post["retweetedTweet"] is not None,
            member="with _type" if "_type" in post else "older",
            reply_to=(post.get("inReplyToUser") or {}).get("username"),
            is_quote=post["quotedTweet"] is not None,
        )
        for post in map(json.loads, JSONL.read_text(encoding="utf-8").splitlines())
    ]


def read_table() -> list[Entry]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return [
            Entry(
                file=TABLE.name,
                id=row["id"],
                author=row["author"],
                author_name=row["author_name"],
                at=datetime.fromisoformat(row["created_at"]),
                text=row["text"],
                lang=row["lang"],
                client=row["source"],
                flagged=row["is_retweet"] == "true",
            )
            for row in csv.DictReader(lines)
        ]


@cache
def posts(file: str | None = None) -> tuple[Entry, ...]:
    """The posts of one file, or every post once."""
    if file:
        return tuple({ARCHIVE.name: read_archive, JSONL.name: read_jsonl, TABLE.name: read_table}[file]())
    return tuple({post.id: post for name in reversed(FILES) for post in posts(name)}.values())


def words(text: str) -> int:
    """Words between blanks that are no link, mention or tag."""
    return sum(not re.search("http|@|#", word, re.IGNORECASE) for word in text.split())


def is_retweet(post: Entry) -> bool:
    return post.flagged or post.text.startswith("RT @")


def is_short(post: Entry) -> bool:
    return not is_retweet(post) and words(LINK.sub("", post.plain)) < SHORT_WORDS


@cache
def copy_key(post: Entry) -> str:
    """Equal for texts that differ in case, blanks and links alone."""
    return " ".join(LINK.sub(" ", post.plain).casefold().split())


def copies(file: str) -> int:
    """Posts that repeat an earlier text of their author."""
    keys = Counter((post.author, copy_key(post)) for post in posts(file) if copy_key(post))
    return sum(count - 1 for count in keys.values())


def windows_1252(text: str) -> bytes:
    """Encode as Windows does, which passes its five undefined bytes through."""
    return b"".join(c.encode("latin-1") if c in "\x81\x8d\x8f\x90\x9d" else c.encode("cp1252") for c in text)


def mojibake(text: str) -> str | None:
    """Name of the encoding that UTF-8 was mistaken for, if reading the text back gives another one."""
    for name, encode in (
        ("latin-1", lambda t: t.encode("latin-1")),
        ("cp1252", windows_1252),
        ("mac_roman", lambda t: t.encode("mac_roman")),
    ):
        try:
            if encode(text).decode("utf-8") != text:
                return name
        except UnicodeError:
            continue
    return None


def scripts(text: str) -> set[str]:
    """First words of the Unicode names of the letters: LATIN, ARABIC, HANGUL, …"""
    return {unicodedata.name(c, "?").split()[0].removesuffix("-1") for c in text if c.isalpha()}


def test_three_invented_authors_wrote_the_sample() -> None:
    """Each file is one author's, but for the few posts that the table shares with the scrape."""
    assert {post.author for post in posts()} == {BAKER, ASTRONOMER, GARDEN}
    assert {post.author for post in posts(ARCHIVE.name)} == {BAKER}
    assert {post.author for post in posts(JSONL.name)} == {ASTRONOMER}
    assert Counter(post.author for post in posts(TABLE.name))[ASTRONOMER] == 5


def test_display_names_are_awkward() -> None:
    """One display name has a letter outside ASCII and one a `|`, which a Markdown table must survive."""
    names = {post.author_name for post in posts()}
    assert len(names) == 3
    assert any(c.isalpha() and not c.isascii() for name in names for c in name)
    assert any("|" in name for name in names)


@pytest.mark.parametrize("file", FILES)
def test_ids_are_unique_and_look_like_ids(file: str) -> None:
    """No id stands twice in a file; each has 18 or 19 digits, from which the time of posting follows."""
    ids = [post.id for post in posts(file)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[1-9]\d{17,18}", i) for i in ids)
    for post in posts(file):
        milliseconds = (int(post.id) >> 22) + 1_288_834_974_657
        assert milliseconds // 1000 == int(post.at.timestamp())


def test_there_are_a_few_hundred_posts() -> None:
    """Between 300 and 500 posts from 2019 to 2025, of each author a hundred or more."""
    assert 300 <= len(posts()) <= 500
    assert min(Counter(post.author for post in posts()).values()) >= 100
    assert {post.at.year for post in posts()} == set(range(2019, 2026))


def test_shared_posts_are_identical() -> None:
    """Posts that stand in two files agree in id, author, time and text: a second import already has them."""
    scraped = {post.id: post for post in posts(JSONL.name)}
    shared = [(scraped[post.id], post) for post in posts(TABLE.name) if post.id in scraped]
    assert len(shared) == 5
    for one, other in shared:
        assert (one.author, one.author_name, one.at, one.text) == (
            other.author,
            other.author_name,
            other.at,
            other.text,
        )


def test_enough_text_for_training_without_a_warning() -> None:
    """Without retweets, short posts and links, over 40,000 characters remain, and 6,000 of each author."""
    kept: Counter[str] = Counter()
    for post in posts():
        if not is_retweet(post) and not is_short(post):
            kept[post.author] += len(" ".join(LINK.sub("", post.plain).split()))
    assert kept.total() > 40_000
    assert min(kept.values()) > 6_000


def is_bare(pattern: str):
    """A post whose words all match `pattern`."""
    return lambda p: bool(p.text.split()) and all(re.fullmatch(pattern, word) for word in p.plain.split())


EVERYWHERE = {
    "a retweet by its prefix": lambda p: p.text.startswith("RT @"),
    "a retweet that was cut": lambda p: p.text.startswith("RT @") and p.text.endswith("…"),
    "a manual retweet": lambda p: MANUAL_RETWEET.search(p.text) and not p.text.startswith("RT @"),
    "a post of one or two words": lambda p: (
        is_short(p) and re.search(r"[a-z]", LINK.sub("", p.plain)) and "@" not in p.text
    ),
    "a post of links alone": is_bare(r"https://\S+"),
    "a post of mentions alone": is_bare(r"@\w+"),
    "a post of hashtags alone": is_bare(r"#\w+"),
    "a post of emoji alone": lambda p: p.text and not re.search(r"\w|&|@", p.text),
    "a post longer than 700 characters": lambda p: len(p.text) > 700,
    "mojibake through Windows-1252": lambda p: mojibake(p.text) in ("latin-1", "cp1252"),
    "mojibake through Mac Roman": lambda p: mojibake(p.text) == "mac_roman",
    "Mac Roman mojibake that costs ftfy no score": lambda p: "Zby≈õniewska" in p.text,
    "an ampersand that is escaped": lambda p: "&amp;" in p.text,
    "a less-than sign that is escaped": lambda p: "&lt;" in p.text,
    "curly quotes": lambda p: re.search("[“„][^”“]+[”“]", p.text) and not mojibake(p.text),
    "an automated client": lambda p: p.client in ("IFTTT", "SkyPing 3", "GardenBot 2000"),
    "a link": lambda p: "https://t.co/" in p.text,
    "a text of another author": lambda p: any(copy_key(q) == copy_key(p) and q.author != p.author for q in posts()),
    "Japanese": lambda p: p.lang == "ja" and "HIRAGANA" in scripts(p.text),
    "French": lambda p: p.lang == "fr",
    "German": lambda p: p.lang == "de",
    "Spanish": lambda p: p.lang == "es",
    "Portuguese": lambda p: p.lang == "pt",
}

SOMEWHERE = {
    "a greater-than sign that is escaped": lambda p: "&gt;" in p.text,
    "a doubly escaped entity": lambda p: "&amp;lt;" in p.text,
    "an escaped quote in the table": lambda p: "&quot;" in p.text and p.file == TABLE.name,
    "a decimal entity": lambda p: re.search(r"&#\d+;", p.text),
    "a hexadecimal entity": lambda p: re.search(r"&#x[0-9a-f]+;", p.text),
    "full-width letters": lambda p: "ＡＢＣ" in p.text,
    "French quotation marks": lambda p: "« " in p.text,
    "a ligature": lambda p: "ﬁ" in p.text,
    "a combining accent": lambda p: "e\u0301" in p.text,
    "capitals with a tilde": lambda p: "AMANHÃ" in p.text,
    "emoji joined with ZWJ": lambda p: "\u200d" in p.text,
    "a no-break space": lambda p: "\xa0" in p.text,
    "an ideographic space": lambda p: "\u3000" in p.text,
    "a newline": lambda p: "\n" in p.text,
    "a document boundary, as typed": lambda p: "<|endoftext|>" in p.text,
    "a document boundary, escaped": lambda p: "&lt;|endoftext|&gt;" in p.text,
    "a formula": lambda p: p.text.startswith("="),
    "SQL": lambda p: "'; drop table posts; --" in p.text,
    "HTML, as typed": lambda p: re.search("<b>.+</b>", p.text),
    "HTML, escaped": lambda p: re.search("&lt;b&gt;.+&lt;/b&gt;", p.text),
    "a retweet by its flag alone": lambda p: p.flagged and not p.text.startswith("RT @"),
    "a retweet by its prefix alone": lambda p: not p.flagged and p.text.startswith("RT @"),
    "a reply": lambda p: p.reply_to and p.reply_to != p.author,
    "a thread": lambda p: p.reply_to == p.author,
    "a quote": lambda p: p.is_quote,
    "a note with an ampersand": lambda p: p.is_note and " & " in p.text,
    "a scraped line of the older form": lambda p: p.member == "older",
    "a Chinese post of four words or more": lambda p: p.lang == "zh" and len(p.text) > 12 and is_short(p),
    "a Japanese post of four words or more": lambda p: p.lang == "ja" and len(p.text) > 12 and is_short(p),
    "a Thai post": lambda p: scripts(p.text) == {"THAI"} and len(p.text) > 20,
    "a Korean post": lambda p: scripts(p.text) == {"HANGUL"},
    "an Arabic post": lambda p: p.lang == "ar" and scripts(p.text) == {"ARABIC"},
    "a Hebrew post": lambda p: scripts(p.text) == {"HEBREW"},
    "a Hindi post": lambda p: scripts(p.text) == {"DEVANAGARI"},
    "a Greek post": lambda p: scripts(p.text) == {"GREEK"},
    "a Russian post": lambda p: p.lang == "ru" and scripts(p.text) == {"CYRILLIC"},
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("phenomenon", EVERYWHERE)
def test_every_file_holds(file: str, phenomenon: str) -> None:
    """What most rules are about stands in each of the three files."""
    assert any(EVERYWHERE[phenomenon](post) for post in posts(file)), f"{file} has not {phenomenon}"


@pytest.mark.parametrize("phenomenon", SOMEWHERE)
def test_the_sample_holds(phenomenon: str) -> None:
    """What a rule, a reader or an export may stumble over stands in at least one file."""
    assert any(SOMEWHERE[phenomenon](post) for post in posts()), f"the sample has not {phenomenon}"


@pytest.mark.parametrize("file", FILES)
def test_authors_repeat_themselves(file: str) -> None:
    """Each author repeats a text word for word, and again in other letters, with other blanks and a link."""
    again: dict[tuple[str, str], set[str]] = {}
    for post in posts(file):
        again.setdefault((post.author, copy_key(post)), set()).add(post.plain)
    assert copies(file) >= 4
    written = [texts for key, texts in again.items() if key[1] and len(texts) > 1]
    assert any(re.search(r"\s\s|[\xa0\u3000]", text) for texts in written for text in texts)
    assert any(LINK.search(text) for texts in written for text in texts)
    assert sum(len(texts) for texts in again.values()) < len(posts(file))


def test_the_archive_has_the_members_of_a_real_one() -> None:
    """Posts in five members, beside them headers, private members, a viewer and what a Mac leaves behind."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
    for name in (*POST_MEMBERS, *PRIVATE_MEMBERS, "account", "note-tweet", "tweet-headers", "manifest"):
        assert f"data/{name}.js" in names
    assert {"Your archive.html", "__MACOSX/._tweets.js"} <= names
    assert ARCHIVE.stat().st_size < 300_000


def test_the_archive_says_retweet_only_by_prefix() -> None:
    """As in archives of 2019 and later, `retweeted` is false everywhere and numbers are strings."""
    tweets = [item["tweet"] for name in POST_MEMBERS for item in member(name)]
    assert any(tweet["full_text"].startswith("RT @") for tweet in tweets)
    assert not any(tweet["retweeted"] or "retweeted_status" in tweet for tweet in tweets)
    assert all(isinstance(tweet["favorite_count"], str) and tweet["id"] == tweet["id_str"] for tweet in tweets)


def test_every_note_has_its_cut_post() -> None:
    """A note's beginning stands, escaped and cut, in a post of the same second, give or take one."""
    assert sum(post.is_note for post in posts(ARCHIVE.name)) == len(member("note-tweet"))
    seconds = {
        datetime.fromisoformat(note["noteTweet"]["createdAt"]) - post.at
        for note in member("note-tweet")
        for post in posts(ARCHIVE.name)
        if post.text == note["noteTweet"]["core"]["text"]
    }
    assert len(seconds) > 1


def test_private_members_are_marked_and_stay_out_of_posts() -> None:
    """What no importer may read says PRIVATE or has an address at example.org, and no post repeats it."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in PRIVATE_MEMBERS:
            assert re.search(r"private", archive.read(f"data/{name}.js").decode(), re.IGNORECASE)
    assert not any("private" in post.text.casefold() for post in posts())


def test_no_post_has_an_address_or_a_number() -> None:
    """No post holds an e-mail address or a telephone number."""
    for post in posts():
        assert not re.search(r"[\w.+-]+@[\w-]+\.\w", post.text), post.text
        assert not re.search(r"(?<!\d)\+?\d[\d ()/-]{6,}\d", post.text), post.text


def test_no_handle_can_be_anybodys() -> None:
    """Every handle is longer than the 15 characters that X allows, and short enough for a mention."""
    handles = {handle for post in posts() for handle in MENTION.findall(post.text)} | {p.author for p in posts()}
    assert len(handles) > 10
    assert all(16 <= len(handle) <= 20 for handle in handles), handles


def test_links_lead_nowhere() -> None:
    """Links are invented short ones or at example.org, which belongs to nobody."""
    links = {link for post in posts() for link in LINK.findall(post.text)}
    assert links
    assert all(re.fullmatch(r"https://(t\.co/\w{10}|example\.org/\S+)", link) for link in links), links


def test_the_table_is_written_as_spreadsheets_write_it() -> None:
    """UTF-8 with CRLF, and cells with commas, doubled quotes and newlines."""
    raw = TABLE.read_bytes()
    assert raw.startswith(b"id,author,author_name,created_at,text,lang,is_retweet,source\r\n")
    assert raw.endswith(b"\r\n")
    assert '""' in raw.decode("utf-8")
    assert re.search(rb"[^\r]\n", raw)
    assert any("," in post.text for post in posts(TABLE.name))


#: What the README's table counts, by the name of its row.
COUNTS = {
    "posts": len,
    "retweets by prefix": lambda some: sum(p.text.startswith("RT @") for p in some),
    "retweets by flag": lambda some: sum(p.flagged for p in some),
    "retweets by either": lambda some: sum(is_retweet(p) for p in some),
    "manual retweets": lambda some: sum(bool(EVERYWHERE["a manual retweet"](p)) for p in some),
    "fewer than three words": lambda some: sum(is_short(p) for p in some),
    "copies of the author's own": lambda some: copies(some[0].file),
    "mojibake": lambda some: sum(mojibake(p.text) is not None for p in some),
    "automated": lambda some: sum(bool(EVERYWHERE["an automated client"](p)) for p in some),
    "languages": lambda some: len({p.lang for p in some} - {"und"}),
    "notes": lambda some: sum(p.is_note for p in some),
    "deleted": lambda some: sum(p.member == "deleted-tweets" for p in some),
    "to a community": lambda some: sum(p.member == "community-tweet" for p in some),
    "older scrape": lambda some: sum(p.member == "older" for p in some),
}


def test_the_readme_counts_right() -> None:
    """Each number in the README's table is the number in the file."""
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([a-z' ]+?) +\| +(\d+ +\| +\d+ +\| +\d+) +\|$", readme, re.MULTILINE))
    said = {name: [int(n) for n in numbers.split("|")] for name, numbers in rows.items()}
    assert said == {name: [count(posts(file)) for file in FILES] for name, count in COUNTS.items()}
    assert f"{len(posts())} posts" in readme
