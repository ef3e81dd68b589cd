"""Transforms that take something out of a text: links, mentions, superfluous blanks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from curation import sql
from curation.rules import patterns
from curation.rules.base import Transform, one_of, param

#: Blanks that do not end a line, and line ends as Unicode has them (UAX #14: BK, CR, LF, NL).
WITHIN_LINE = r"\t\x1c-\x1f \x{a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
LINE_END = r"(?:\r*\n|\r|[\x0b\x0c\x{85}\x{2028}\x{2029}])"

LINKS_AND_BLANKS = rf"(?:[ \t]*{patterns.LINK})+[ \t]*"
#: Neighbouring mentions are one match: the blank between them could not be matched twice.
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
        doc='"clean": http, https and www links, without the punctuation after them · "huggingtweets": the '
        "original's five removals for `http:` and then for `https:`, each up to the next blank",
        check=one_of("clean", "huggingtweets"),
    )

    def rewrite(self) -> str:
        if self.style == "clean":
            return f"trim({sql.replace_all('text', LINKS_AND_BLANKS, ' ')})"
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

    A mention and the blanks around it become one blank. An e-mail address is none.
    """

    use: ClassVar[str] = "strip_mentions"
    title: ClassVar[str] = "Mentions taken out"

    where: str = param(
        "anywhere",
        doc='"anywhere" · "start": only those that a reply begins with',
        check=one_of("anywhere", "start"),
    )

    def rewrite(self) -> str:
        if self.where == "start":
            return f"regexp_replace(text, {sql.literal(MENTIONS_AT_START)}, '')"
        # A letter before the sign makes it an address, so what stands before is matched too, and put back.
        once = sql.replace_all("text", MENTION_AND_BLANKS, r"\1 ")
        return f"trim({sql.replace_all(once, '  +', ' ')})"

    def when(self) -> str:
        return sql.contains("text", "@", "＠")


@dataclass(frozen=True, kw_only=True)
class CollapseWhitespace(Transform):
    """Runs of blanks become one, and none is left at the ends

    All blanks of Unicode are meant, such as the ideographic space.
    """

    use: ClassVar[str] = "collapse_whitespace"
    title: ClassVar[str] = "Blanks collapsed"

    newlines: str = param(
        "keep",
        doc='"keep": line breaks stay, at most two in a row · "fold": they become blanks too',
        check=one_of("keep", "fold"),
    )

    def rewrite(self) -> str:
        if self.newlines == "fold":
            return sql.fold_blanks("text")
        flat = sql.replace_all("text", f"[{WITHIN_LINE}]+", " ")
        lines = sql.replace_all(flat, f" ?{LINE_END} ?", "\n")
        at_most_two = sql.replace_all(lines, "\n{3,}", "\n\n")
        return f"trim({at_most_two}, {sql.literal(' ' + chr(10))})"

    def when(self) -> str:
        return sql.has_odd_blanks("text")
