"""Random posts and random recipes, for what must hold whatever people write."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import strategies as st

from curation.corpus.pins.pin_file import KEPT, REMOVED, Pin, Pins

#: Every blank of Unicode that Python's `str.split()` splits on, and two that look like blanks and are none.
BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
NO_BLANKS = "\u200b\ufeff"

#: Letters whose small form is longer, shorter or of another script than one expects.
ODD_CASE = "İıſKßẞΣςǅ"

WORDS = (
    "fog", "Soft", "RAIN", "don't", "won’t", "3.5", "1,000", "snake_case", "RT", "START", "ﬁne",
    "ＡＢＣ", "“quoted”",
    "霧", "きり", "コーヒー", "ｶﾞｷﾞ", "雾很大", "안개", "\u1112\u1161\u11ab", "ضباب", "الضَّبابُ", "ערפל", 'צה"ל', "ג׳ירפה",
    "कोहरा",
    "क्\u200dष", "می\u200cخواهم", "หมอกหนามาก", "ໝອກ", "អ័ព្ទ", "မြူ",
    "туман", "ομίχλη", "cafe\u0301", "café", "Σίσυφος", "İPEK",
    "👨‍👩‍👧‍👦", "👍🏽", "🇳🇴", "❤️", "…", "—", "!!!", "a", "I",
)  # fmt: skip
LINKS = (
    "http:", "https:", "http://", "http://a", "https://example.org/1", "HTTPS://EXAMPLE.ORG", "http:/x", "xhttp:y",
    "www.example.org", "www.", "awww.so", "https://example.org/1これ", "(https://example.org/1)", "https://a.b,",
    "http:http:a", "https:https:", "httphttps:x :y", "http://example.org/?a=1&copy=2",
    "https://t.co/x…", "://", "hhttp:ttp:a",
)  # fmt: skip
SIGNS = (
    "@nils", "@Mira", "＠nils", "@nils@fog.example.org", "@nils.fog.example", "a@b", "fog@example.org", "@", "@@",
    ".@nils", "@nils @Mira", ".@nils .@Mira",
    "#fog", "#霧", "＃霧", "#", "#می\u200cخواهم", "RT @nils:", "RT@nils", "RT @", "&amp;", "&lt;", "&gt;", "&amp;lt;",
    "&amp;amp;gt;", "&copy;", "&#8220;", "&#xD83C;", "&", ";", "cafÃ©", "â€™", "ðŸŒ«", "Ã",
    "\x00", "\x01", "'", '"', "\\", "%",
    "'; DROP TABLE posts; --", "$1", "{}",
    "+49 170 1234567", "555-123-4567", "(555)", "０８０-1234-5678", "tel", "12 34", "192.0.2.17", "2001:db8::1", "(at)",
    "31.12.2014", "…", "hahahaha", "ああああああ", "1️⃣", "I liked a @YouTube video",
)  # fmt: skip

#: Of one code point, from scripts and signs of many kinds.
CHARACTERS = st.one_of(
    st.sampled_from(BLANKS + NO_BLANKS + ODD_CASE),
    st.characters(max_codepoint=0x24F),
    st.characters(categories=("L", "M", "N", "P", "S", "Z", "Cc", "Cf")),
)
PIECES = st.one_of(st.sampled_from(WORDS), st.sampled_from(LINKS), st.sampled_from(SIGNS), CHARACTERS)
GLUE = st.one_of(st.just(" "), st.just(" "), st.just(""), st.sampled_from(BLANKS))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text of up to nine pieces, glued by blanks of any kind or by nothing, now and then like a repost."""
    pieces = draw(st.lists(st.tuples(PIECES, GLUE), max_size=9))
    begin = draw(st.sampled_from(("", "", "", "", "", "RT @", "RT @nils: ", " RT @", "@nils ")))
    return begin + "".join(piece + glue for piece, glue in pieces)


FLAGS = st.sampled_from((None, None, True, False))
COUNTS = st.one_of(st.none(), st.integers(0, 9), st.just(2**63 - 1))
MOMENTS = st.one_of(
    st.none(),
    st.datetimes(datetime.datetime(2006, 3, 21), datetime.datetime(2026, 1, 1), timezones=st.just(datetime.UTC)),
    st.sampled_from([datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)]),
)
AUTHORS = st.sampled_from((None, "mira", "Mira", "nils", "İPEK", "", "霧子", "it's"))


@st.composite
def posts(draw: st.DrawFn, max_size: int = 24) -> list[dict[str, Any]]:
    """Posts with distinct ids; some say what another one says, but for case and blanks."""
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "text": texts(),
                    "text_format": st.sampled_from(("plain", "escaped", "unknown", "html")),
                    "author": AUTHORS,
                    "created_at": MOMENTS,
                    "is_repost": FLAGS,
                    "is_reply": FLAGS,
                    "is_quote": FLAGS,
                    "is_deleted": FLAGS,
                    "is_sensitive": FLAGS,
                    "reply_to_author": AUTHORS,
                    "like_count": COUNTS,
                    "repost_count": COUNTS,
                    "lang": st.sampled_from((None, "en", "EN", "pt-BR", "und", "", "ja")),
                    "client": st.sampled_from((None, "IFTTT", "fogbot 2", "Bottle Post", "")),
                }
            ),
            min_size=1,
            max_size=max_size,
        )
    )
    for copy in draw(st.lists(st.tuples(st.integers(0, len(rows) - 1), st.sampled_from("=LUB")), max_size=6)):
        rows.append(_said_again(rows[copy[0]], copy[1]))
    return [{**row, "id": str(1000 - number)} for number, row in enumerate(rows)]


def pins(posts: list[dict[str, Any]]) -> st.SearchStrategy[Pins]:
    """Pins of some of the posts, and one of a post that is not there."""
    wants = st.sampled_from((None, None, KEPT, REMOVED))
    ids = [post["id"] for post in posts]
    return st.fixed_dictionaries(dict.fromkeys([*ids, "elsewhere"], wants)).map(
        lambda chosen: Pins(tuple(Pin("x", post_id, want) for post_id, want in chosen.items() if want))
    )


def _said_again(post: dict[str, Any], how: str) -> dict[str, Any]:
    text = post["text"]
    changed = {
        "=": text,
        "L": text.lower(),
        "U": text.upper(),
        "B": f"\u3000{text.replace(' ', chr(0xA0) * 2)} ",
    }
    return {**post, "text": changed[how]}


#: What somebody may write where a recipe wants a text, to reach out of it.
HOSTILE = (
    "'; DROP TABLE posts; --", "' OR 1=1 --", "') OR true; --", "$1", "?", "{}", "{text}", "%s", "\\", "\\'", "''", '"',
    "\x00", "a\x00b", "line\nbreak", "/*", "*/", "--", "E'\\n'", "$$", "霧", "\\0", "\\1", "[", "(", "(?i)", "\u2028",
)  # fmt: skip

TRANSFORMS = st.one_of(
    st.sampled_from(("one", "successive")).map(lambda v: {"use": "unescape_html", "passes": v}),
    st.just({"use": "fix_mojibake"}),
    st.sampled_from(("NFC", "NFKC")).map(lambda v: {"use": "normalize_unicode", "form": v}),
    st.just({"use": "strip_urls"}),
    st.sampled_from(("anywhere", "start")).map(lambda v: {"use": "strip_mentions", "where": v}),
    st.sampled_from(("keep", "fold")).map(lambda v: {"use": "collapse_whitespace", "newlines": v}),
    st.sampled_from((["email", "phone", "ip"], ["phone", "handle"])).map(lambda v: {"use": "pii", "kinds": v}),
)

FILTERS = st.one_of(
    st.booleans().map(lambda v: {"use": "retweet", "manual": v}),
    st.booleans().map(lambda v: {"use": "reply", "to_self": v}),
    st.just({"use": "quote"}),
    st.just({"use": "deleted"}),
    st.just({"use": "automated"}),
    st.just({"use": "date_range", "first": datetime.date(2015, 1, 1), "last": datetime.date(2020, 1, 1)}),
    st.sampled_from((["mira"], ["@MIRA", "İPEK"], ["unknown"])).map(lambda v: {"use": "author", "keep": v}),
    st.builds(
        lambda least, count: {"use": "min_words", "min": least, "count": count},
        st.integers(1, 6),
        st.sampled_from(("unicode", "blanks")),
    ),
    st.integers(1, 6).map(lambda v: {"use": "max_words", "max": v}),
    st.integers(1, 20).map(lambda v: {"use": "min_chars", "min": v}),
    st.sampled_from((0, 0.3, 1)).map(lambda v: {"use": "hashtag_ratio", "max": v}),
    st.sampled_from((0, 0.5)).map(lambda v: {"use": "mostly_mentions", "max": v}),
    st.sampled_from((0, 0.5)).map(lambda v: {"use": "repetition", "max": v}),
    st.sampled_from(("url_only", "emoji_only", "sensitive")).map(lambda v: {"use": v}),
    st.sampled_from((5, 110)).map(lambda v: {"use": "truncated", "min_length": v}),
    st.just({"use": "engagement", "min": 2, "max": 12}),
    st.sampled_from(("like_count > 3", "text ILIKE '%fog%'", "length(raw_text) > length(text)")).map(
        lambda v: {"use": "where", "removes": v}
    ),
    st.just({"use": "language", "source": "platform"}),
)

DEDUPS = st.builds(
    lambda scope, keep: {"use": "exact_duplicate", "scope": scope, "keep": keep},
    st.sampled_from(("author", "global")),
    st.sampled_from(("earliest", "latest", "longest", "most_engaged")),
)


def named(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules, each with a name of its own."""
    return [{**rule, "name": f"rule_{number}"} for number, rule in enumerate(rules)]


def recipes(max_size: int = 6) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rules of all three kinds in any order, dedups twice in a row included."""
    return st.lists(st.one_of(TRANSFORMS, FILTERS, FILTERS, DEDUPS), max_size=max_size).map(named)
