"""All repairs together: those of ftfy, and before and after it the repairs of single sequences.

First come the repairs of what ftfy would misread. Then ftfy gets the line. If it changes nothing, the repairs of single
sequences follow, and all of it repeats until nothing changes. Every step makes the line shorter or removes a control
character, so it ends, and a repaired text never changes again.

No repair adds a U+FFFD: a sequence with a lost part stays as it is. None adds a private-use, unassigned or control
character, and typography that only looks like damage stays (`genuine`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version

from curation.functions.base import BatchFunction
from curation.functions.encoding import controls, genuine, layers, mac_roman
from curation.functions.encoding.by_ftfy import badness_pattern, repaired_by_ftfy
from curation.functions.encoding.damage import joined_kinds

_MAC = "utf-8 as mac roman"
#: Kinds and repairs before ftfy.
_BEFORE: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("double damage through mac roman", layers.twice_mac),
    (_MAC, mac_roman.layered),
    ("mac roman as latin-1", controls.mac_letters),
    ("c1 controls", controls.controls),
    ("blank for no-break space", controls.arabic_zero),
)
#: Kinds and repairs after ftfy.
_AFTER: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("utf-8 as windows-1252", layers.mixed),
    ("utf-8 as windows-1252", layers.letters),
    ("utf-8 as windows-1251", controls.cyrillic),
    ("utf-8 as cp437", controls.turned_question),
    ("punctuation with losses", layers.mend_losses),
)

#: A damaged U+FFFD; to restore it does not add one.
_REPLACED = re.compile("ï¿½|ďż˝|пїЅ|ÔøΩ|ο»½|ļæ½|∩┐╜")
#: Two layers of damage with losses between them; a repair of one would make a third.
_GARBLED = re.compile("[ÂÃ]\\?[ÂÃâ]")


def suspect_pattern() -> str:
    """A test for RE2: no repair changes a text without a match."""
    return "|".join((badness_pattern(), mac_roman.SUSPECT, layers.SUSPECT, controls.SUSPECT, "â\\?[¦¬?]|â€\\?|‘[˜¦]"))


def repair_line(line: str) -> tuple[str, list[str]]:
    """The line before the damage, as far as possible, and the kinds of damage."""
    kinds: list[str] = []
    while not line.isascii():
        before = line
        for kind, repair in _BEFORE:
            line = _noting(kinds, kind, line, repair(line))
        repaired, repairs = _by_ftfy(line)
        sequences = _noting([], _MAC, line, mac_roman.repair(line))
        if any(kind.endswith(_MAC) for kind in repairs) != (sequences != line):
            # ftfy finds Mac Roman in a calculation (`≈äpfel`), or something else in half of a sequence.
            repaired, repairs = sequences, [_MAC] if sequences != line else []
        kinds += repairs
        if repaired == line:
            for kind, repair in _AFTER:
                repaired = _noting(kinds, kind, repaired, repair(repaired))
        line = repaired
        if line == before:
            break
    return line, kinds


def _noting(kinds: list[str], kind: str, before: str, after: str) -> str:
    if after == before or genuine.adds_nonsense(before, after):
        return before
    kinds.append(kind)
    return after


def _by_ftfy(line: str) -> tuple[str, list[str]]:
    """Ftfy's repair of a line, without typography that only looks like damage."""
    from ftfy.badness import is_bad

    if not is_bad(line):
        return line, []
    pieces, kinds, at = [], [], 0
    for begin, end in (*genuine.spans(line), (len(line), len(line))):
        repaired, repairs = _piece_by_ftfy(line[at:begin])
        pieces += [repaired, line[begin:end]]
        kinds += repairs
        at = end
    return "".join(pieces), kinds


def _piece_by_ftfy(piece: str) -> tuple[str, list[str]]:
    """Ftfy's repair, unless it would add a U+FFFD, or a character that nobody types."""
    from ftfy.badness import is_bad

    if not is_bad(piece):
        return piece, []
    allowed = piece.count("\ufffd") + len(_REPLACED.findall(piece))
    if not allowed and _GARBLED.search(piece):
        return piece, []
    for lossy in (True, False) if allowed else (False,):
        repaired, kinds = repaired_by_ftfy(piece, lossy=lossy)
        lost = repaired.count("\ufffd") > allowed or repaired.count("\x1a") > piece.count("\x1a")
        if not lost and not genuine.adds_nonsense(piece, repaired):
            return repaired, kinds
    return piece, []


def fix_mojibake(texts: list[str]) -> list[str]:
    """Each text with its encoding repaired, line by line.

    >>> fix_mojibake(["cafÃ©", "Wi≈õnia", "it‰Ûªs ‰Û_", "« ≈ üdvöz »"])
    ['café', 'Wiśnia', 'it’s …', '« ≈ üdvöz »']
    """
    return ["\n".join(repair_line(line)[0] for line in text.split("\n")) for text in texts]


def mojibake_record(texts: list[str]) -> list[str]:
    """The kinds of damage that `fix_mojibake` repairs in each text (see `damage.KINDS`), empty for none.

    >>> mojibake_record(["don√¢‚Ç¨‚Ñ¢t", "it‰Ûªs", "fine"])
    ['utf-8 as mac roman, utf-8 as windows-1252', 'double damage through mac roman', '']
    """
    return [joined_kinds(kind for line in text.split("\n") for kind in repair_line(line)[1]) for text in texts]


_VERSION = f"ftfy {version('ftfy')}, 2"
FIX_MOJIBAKE = BatchFunction("fix_mojibake", _VERSION, "VARCHAR", fix_mojibake, rare=True)
MOJIBAKE_RECORD = BatchFunction("mojibake_record", _VERSION, "VARCHAR", mojibake_record, rare=True)
