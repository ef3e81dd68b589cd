r"""Finds and masks contact data: e-mail addresses, phone numbers, IP addresses, handles.

The code splits a text into tokens and checks each one. A number inside a link, a handle of the fediverse
(`@name@host.org`) and a word (`v10.20.30.40`, `A0612345678`) are tokens of their own, so no part of them is masked. The
expressions mean the same in Python's `re` and in RE2: the rule runs RE2 first, and one post in a thousand comes here.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable

from curation.functions.base import BatchFunction

#: Zeros of the digits that people type: ASCII, full-width, Arabic, Persian, Devanagari.
_ZEROS = "0０٠۰०"


def _digits(first: int, last: int) -> str:
    return "[" + "".join(f"{chr(ord(zero) + first)}-{chr(ord(zero) + last)}" for zero in _ZEROS) + "]"


_D, _D19, _D29, _D39, _D69, _0, _1 = (
    _digits(*ends) for ends in ((0, 9), (1, 9), (2, 9), (3, 9), (6, 9), (0, 0), (1, 1))
)
_BLANK = "[ \xa0\u202f\u3000]"
#: Hyphens, dashes, the slash, and the long-vowel sign, which Japanese uses as a hyphen.
_DASH = "[/\u2010-\u2015\u2212\uff0dー-]"
#: Between the groups of a number; a full stop before a blank ends a sentence.
_SIGN = rf"(?:{_BLANK}?{_DASH}{_BLANK}?|\.|{_BLANK}{{1,2}})"
_OPEN, _CLOSE, _PLUS = "[(（]", "[)）]", "[+＋]"

#: `name (at) host.org` only with brackets: "look at example.org" is not an address.
_AT = r"(?:[@＠]| ?[(\[{] ?[Aa][Tt] ?[)\]}] ?)"
EMAIL = (
    rf"[A-Za-z0-9_](?:[A-Za-z0-9._%+-]{{0,62}}[A-Za-z0-9_%+-])?{_AT}"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+(?:[a-z]{2,}|[A-Z]{2,})"
)
#: `@name`, `@name.host.org`, `@name@host.org`, or several without anything between them.
HANDLE = (
    r"(?:[@＠](?:[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    r"|[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9-]+)+\.[a-z]{2,}|[A-Za-z0-9_]+))+"
)

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#: Addresses that lead to nobody: the local machine, private networks (RFC 1918), link-local, netmasks, multicast, whole
#: networks; and four single digits, which are a version (or a public resolver).
_OF_NOBODY = (
    r"(?:0|10|127|22[4-9]|2[345][0-9])\..*|169\.254\..*|192\.168\..*|172\.(?:1[6-9]|2[0-9]|3[01])\..*"
    r"|.*\.0|[0-9](?:\.[0-9]){3}"
)
_HEX = "[0-9A-Fa-f]{1,4}"
#: Global unicast addresses (2000::/3), complete or with `::`; no time of day looks like one.
IPV6 = rf"[23][0-9A-Fa-f]{{3}}(?:(?::{_HEX}){{7}}|(?::{_HEX}){{0,5}}::(?:{_HEX}(?::{_HEX}){{0,5}})?)"

PHONE = "|".join(
    (
        # +49 170 1234567, +44 (0)20 7946 0958, 0049 …: ten to fifteen digits (E.164)
        rf"(?:{_PLUS}{_BLANK}?|{_0}{{2}}{_SIGN}?){_D19}(?:{_SIGN}?{_OPEN}?{_D}{_CLOSE}?){{9,14}}",
        # (555) 123-4567, 1-555-123-4567
        rf"(?:{_1}{_SIGN})?{_OPEN}{_D29}{_D}{{2}}{_CLOSE}{_SIGN}?{_D}{{3}}{_SIGN}{_D}{{4}}",
        rf"(?:{_1}{_SIGN})?{_D29}{_D}{{2}}{_SIGN}{_D}{{3}}{_SIGN}{_D}{{4}}",
        # (11) 91234-5678, (030) 123456
        rf"{_OPEN}{_D19}{_D}{_CLOSE}{_SIGN}?{_D}{{4,5}}{_SIGN}{_D}{{4}}",
        rf"{_OPEN}{_0}{_D}{{1,4}}{_CLOSE}{_SIGN}?{_D}{{3,4}}{_SIGN}?{_D}{{3,5}}",
        # 06-12 34 56 78, 06.12.34.56.78, 0612345678, 08012345678
        rf"{_0}{_D19}(?:{_SIGN}{_D}{{2}}){{4}}",
        rf"{_0}{_D19}{_D}{{8,9}}",
        # 06-12345678, 0170/1234567, 01234 567890
        rf"{_0}{_D19}{_D}?{_SIGN}{_D}{{7,8}}",
        rf"{_0}{_D19}{_D}{{2}}{_SIGN}{_D}{{6,8}}",
        rf"{_0}{_D19}{_D}{{3}}{_SIGN}{_D}{{5,6}}",
        # 080-1234-5678, 020 7946 0958, 0800 123 4567, 079 123 45 67, 0475 12 34 56
        rf"{_0}{_D19}{_D}?{_SIGN}{_D}{{3,4}}{_SIGN}{_D}{{3,4}}",
        rf"{_0}{_D19}{_D}{{2}}{_SIGN}{_D}{{3}}{_SIGN}{_D}{{3,4}}",
        rf"{_0}{_D19}{_D}{{1,2}}{_SIGN}{_D}{{3}}(?:{_SIGN}{_D}{{2}}){{2}}",
        rf"{_0}{_D19}{_D}{{2}}(?:{_SIGN}{_D}{{2}}){{3}}",
        # 98765 43210, 138-1234-5678
        rf"{_D69}{_D}{{4}}{_SIGN}{_D}{{5}}",
        rf"{_1}{_D39}{_D}{_SIGN}{_D}{{4}}{_SIGN}{_D}{{4}}",
    )
)
#: Words before a phone number; any number of six to fifteen digits after them is one.
_CALL = (
    r"(?:(?i:tel|telefon|telefoon|telefono|teléfono|telefone|téléphone|tlf|phone|call|fax|mobile|whatsapp)"
    r"|[Тт]ел(?:ефон)?|هاتف|جوال|واتساب|電話(?:番号)?|電話號碼|电话|手机|전화(?:번호)?|फोन|मोबाइल|โทร"
    "|[☎📞📱✆☏]\ufe0f?)[.:：]? ?"
)
_CALLED = rf"{_PLUS}?{_OPEN}?{_D}(?:{_CLOSE}?{_SIGN}?{_OPEN}?{_D}){{5,14}}"
_NUMBER = rf"(?:{_PLUS}{_BLANK}?)?{_OPEN}?{_D}(?:{_CLOSE}?{_SIGN}?{_OPEN}?{_D})*"

#: Tests for RE2 before Python: a text without a match has nothing of the kind.
HINTS = {
    "email": rf"[A-Za-z0-9_%+-]{_AT}[A-Za-z0-9-]+\.[A-Za-z0-9]",
    "phone": rf"{_D}(?:{_CLOSE}?{_SIGN}?{_OPEN}?{_D}){{5}}",
    "ip": r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]",
    "handle": r"[@＠][A-Za-z0-9_]",
}
#: One in thirty of the texts with enough digits for a phone number passes this test.
LIKELY_PHONE = (
    rf"{_CALL}{_CALLED}|(?:^|[^A-Za-z0-9_])(?:{PHONE})(?:$|[^0-9])"
    # A plus or a bracket ends the word before it: `call+49 170 1234567`.
    rf"|[A-Za-z0-9_](?:{_PLUS}{_BLANK}?{_D}|{_OPEN}{_D})(?:{_CLOSE}?{_SIGN}?{_OPEN}?{_D}){{5}}"
)

_LINK = r"(?i:https?://|\bwww\.)[!-~]+"
_LEFT_ALONE = "|".join(
    (
        rf"{_D}{{4}}[./-]{_D}{{1,2}}[./-]{_D}{{1,2}}(?![0-9./-])",  # 2014-12-31
        rf"{_D}{{1,2}}[./-]{_D}{{1,2}}[./-](?:{_D}{{4}}|{_D}{{2}})(?![0-9./-])",  # 31.12.2014
        r"[A-Za-z_][A-Za-z0-9_]*(?:[.'’-][A-Za-z0-9_]+)*",  # a word
        rf"[$€£¥₹₩#＃№] ?{_D}[0-9.,]*",  # a price, a tag
        rf"{_D}(?:[.,]?{_D}){{0,30}}[A-Za-z_%°€£¥][A-Za-z0-9_]*",  # 5km
        rf"{_D}+(?:,{_D}+)+",  # 1,000,000
    )
)
_IPV4, _IPV4_OF_NOBODY = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}"), re.compile(_OF_NOBODY)


@functools.cache  # compiling takes a tenth of a second, and most runs need it late or never
def _tokens() -> re.Pattern[str]:
    """What may need a mask, and what looks like it; of several that match, the first counts.

    Repeats before an optional sign are bounded, so the time is linear in the text. `fog@nils` is neither an address nor
    a handle, and no part of 10.20.30.4000 is an address.
    """
    return re.compile(
        rf"{_LINK}|(?P<email>{EMAIL})|(?P<called>(?P<call>{_CALL}){_NUMBER})|(?P<ip>{IPV6})"
        rf"|[A-Za-z0-9_][A-Za-z0-9_.+-]{{0,63}}[@＠][A-Za-z0-9_.@＠-]*|(?P<handle>{HANDLE})|(?P<dotted>[0-9]+(?:\.[0-9]+){{3,}})"
        rf"|{_LEFT_ALONE}|(?P<number>{_NUMBER})",
        re.ASCII,
    )


@functools.cache
def _one_phone() -> re.Pattern[str]:
    """A phone number in a token that may have several."""
    return re.compile(rf"(?<![^(（/ \xa0\u202f\u3000])(?:{PHONE})(?![^/ \xa0\u202f\u3000])")


def mask(texts: list[str], *, masks: dict[str, str]) -> list[str]:
    """Each text with the data of each kind in `masks` replaced by the mask for that kind.

    >>> mask(["write to mira@example.org, not @mira@fog.example"], masks={"email": "[email]"})
    ['write to [email], not @mira@fog.example']
    """
    return [_tokens().sub(lambda token: _masked(token, masks, []), text) for text in texts]


def kinds_of_pii(texts: list[str], *, masks: dict[str, str]) -> list[str]:
    """The kinds that `mask` finds in each text, in the order of `masks`, such as `email, phone`."""
    answers = []
    for text in texts:
        masked_kinds: list[str] = []
        _tokens().sub(functools.partial(_masked, masks=masks, masked_kinds=masked_kinds), text)
        answers.append(", ".join(kind for kind in masks if kind in masked_kinds))
    return answers


def _masked(token: re.Match[str], masks: dict[str, str], masked_kinds: list[str]) -> str:
    """The mask for a token, or the token; `masked_kinds` gets the kind of a masked one."""
    text, group = token[0], token.lastgroup
    if group in ("email", "handle", "ip") and group in masks:
        masked_kinds.append(group)
        return masks[group]
    if group == "dotted" and "ip" in masks and _IPV4.fullmatch(text) and not _IPV4_OF_NOBODY.fullmatch(text):
        masked_kinds.append("ip")
        return masks["ip"]
    if "phone" not in masks or group not in ("called", "dotted", "number"):
        return text
    if group == "called":
        call = token["call"]
        masked = call + masks["phone"] if re.compile(_CALLED).fullmatch(text, len(call)) else text
    else:
        masked = _one_phone().sub(lambda _: masks["phone"], text)
    if masked != text:
        masked_kinds.append("phone")
    return masked


def pii_functions(masks: dict[str, str]) -> tuple[BatchFunction, BatchFunction]:
    """The words that mask these kinds, and that name the kinds to mask."""
    digest = hashlib.sha256(json.dumps(masks).encode()).hexdigest()[:12]

    def word(name: str, call: Callable[..., list[str]]) -> BatchFunction:
        return BatchFunction(f"{name}_{digest}", "1", "VARCHAR", functools.partial(call, masks=masks), rare=True)

    return word("mask_pii", mask), word("find_pii", kinds_of_pii)
