"""Posts that try something, invented for tests: on a page, in a file and on a terminal they are text and nothing else.

`HOSTILE` has them as raw rows, `land` puts them into a workspace and runs recipes, `HIT` is what every script among
them would do to a page, and `OUTSIDE` the machine that every address among them names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from curation.collecting.land import land as land_posts
from curation.corpus.curate import curate
from curation.disk.workspace import Workspace
from curation.recipes.recipe import Recipe
from curation.sources import open_source

#: What a script does that runs: a page on which `window.__hit` is set has run one.
HIT = "window.__hit=1"
#: Where every link and picture leads.
OUTSIDE = "outside.invalid"

#: Texts by what they try. Each has a few plain words, so that rules keep it and a search finds it.
TEXTS = {
    "script": f"plain words before <script>{HIT}</script> and after",
    "image": f'a picture <img src=x onerror="{HIT}"> of nothing at all',
    "vector": f"<svg onload={HIT}><animate onbegin={HIT} attributeName=x></svg> drawn by nobody",
    "frame": f'<iframe srcdoc="<script>parent.{HIT}</script>"></iframe> a window in a window',
    "out_of_the_box": f"\"'></div></div></span></textarea></style><script>{HIT}</script><!-- never closed, but read",
    "style": "<style>* { display: none !important }</style> nobody sees the rest of this page",
    "html_link": f'<a href="javascript:{HIT}" onmouseover="{HIT}">press here</a>, said the page',
    "outside_image": f'<img src="https://{OUTSIDE}/a.png"><link rel=stylesheet href="//{OUTSIDE}/a.css"> counted you',
    "entities": f"&lt;script&gt;{HIT}&lt;/script&gt; &amp;lt;b&amp;gt; &#60;img src=x onerror={HIT}&#62; once decoded",
    "markdown_link": f"read [this page](javascript:{HIT}) or [that one](https://{OUTSIDE}/) or <https://{OUTSIDE}>",
    "markdown_image": f"see ![a dot](https://{OUTSIDE}/dot.png) and ![][1]\n\n[1]: https://{OUTSIDE}/two.png",
    "markdown": "# A heading\n\n* a list\n\n| a | table |\n|---|---|\n\n```\ncode\n``` **bold** _thin_ ~~gone~~ words",
    "directives": ":material/home: :red[danger] :blue-background[sea] :violet-badge[king] :streamlit: :small[t] words",
    "mathematics": r"it costs $5 and $x^2$, or $$\href{javascript:window.__hit=1}{y}$$ \(z\) altogether",
    "template": f"{{{{7*7}}}} ${{7*7}} <%= 7*7 %> #{{7*7}} {{{{constructor.constructor('{HIT}')()}}}} are forty nine",
    "formula": f"=cmd|' /C calc'!A0 =HYPERLINK(\"https://{OUTSIDE}/\") opens a spreadsheet",
    "formula_at": "@SUM(1+1)*cmd|' /C calc'!A0 adds up to something",
    "formula_plus": "+1+1 and -2+3 and =1 make four numbers",
    "sql": "'; DROP TABLE posts; -- Robert the table dropper says hello",
    "quotes": "a \"double\" and a 'single' and a `back` and a \\\" escaped one, \\' and \\n too",
    "wildcards": "100 % of _everything_ is like %this% and _that_",
    "backslashes": "C:\\new\\table\\x41\\u0041\\ ends with one\\",
    "boundary": "one document <|endoftext|> and another one",
    "terminal": "clear \x1b[2J\x1b]0;owned\x07 the screen \x1b[31mred\x1b[0m now",
    "controls": "bell \x07 back \x08 nul \x00 delete \x7f next \x85 form \x0c all of them",
    "lines": "one line\nanother line\r\na third line\rreturned\u2028and\u2029ended",
    "direction": "read this \u202egpj.exe\u202c and \u2066this\u2069 and \u200fthat twice",
    "unseen": "zero\u200bwidth\u200cjoined\u200d no\ufeff break\u2060 soft\u00adhyphen words here",
    "language_tags": "a flag \U000e0067\U000e0062\U000e007f of tags that nobody sees here",
    "zalgo": "h" + "\u0301\u0316\u0322" * 12 + "igh above the other lines of text",
    "emoji": "a family 👨‍👩‍👧‍👦 a flag 🏳️‍🌈 🇫🇷 a hand 🤝🏽 a key 1️⃣ and a heart ❤️",
    "thai": "แมวสามตัวนอนอยู่ใต้โต๊ะและไม่ยอมตื่นเลย",
    "arabic": "ثلاث قطط تنام تحت الطاولة (نعم, 3) ولا تستيقظ!",
    "hebrew": "שלושה חתולים ישנים מתחת לשולחן <b>ולא</b> קמים",
    "japanese": "三匹の猫がテーブルの下で眠っていて、起きようとしない。",
    "repaired": f"â€œQuotedâ€\x9d by a cafÃ© <img src=x onerror={HIT}> that was read wrongly",
    "mixed": "English then עברית then العربية then 日本語 then ไทย in one line",
    "long": "word " * 19_990 + f"<img src=x onerror={HIT}> the last words of many",
    "unbroken": "x" * 3_000 + " a word without a blank",
    "address": f"https://{OUTSIDE}/?q=<script>{HIT}</script>&a=b#c said the address bar",
    "privacy": "write to <script>@example.org or someone@example.org or +1 202 555 0143 today",
    "nothing_much": "NULL null None NaN undefined true false 0 -1 [] {}",
    "yaml": "---\nkey: &anchor !!python/object/apply:os.system ['true']\n--- words",
    "like_a_verdict": "kept removed unknown kept removed unknown",
}

#: Authors who try something, by handle, each with a display name.
AUTHORS = {
    "'; drop table posts; --": "Robert'); DROP TABLE authors;--",
    f"<img src=x onerror={HIT}>": f"<script>{HIT}</script>",
    "line\nbreak": "a name\nof two lines",
    "../../etc/passwd": "..\\..\\windows",
    f"[me](javascript:{HIT})": f"![](https://{OUTSIDE}/n.png)",
    ":red[x] :material/home: $x^2$": "**bold** # :blue[y]",
    "=cmd|' /C calc'!A0": "+1+1",
    "a&author=mira#x?q=%27+%": "a+b c",
    "kept": "unknown",
    "évil\u202egnp.exe": "\u200f\u202b\u202e",
    "nul\0inside": "\x1b[2J",
    "{{7*7}} ${7*7}": "<|endoftext|>",
    "名前 นามสกุล اسم": "👨‍👩‍👧‍👦",
    "n" * 300: "N" * 3_000,
}

#: A recipe whose words for people try something too, and whose rules look at every kind of damage and sameness.
RECIPE = f"""
name = "hostile"
description = "<script>{HIT}</script> ![](https://{OUTSIDE}/d.png) :red[d]"

[[rule]]
use = "unescape_html"

[[rule]]
use = "fix_mojibake"

[[rule]]
use = "pii"

[[rule]]
use = "where"
name = "tables"
label = "<img src=x onerror={HIT}> [l](javascript:{HIT}) :red[label] $x$"
removes = "text LIKE '%table%' AND text NOT LIKE '%<script>{HIT}</script>%'"

[[rule]]
use = "min_words"
min = 3

[[rule]]
use = "exact_duplicate"
"""


def _rows() -> list[dict[str, Any]]:
    authors = list(AUTHORS.items())
    rows = []
    for number, (what, text) in enumerate(TEXTS.items()):
        author, name = authors[number % len(authors)]
        rows.append(_row(f"{what}", author, name, text, number))
    # Copies, for the clusters of duplicates: the same text again, by the same author.
    rows += [dict(row, id=f"{row['id']}'<b>again") for row in rows[::4]]
    # And a post by each author that no rule touches.
    rows += [
        _row(f"by:{number}", author, name, f"some words that number {number} wrote", number)
        for number, (author, name) in enumerate(authors)
    ]
    return rows


def _row(post: str, author: str, name: str, text: str, number: int) -> dict[str, Any]:
    return {
        "id": post,
        "author": author,
        "author_name": name,
        "created_at": f"2024-{number % 12 + 1:02}-06T10:00:00Z",
        "text": text,
        "lang": ["en", f"<img src=x onerror={HIT}>", "ar"][number % 3],
    }


#: Every one of them as a raw row: what a line of a JSON file says.
HOSTILE = _rows()


def land(folder: Path, *recipes: str) -> Workspace:
    """A workspace `folder`/data in which they have landed, run with the shipped `recipes` and the hostile one."""
    folder.mkdir(parents=True, exist_ok=True)
    # The names of files are shown too, and one may not hold "/".
    posts = folder / f"<img src=x onerror={HIT}> [f](x) :red[f].jsonl"
    posts.write_text("".join(json.dumps(row) + "\n" for row in HOSTILE), encoding="utf-8")
    (folder / "hostile.toml").write_text(RECIPE, encoding="utf-8")
    space = Workspace(folder / "data")
    land_posts(space, open_source("file", [str(posts)], {}))
    for recipe in [str(folder / "hostile.toml"), *recipes]:
        curate(space, Recipe.load(recipe))
    return space
