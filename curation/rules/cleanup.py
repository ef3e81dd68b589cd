"""Transforms that remove something from a text (links, mentions, extra blanks), or mask it (contact data)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from curation import sql
from curation.functions import patterns
from curation.functions.base import BatchFunction
from curation.functions.privacy import HINTS, LIKELY_PHONE, pii_functions
from curation.options.bounds import Each, OneOf
from curation.rules import link_wrappers
from curation.rules.base import Transform, param, require

#: Blanks that do not end a line, and line ends as Unicode has them (UAX #14: BK, CR, LF, NL).
WITHIN_LINE = r"\t\x1c-\x1f \x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
LINE_END = r"(?:\r*\n|\r|[\x0b\x0c\x{85}\x{2028}\x{2029}])"
#: Invisible characters that mean nothing unless there is a letter on both sides: the zero-width space, the word joiner,
#: the byte order mark, the soft hyphen, and the joiners of Persian, Hindi and emoji.
UNSEEN_AT_ENDS = r"\x{ad}\x{180e}\x{200b}-\x{200d}\x{2060}-\x{2064}\x{feff}"
#: Those that neither separate nor join letters, so that beside a blank they mean nothing.
UNSEEN_BESIDE_BLANKS = r"\x{200b}\x{2060}\x{feff}"
#: All characters of a text that shows nothing: these, marks of direction, and letters without a shape.
UNSEEN = (
    UNSEEN_AT_ENDS
    + r"\x{34f}\x{61c}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{200e}\x{200f}\x{202a}-\x{202e}"
    + (r"\x{2065}-\x{206f}\x{2800}\x{3164}\x{fe00}-\x{fe0f}\x{ffa0}\x{e0001}\x{e0020}-\x{e007f}\x{e0100}-\x{e01ef}")
)

NOTHING_SEEN = f"^[{sql.BLANKS}{UNSEEN}]+$"

LINKS_AND_BLANKS = rf"(?:[ \t]*{patterns.LINK})+[ \t]*"
#: Neighbouring mentions are one match, because the blank between them can't match twice.
MENTION_AND_BLANKS = rf"(^|[^A-Za-z0-9_@＠.+-])(?:[ \t]*{patterns.MENTION})+[ \t]*"
MENTIONS_AT_START = rf"^(?:[ .\t\n]*{patterns.MENTION}[ \t\n,:]*)+"


@dataclass(frozen=True, kw_only=True)
class StripUrls(Transform):
    """Links are taken out

    A link and the blanks around it become one blank.
    """

    use: ClassVar[str] = "strip_urls"
    title: ClassVar[str] = "Links taken out"

    style: str = param(
        "clean",
        doc='"clean": http, https and www links, without the punctuation after them · "huggingtweets": the five '
        "removals of huggingtweets, first for `http:`, then for `https:`, each up to the next blank",
        check=OneOf("clean", "huggingtweets"),
    )
    wrappers: str = param(
        "keep",
        doc='"keep": what surrounds a link stays · "strip": brackets, quotes, arrows, dashes and *via* around links '
        "alone go with them, and a Markdown link becomes its words; only for style clean",
        check=OneOf("keep", "strip"),
    )

    def check(self) -> None:
        fits = self.style == "clean" or self.wrappers == "keep"
        require(fits, self, 'wrappers = "strip" needs style = "clean".')

    def rewrite(self) -> str:
        if self.style == "clean":
            links = sql.replace_all("text", LINKS_AND_BLANKS, " ")
            if self.wrappers == "strip":
                wrapped = link_wrappers.without_wrapped_links("text")
                links = f"CASE WHEN {sql.matches('text', link_wrappers.SUSPECT)} THEN {wrapped} ELSE {links} END"
            return f"trim({links})"
        text = "text"
        for scheme in ("http:", "https:"):
            link = scheme + patterns.NOT_BLANK + "+"
            for removal in (f" {link}", f"{link} ", f"\\n{link} ", f"\\n{link}", link):
                text = sql.replace_all(text, removal, "")
        return text

    def when(self) -> str:
        return patterns.has_link("text") if self.style == "clean" else sql.contains("text", "http:", "https:")


@dataclass(frozen=True, kw_only=True)
class StripMentions(Transform):
    """@mentions are taken out

    A mention and the blanks around it become one blank. An e-mail address is not a mention.
    """

    use: ClassVar[str] = "strip_mentions"
    title: ClassVar[str] = "Mentions taken out"

    where: str = param(
        "anywhere", doc='"anywhere" · "start": only at the beginning, as in replies', check=OneOf("anywhere", "start")
    )

    def rewrite(self) -> str:
        if self.where == "start":
            return f"regexp_replace(text, {sql.literal(MENTIONS_AT_START)}, '')"
        # A letter before the sign makes it an address, so the match includes what is before it, and puts it back.
        once = sql.replace_all("text", MENTION_AND_BLANKS, r"\1 ")
        return f"trim({sql.replace_all(once, '  +', ' ')})"

    def when(self) -> str:
        return sql.contains("text", "@", "＠")


@dataclass(frozen=True, kw_only=True)
class CollapseWhitespace(Transform):
    """Runs of blanks become one, and none is left at the ends

    This means all blanks of Unicode, such as the ideographic space. If line breaks stay, invisible characters (the
    zero-width space, the byte order mark, joiners, the soft hyphen) also go from the ends of lines, and a text of
    nothing else becomes empty. Within words and emoji they stay.
    """

    use: ClassVar[str] = "collapse_whitespace"
    title: ClassVar[str] = "Extra spaces removed"
    version: ClassVar[int] = 2

    newlines: str = param(
        "keep",
        doc='"keep": line breaks stay, at most two in a row · "fold": they become blanks too',
        check=OneOf("keep", "fold"),
    )

    def rewrite(self) -> str:
        if self.newlines == "fold":
            return sql.fold_blanks("text")
        unseen = sql.matches("text", f"[{UNSEEN_AT_ENDS}]|{NOTHING_SEEN}")
        seen = f"CASE WHEN {sql.not_ascii('text')} AND {unseen} THEN {self._without_unseen()} ELSE text END"
        flat = sql.replace_all(seen, f"[{WITHIN_LINE}]+", " ")
        lines = sql.replace_all(flat, f" ?{LINE_END} ?", "\n")
        at_most_two = sql.replace_all(lines, "\n{3,}", "\n\n")
        return f"trim({at_most_two}, {sql.literal(' ' + chr(10))})"

    def _without_unseen(self) -> str:
        """SQL: the text without invisible characters at the ends of lines, and beside blanks."""
        text = sql.replace_all("text", f"{NOTHING_SEEN}|^[{UNSEEN_AT_ENDS}{sql.BLANKS}]+", "")
        text = sql.replace_all(text, f"[{UNSEEN_AT_ENDS}{sql.BLANKS}]+$", "")
        at_end, beside = f"[{UNSEEN_AT_ENDS}{WITHIN_LINE}]*", f"[{UNSEEN_BESIDE_BLANKS}]*"
        text = sql.replace_all(text, f"{at_end}({LINE_END}){at_end}", r"\1")
        return sql.replace_all(text, f"{beside}[{WITHIN_LINE}][{UNSEEN_BESIDE_BLANKS}{WITHIN_LINE}]*", " ")

    def when(self) -> str:
        if self.newlines == "fold":
            return sql.has_odd_blanks("text")
        return sql.matches("text", f"^ | $|  |[{sql.ODD_BLANKS}{UNSEEN_AT_ENDS}]|{NOTHING_SEEN}")


#: The everyday words for the kinds.
MASKED = {"email": "e-mail addresses", "phone": "phone numbers", "ip": "IP addresses", "handle": "@handles"}


@dataclass(frozen=True, kw_only=True)
class Pii(Transform):
    """E-mail addresses, phone numbers and IP addresses are masked (`[email]`, `[phone]`, `[ip]`)

    Names stay. An address may be written `name (at) host.org`. A phone number begins with `+` or `00` and a country
    code, or is grouped as in one of about a dozen countries, or follows a word such as `tel`; its digits may be ASCII,
    full-width, Arabic, Persian or Devanagari. Ten digits in a row are just as often an id, and stay unless the first is
    0. IP addresses are masked if they lead to someone: not those of the local machine and of private networks, and not
    `1.2.3.4`, which is a version. Links, dates, scores, prices, @handles and #tags stay as they are. In 527,000 real
    posts the rule masks 199 e-mail addresses (70 checked, all correct), phone numbers in 161 posts (all checked and
    correct, two of them cut short), and IP addresses in 17 posts (five were versions or jokes).
    """

    use: ClassVar[str] = "pii"
    title: ClassVar[str] = "Addresses and numbers masked"
    version: ClassVar[int] = 2

    kinds: tuple[str, ...] = param(
        ("email", "phone", "ip"),
        doc='what the rule masks: "email", "phone", "ip", "handle" (`@name`, `@name@host.org`)',
        check=Each(OneOf(*HINTS), noun="kind"),
    )
    email: str = param("[email]", doc="the text in place of an e-mail address")
    phone: str = param("[phone]", doc="the text in place of a phone number")
    ip: str = param("[ip]", doc="the text in place of an IP address")
    handle: str = param("@user", doc="the text in place of a handle")

    @classmethod
    def masks(cls, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(MASKED.get(kind, kind) for kind in parameters.get("kinds") or ())

    def check(self) -> None:
        require(bool(self.kinds), self, "`kinds` is empty, so nothing would be masked.")

    def rewrite(self) -> str:
        return f"{self.functions()[0].name}(text)"

    def when(self) -> str:
        kinds = list(self._masks())
        # First one pass over the text for all kinds, where nearly every post stops.
        return f"{sql.matches('text', '|'.join(HINTS[kind] for kind in kinds))} AND ({sql.any_of(map(_test, kinds))})"

    def records(self) -> str:
        """SQL: the kinds that the rewrite masks in `text`, such as `email, phone`."""
        return f"{self.functions()[1].name}(text)"

    def functions(self) -> tuple[BatchFunction, ...]:
        return pii_functions(self._masks())

    def _masks(self) -> dict[str, str]:
        return {kind: getattr(self, kind) for kind in HINTS if kind in self.kinds}


def _test(kind: str) -> str:
    test = sql.matches("text", HINTS[kind])
    return f"{test} AND {sql.matches('text', LIKELY_PHONE)}" if kind == "phone" else test
