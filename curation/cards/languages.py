"""Codes of languages as the Hub takes them: ISO 639-1 where there is one, else ISO 639-3, and no region or script."""

from __future__ import annotations

import re

from curation.functions.language.codes import means_no_language, normal_code

#: ISO 639-1. Two letters that are none of these are a slip, a country or a joke.
_WORDS = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz
ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik
io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml
mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd
se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve
vi vo wa wo xh yi yo za zh zu
"""
TWO_LETTERS = frozenset(_WORDS.split())
_THREE_LETTERS = re.compile("[a-z]{3}")

#: The beginning of a sentence for the text field of a model's page, by language. Everybody's words, no post's.
BEGINNINGS = {
    "ar": "اليوم",
    "de": "Heute habe ich",
    "en": "Today I",
    "es": "Hoy he",
    "fr": "Aujourd'hui, j'ai",
    "it": "Oggi ho",
    "ja": "今日は",
    "ko": "오늘은",
    "nl": "Vandaag heb ik",
    "pl": "Dzisiaj",
    "pt": "Hoje eu",
    "ru": "Сегодня я",
    "tr": "Bugün",
    "zh": "今天",
}


def code_of(word: str) -> str | None:
    """The Hub's code for what a platform or an identifier says of a language; None when that is no language's code.

    >>> code_of("iw"), code_of("pt_BR"), code_of("zh-cn"), code_of("und"), code_of("qme"), code_of("<b>")
    ('he', 'pt', 'zh', None, None, None)
    """
    code = normal_code(word).partition("-")[0]
    if code in TWO_LETTERS:
        return code
    return code if _THREE_LETTERS.fullmatch(code) and not means_no_language(code) else None
