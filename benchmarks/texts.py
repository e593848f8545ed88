"""Texts that nobody wrote, whose words are as unevenly common as those of a language."""

import random
from bisect import bisect
from itertools import accumulate

VOCABULARY = 30_000
_STEEPNESS = 1.07
"""Of Zipf's law: the second most common word is about half as common as the first."""
_FIRST_IDEOGRAPH, _IDEOGRAPHS = 0x4E00, 5_000


def words() -> list[str]:
    """Words of ASCII, the most common first: `w0`, `w1`, …"""
    return [f"w{number}" for number in range(VOCABULARY)]


def chinese_words() -> list[str]:
    """Words of two ideographs, the most common first."""
    chance = random.Random(2)
    return [
        "".join(chr(_FIRST_IDEOGRAPH + chance.randrange(_IDEOGRAPHS)) for _ in range(2))
        for _ in range(VOCABULARY)
    ]


def paragraphs(
    chance: random.Random, vocabulary: list[str], count: int, length: int, between: str = " "
) -> list[str]:
    """So many paragraphs of so many words."""
    weights = list(accumulate((rank + 1) ** -_STEEPNESS for rank in range(len(vocabulary))))
    return [
        between.join(
            vocabulary[bisect(weights, chance.random() * weights[-1])] for _ in range(length)
        )
        for _ in range(count)
    ]
