"""Any filter that can be asked for."""

from hypothesis import strategies as st

from telltale.query.ast import (
    Ago,
    And,
    At,
    Begins,
    Compared,
    Filter,
    Is,
    Not,
    OneSpan,
    Or,
    Order,
    Term,
    Text,
    Within,
)
from telltale.query.fields import FIELDS, Field, Reading
from telltale.query.values import MOST
from telltale.query.words import folded

ODD = st.sampled_from(
    [
        "",
        "*",
        "-",
        "AND",
        "OR",
        "NOT",
        "span(",
        "tag.x:",
        "a:b",
        '"',
        "\\",
        ' " ',
        "1..2",
        ">5",
        "東京",
    ]
)
TEXTS = st.one_of(ODD, st.text(st.characters(codec="utf-8"), max_size=12))
WHOLE = st.one_of(st.integers(0, MOST), st.integers(0, 10_000))
SCORES = st.decimals(-1000, 1000, places=3)


def tests_of(field: Field) -> st.SearchStrategy:
    """What a value of this field can have to be."""
    if field.reading is Reading.CHOICE:
        return st.sampled_from(field.choices).map(Is)
    if field.reading is Reading.MOMENT:
        return st.one_of(WHOLE.map(At), WHOLE.map(Ago))
    if field.reading is Reading.TRACE_ID:
        return st.binary(min_size=16, max_size=16).filter(any).map(lambda id_: Is(id_.hex()))
    if field.reading is Reading.TEXT:
        return st.one_of(TEXTS.map(Is), TEXTS.map(Begins))
    numbers = SCORES if field.reading is Reading.SCORE else WHOLE
    tests = [
        numbers.map(Is),
        st.builds(Compared, st.sampled_from(Order), numbers),
        st.tuples(numbers, numbers).map(lambda pair: Within(min(pair), max(pair))),
    ]
    if field.reading is Reading.SCORE:
        tests += [TEXTS.map(Is), TEXTS.map(Begins)]
    return st.one_of(tests)


def terms_of(field: Field) -> st.SearchStrategy[Filter]:
    """Terms of this field."""
    keys = TEXTS.filter(bool) if field.has_keys else st.just("")
    return st.builds(Term, st.just(field.name), tests_of(field), keys)


def joined(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    """Filters made of others."""
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return st.one_of(several.map(And), several.map(Or), parts.map(Not))


WORDS = st.builds(Text, TEXTS.filter(folded), st.booleans())


def filters_over(fields: list[Field]) -> st.SearchStrategy[Filter]:
    """Filters that speak of these fields."""
    return st.recursive(st.one_of(WORDS, *map(terms_of, fields)), joined, max_leaves=8)


OF_SPANS = filters_over([field for field in FIELDS.values() if field.of_span])
FILTERS = st.recursive(
    st.one_of(filters_over(list(FIELDS.values())), OF_SPANS.map(OneSpan)), joined, max_leaves=4
)
