"""What ftfy repairs, and a test that shows in advance where it repairs nothing.

Only encodings are repaired. By default `ftfy.fix_text` also straightens quotes, narrows full-width letters and
separates ligatures. That would change 14 to 79% of real posts in Japanese and Chinese and up to 21% in English, and
none of it was damage. So these steps are off, and the text stays as the author typed it.

ftfy takes each line separately: it repairs a damaged line even if the next line has an emoji, which no single-byte
encoding can represent.
"""

from __future__ import annotations

import functools
from importlib.metadata import version
from typing import TYPE_CHECKING

from curation.functions.base import BatchFunction
from curation.functions.encoding.damage import BY_ENCODING, TWICE, joined_kinds
from curation.sql import BLANKS

if TYPE_CHECKING:
    import ftfy

#: ftfy cuts longer lines after this many code points.
LONGEST_LINE = 1_000_000


@functools.cache
def encodings_only() -> ftfy.TextFixerConfig:
    """Ftfy's settings for encodings and nothing else."""
    import ftfy

    return ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        max_decode_length=LONGEST_LINE,
        explain=False,
    )


def fix_encodings(texts: list[str]) -> list[str]:
    """Each text as ftfy alone repairs its encoding.

    >>> fix_encodings(["cafÃ©", "“ﬁne” ＡＢＣ"])
    ['café', '“ﬁne” ＡＢＣ']
    """
    import ftfy

    config = encodings_only()
    return [ftfy.fix_text(text, config) for text in texts]


def encodings_record(texts: list[str]) -> list[str]:
    """The kinds of damage that `fix_encodings` repairs in each text.

    >>> encodings_record(["cafÃ©", "cafÃƒÂ©", "café"])
    ['utf-8 as windows-1252', 'twice utf-8 as windows-1252', '']
    """
    return [joined_kinds(kind for line in _lines(text) for kind in repaired_by_ftfy(line)[1]) for text in texts]


def _lines(text: str) -> list[str]:
    """The pieces of a text that ftfy repairs separately."""
    return [
        line[start : start + LONGEST_LINE]
        for line in text.split("\n")
        for start in range(0, max(len(line), 1), LONGEST_LINE)
    ]


def repaired_by_ftfy(line: str, *, lossy: bool = True) -> tuple[str, list[str]]:
    """A line as ftfy repairs it, and the kinds of damage; with `lossy`, partly lost sequences may become U+FFFD."""
    import ftfy

    config = encodings_only()._replace(explain=True, replace_lossy_sequences=lossy)
    repaired, steps = ftfy.fix_and_explain(line, config)
    kinds = _kinds(line, list(steps or ())) if repaired != line else []
    return repaired, kinds


def _kinds(line: str, steps: list[ftfy.ExplanationStep]) -> list[str]:
    """The kinds of damage behind the steps of a repair; a repeated kind comes once, as `twice`."""
    import ftfy

    kinds: list[str] = []
    state = line
    for number, (action, what) in enumerate(steps):
        after = steps[number + 1 :]
        if what == "decode_inconsistent_utf8":
            kinds += _kinds_of_parts(state)
        elif what == "fix_c1_controls" or (action == "encode" and after and after[0][1] == "windows-1252"):
            kinds.append("c1 controls")
        elif action == "encode":
            kinds.append(BY_ENCODING[what])
        elif what == "restore_byte_a0":
            kinds.append("blank for no-break space")
        elif what == "replace_lossy_sequences":
            kinds.append("other losses")
        state = ftfy.apply_plan(state, [(action, what)])
    layered = [what for action, what in steps if action == "encode"]
    return [
        TWICE + kind if sum(BY_ENCODING.get(what) == kind for what in layered) > 1 and kind != "c1 controls" else kind
        for kind in kinds
    ]


def _kinds_of_parts(line: str) -> list[str]:
    """The kinds of damage in a line where ftfy repairs only some sequences."""
    import ftfy
    from ftfy.badness import is_bad
    from ftfy.chardata import UTF8_DETECTOR_RE

    kinds = []
    for match in UTF8_DETECTOR_RE.finditer(line):
        if len(match[0]) < len(line) and is_bad(match[0]):
            repaired, steps = ftfy.fix_encoding_and_explain(match[0])
            if repaired != match[0]:
                kinds += _kinds(match[0], list(steps or ()))
    return kinds


@functools.cache
def badness_pattern() -> str:
    """Ftfy's own test for mojibake as an expression of RE2, which runs before Python.

    In lines up to `LONGEST_LINE` where its test fails, ftfy changes nothing. In RE2 the test costs a tenth. Where the
    two engines disagree about letters, this test is wider, so it misses nothing. `(?m)`: for ftfy, each line begins a
    text.
    """
    from ftfy.badness import BADNESS_RE

    pattern = _without_layout(BADNESS_RE.pattern)
    return "(?m:" + pattern.replace(r"\s", f"[{BLANKS}]").replace(r"\w", f"[^{BLANKS}]") + ")"


def _without_layout(verbose: str) -> str:
    """A `re.VERBOSE` expression without its blanks and comments."""
    kept, in_class, in_comment, escaped = [], False, False, False
    for character in verbose:
        if in_comment:
            in_comment = character != "\n"
        elif escaped or in_class or not (character.isspace() or character == "#"):
            kept.append(character)
            if not escaped:
                in_class = character == "[" or (in_class and character != "]")
            escaped = character == "\\" and not escaped
        else:
            in_comment = character == "#"
    return "".join(kept)


FIX_ENCODINGS = BatchFunction("fix_encodings", f"ftfy {version('ftfy')}", "VARCHAR", fix_encodings, rare=True)
ENCODINGS_RECORD = BatchFunction(
    "encodings_record", f"ftfy {version('ftfy')}, 1", "VARCHAR", encodings_record, rare=True
)
