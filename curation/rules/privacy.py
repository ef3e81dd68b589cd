"""The transform that masks contact data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from curation import sql
from curation.functions.base import BatchFunction
from curation.functions.privacy import HINTS, LIKELY_PHONE, finder, masker
from curation.options.bounds import Each, OneOf
from curation.rules.base import Transform, param, require

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
        return f"{masker(self._masks()).name}(text)"

    def when(self) -> str:
        kinds = list(self._masks())
        # First one pass over the text for all kinds, where nearly every post stops.
        return f"{sql.matches('text', '|'.join(HINTS[kind] for kind in kinds))} AND ({sql.any_of(map(_test, kinds))})"

    def records(self) -> str:
        """SQL: the kinds that the rewrite masks in `text`, such as `email, phone`."""
        return f"{finder(self._masks()).name}(text)"

    def functions(self) -> tuple[BatchFunction, ...]:
        return masker(self._masks()), finder(self._masks())

    def _masks(self) -> dict[str, str]:
        return {kind: getattr(self, kind) for kind in HINTS if kind in self.kinds}


def _test(kind: str) -> str:
    test = sql.matches("text", HINTS[kind])
    return f"{test} AND {sql.matches('text', LIKELY_PHONE)}" if kind == "phone" else test
