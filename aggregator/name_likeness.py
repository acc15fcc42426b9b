"""Which people's names may be one name written in two ways: pure, no database.

Chinese: traditional for simplified characters, same sound, one character different. Names in
letters: words in another order, one letter different. Names are put into blocks that like names
share, so that no name is compared with all others.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC
from pypinyin import lazy_pinyin
from rapidfuzz.distance import OSA

# A block beyond this is a word half the village bears; it tells nothing and costs its square.
MAX_BLOCK = 60
# Sounds that southern speakers, and so clerks who type by sound, do not tell apart.
_MERGED_SOUNDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"))
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_SHORTEST_LETTERS = 6
_SHORTEST_HAN = 3


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def fold_name(name: str) -> str:
    """One form for a name however written: simplified, no spaces or case, words sorted."""
    text = unicodedata.normalize("NFKC", name).casefold()
    if _HAN.search(text):
        return str(_converter().convert(re.sub(r"[\s·•.,，、()（）]", "", text)))
    letters = unicodedata.normalize("NFD", text)
    words = re.findall(r"[a-z]+", "".join(c for c in letters if not unicodedata.combining(c)))
    return " ".join(sorted(words))


def is_chinese(folded: str) -> bool:
    return bool(_HAN.search(folded))


def sound_of(folded: str) -> str:
    """The syllables of a Chinese name without tones, sounds merged that people merge."""
    sound = " ".join(lazy_pinyin(folded))
    for heard, written in _MERGED_SOUNDS:
        sound = sound.replace(heard, written)
    return sound


def block_keys(folded: str) -> set[str]:
    """Keys one of which two like names share: the whole, the sound, the name less one sign."""
    if not folded:
        return set()
    keys = {f"={folded}"}
    if is_chinese(folded):
        if len(folded) > 1:
            keys.add(f"~{sound_of(folded)}")
        shortest = _SHORTEST_HAN
    else:
        shortest = _SHORTEST_LETTERS
    if len(folded) >= shortest:
        # The whole stands among its own shortenings: the other name may have one sign more.
        keys |= {f"-{folded}"} | {f"-{folded[:at]}{folded[at + 1 :]}" for at in range(len(folded))}
    return keys


def are_alike(first: str, second: str) -> bool:
    """Whether two folded names may be one: the same, the same by sound, or one sign apart."""
    if not first or not second or is_chinese(first) != is_chinese(second):
        return False
    if first == second:
        return True
    if is_chinese(first):
        if len(first) == len(second) and sound_of(first) == sound_of(second):
            return True
        return min(len(first), len(second)) >= _SHORTEST_HAN and OSA.distance(first, second) == 1
    long_enough = min(len(first), len(second)) >= _SHORTEST_LETTERS
    return long_enough and OSA.distance(first, second) == 1


def same_by_sound(first: str, second: str) -> bool:
    """Alike by more than a character in common: written the same, or heard the same."""
    if not is_chinese(first):
        return True
    return first == second or sound_of(first) == sound_of(second)
