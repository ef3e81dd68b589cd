"""The text of a post of Bluesky with its links whole.

Apps shorten a long address in the text (`example.org/some/long/pa...`) and keep the whole one beside it, in a facet
that names the bytes of the shortened one. If the words of a link are its address, or a shortening of it, the whole
address takes their place. Other linked words stay.

Facets come from anybody's app. One changes nothing if it is beyond the text, ends before it begins, begins within a
character, overlaps another one, or has no address of the web.

>>> facet = {"index": {"byteStart": 6, "byteEnd": 25},
...          "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/long/way"}]}
>>> whole_links("Läs: example.org/long...", {"facets": [facet]})
'Läs: https://example.org/long/way'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from curation.functions.html_links import shows_address
from curation.sources.records.any_json import as_record, as_records

_LINK = "app.bsky.richtext.facet#link"
_OF_THE_WEB = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
#: What an address may hold as it is; anything else is written by its bytes, so that a rule sees where it ends.
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def whole_links(text: str, post: Mapping[str, Any]) -> str:
    """The `text` with each shortened address written out, as the `facets` of the record `post` have it."""
    data = text.encode("utf-8", "surrogatepass")
    links = sorted((*_links_of_facets(post), *_links_of_entities(post, text)))
    pieces, written = [], 0
    for start, end, address in links:
        if not written <= start < end <= len(data):
            continue
        try:
            words = data[start:end].decode("utf-8")
        except UnicodeError:
            continue
        shown = words.strip()
        if not shown or shown.casefold() == address.casefold() or not shows_address(shown, address):
            continue
        whole = words.replace(shown, quote(address, safe=_ASCII, errors="replace"), 1)
        pieces += [data[written:start], whole.encode()]
        written = end
    if not pieces:
        return text
    return b"".join((*pieces, data[written:])).decode("utf-8", "surrogatepass")


def _links_of_facets(post: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    """Begin and end in bytes of UTF-8, and the address, of every facet that is a link."""
    for facet in as_records(post.get("facets")):
        index = as_record(facet.get("index"))
        for feature in as_records(facet.get("features")):
            if feature.get("$type") == _LINK:
                yield from _link(index.get("byteStart"), index.get("byteEnd"), feature.get("uri"))


def _links_of_entities(post: Mapping[str, Any], text: str) -> Iterator[tuple[int, int, str]]:
    """The same of entities, which came before facets: begin and end count UTF-16, as JavaScript does."""
    entities = [entity for entity in as_records(post.get("entities")) if entity.get("type") == "link"]
    if not entities or post.get("facets"):
        return
    places: list[int] = [0]  # the byte at which each unit begins; the second one of a pair is at none
    for letter in text:
        length = len(letter.encode("utf-8", "surrogatepass"))
        places += [places[-1] + length] if length < 4 else [-1, places[-1] + length]
    for entity in entities:
        index = as_record(entity.get("index"))
        for start, end, address in _link(index.get("start"), index.get("end"), entity.get("value")):
            if end < len(places):
                yield places[start], places[end], address


def _link(start: object, end: object, address: object) -> Iterator[tuple[int, int, str]]:
    if isinstance(start, bool) or isinstance(end, bool) or not isinstance(address, str):
        return
    if isinstance(start, int) and isinstance(end, int) and 0 <= start < end and _OF_THE_WEB.fullmatch(address):
        yield start, end, address
