r"""Runs of scripts without spaces, and the smallest pieces that a word may begin or end with.

A cluster is what may not be cut: a Han character or a kana; a Thai consonant with the vowels before, above, below and
after it; a Khmer or Burmese consonant with the consonants stacked below it and its signs. So no word begins with a
vowel sign, and none ends before one.

A run of Katakana is one word, as for `min_words` (`curation.functions.patterns`), and is no run here.

>>> [clusters_of(run) for run in RUNS.findall("今日はコーヒー。ไปไหนมา")]
[['今', '日', 'は'], ['ไป', 'ไห', 'น', 'มา']]
>>> KATAKANA.findall("今日はコーヒー")
['コーヒー']
"""

from __future__ import annotations

import re

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HIRAGANA = "\u3041-\u3096\u309d\u309e"
#: The long-vowel sign belongs to Hiragana after one (`えーと`), else to Katakana.
_JAPANESE = f"[{_HAN}{_HIRAGANA}](?:[{_HAN}{_HIRAGANA}]|(?<=[{_HIRAGANA}ー])ー)*"
_THAI, _LAO, _KHMER, _BURMESE = "\u0e01-\u0e3a\u0e40-\u0e4e", "\u0e81-\u0ece", "\u1780-\u17d3\u17dd", "\u1000-\u103f"

#: A run, as long as it goes within one script.
RUNS = re.compile(f"{_JAPANESE}|[{_THAI}]+|[{_LAO}]+|[{_KHMER}]+|[{_BURMESE}\u1050-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f]+")

KATAKANA = re.compile(
    "[\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff6f\uff71-\uff9d](?:[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f])*"
)

#: All of these scripts as RE2 writes them.
SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\x{30fc}\x{ff70}"

_CLUSTER = re.compile(
    # Thai and Lao: leading vowel, consonant (with Lao's subscript), marks, and vowels that follow.
    "[\u0e40-\u0e44]?[\u0e01-\u0e2e](?:[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]|[\u0e30\u0e32\u0e33\u0e45])*"
    "|[\u0ec0-\u0ec4]?[\u0e81-\u0eae\u0edc-\u0edf](?:[\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece]|[\u0eb0\u0eb2\u0eb3\u0ebd])*"
    # Khmer: a consonant, those stacked below it, and signs.
    "|[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd])*"
    # Burmese: the same; a consonant with an asat (no vowel) ends the syllable before.
    "|[\u1000-\u102a\u103f](?:\u1039[\u1000-\u102a]|[\u102b-\u1038\u103a-\u103e]|[\u1000-\u102a\u103f]\u103a)*"
    "|(?s:.)"
)

_WITH_PARTICLE = re.compile(f"[{_HAN}]+[はがをにのもでと]")
#: Small vowels, the long-vowel sign and `ん` begin no word; neither do Thai and Lao signs of repetition and omission.
NEVER_FIRST = frozenset("ぁぃぅぇぉゃゅょゎーんゝゞ々\u0e2f\u0e46\u0ec6")


#: A Thai or Lao consonant without a vowel, or a silent one (`ย์`): it ends the syllable before it.
FINAL = re.compile("[\u0e01-\u0e2e\u0e81-\u0eae\u0edc-\u0edf](?:[\u0e34\u0e38]?\u0e4c|\u0ecc)?|[\u0e46\u0ec6]")

#: Scripts of clusters, where a change from one to the other matters.
OTHER, HIRAGANA, HAN = range(3)


def script_of(cluster: str) -> int:
    """The script of a cluster."""
    if re.match(f"[{_HAN}]", cluster):
        return HAN
    return HIRAGANA if re.match(f"[{_HIRAGANA}ー]", cluster) else OTHER


def clusters_of(run: str) -> list[str]:
    """The clusters of a run."""
    return _CLUSTER.findall(run)


def may_be_word(clusters: tuple[str, ...]) -> bool:
    """Whether clusters can be a word by how they are written.

    A word does not go on from Hiragana to a Han character, as `の人` would, except after `お` or `ご` of courtesy; and
    one particle after Han characters, as in `今日は`, is a word by itself.
    """
    text = "".join(clusters)
    if clusters[0] in NEVER_FIRST or _WITH_PARTICLE.fullmatch(text):
        return False
    back = re.search(f"[{_HIRAGANA}ー][{_HAN}]", text)
    return not back or (back.start() == 0 and text[0] in "おご")
