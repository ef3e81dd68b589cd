"""What ftfy repairs, and the test that tells beforehand where it repairs nothing.

Only encodings are repaired. By default `ftfy.fix_text` also straightens quotes, narrows full-width letters and
takes ligatures apart; of genuine posts that changes 14 to 79 % in Japanese and Chinese and up to 21 % in
English, and none of it was damage. So those steps are switched off, and what the author typed stays typed.

ftfy looks at each line by itself: one damaged line of a post is repaired though the next one holds an emoji
that no single-byte encoding knows.
"""

from __future__ import annotations

import functools
from importlib.metadata import version
from typing import TYPE_CHECKING

from curation.functions.base import BatchFunction
from curation.functions.encoding.kinds import BY_ENCODING, TWICE, joined_kinds
from curation.sql import BLANKS

if TYPE_CHECKING:
    import ftfy

#: Code points after which ftfy cuts a line, whose rest it then takes for a line.
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
    """Each text with its encoding repaired by ftfy alone.

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
    """The text in the pieces that ftfy takes it in."""
    return [
        line[start : start + LONGEST_LINE]
        for line in text.split("\n")
        for start in range(0, max(len(line), 1), LONGEST_LINE)
    ]


def repaired_by_ftfy(line: str, *, lossy: bool = True) -> tuple[str, list[str]]:
    """A line as ftfy repairs it, with the kinds of damage.

    Without `lossy` it puts no U+FFFD for a sequence of which a part is lost.
    """
    import ftfy

    config = encodings_only()._replace(explain=True, replace_lossy_sequences=lossy)
    repaired, steps = ftfy.fix_and_explain(line, config)
    kinds = _kinds(line, list(steps or ())) if repaired != line else []
    return repaired, kinds


def _kinds(line: str, steps: list[ftfy.ExplanationStep]) -> list[str]:
    """The kinds of damage that the steps of a repair are for; a kind that comes twice, once, as `twice`."""
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
    """The kinds of damage in a line of which ftfy repairs some sequences only."""
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
    """Ftfy's own test for mojibake as an expression of RE2, to be asked before Python is.

    ftfy never changes an encoding where its test fails in a line, up to `LONGEST_LINE`. Carried over, the test
    costs a tenth; and where the two engines disagree about what a letter is, this one is the wider, so that no
    row is missed. `(?m)`, because the beginning of a text is for ftfy that of any line.
    """
    from ftfy.badness import BADNESS_RE

    pattern = _without_layout(BADNESS_RE.pattern)
    return "(?m:" + pattern.replace(r"\s", f"[{BLANKS}]").replace(r"\w", f"[^{BLANKS}]") + ")"


def _without_layout(verbose: str) -> str:
    """An expression written with `re.VERBOSE`, without its blanks and comments."""
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
