"""Words are found where they stand and nowhere else, and an index of words finds them all."""

import re
import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telltale.query.words import folded, indexed, sought, stand_in

SCRIPTS = st.sampled_from("aB1 _-.,\n東京駅ホﾎテルé́ßİ호텔привет😀👨‍👩‍👧，。")
TEXTS = st.one_of(st.text(SCRIPTS, max_size=12), st.text(max_size=12))


def find(words, text, is_open=False):
    """By the definition alone."""
    return stand_in(folded(words), folded(text), is_open=is_open)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("hotel", "A Hotel, in town"),
        ("hotel in", "a hotel\nin town"),
        ("東京", "今夜は東京駅で"),
        ("京", "東京駅"),
        ("駅", "東京駅"),
        ("東京 ホテル", "東京、ホテル"),
        ("ホテル", "ﾎﾃﾙ"),
        ("호텔", "서울호텔에서"),
        ("cafe 24", "CAFE-24"),
        ("café", "un CAFÉ noir"),
        ("web_search", "call web_search()"),
        ("😀", "well😀done"),
        ("abc東京", "xyz abc東京1"),
        ("x" * 40, f"sk {'X' * 40}."),
    ],
)
def test_words_are_found_where_they_stand(words, text):
    assert find(words, text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("hotel", "hotels"),
        ("hotel in", "hotel within"),
        ("hotel in", "in a hotel"),
        ("東京", "東大京都"),
        ("東京駅", "東京 京駅"),
        ("東京 ホテル", "東京のホテル"),
        ("bc東京", "abc東京"),
        ("😀", "😁"),
    ],
)
def test_words_are_not_found_elsewhere(words, text):
    assert not find(words, text)


def test_an_open_word_may_go_on():
    assert find("hot", "hotels", is_open=True)
    assert find("grand hot", "the grand hotels", is_open=True)
    assert not find("hot", "a shot", is_open=True)


@pytest.fixture(scope="module")
def index():
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE i"
        " USING fts5(text, content='', detail=none, columnsize=0, tokenize='ascii')"
    )
    yield connection
    connection.close()


@given(words=TEXTS, before=TEXTS, after=TEXTS, is_there=st.booleans(), is_open=st.booleans())
@example(words="京", before="東", after="", is_there=True, is_open=False)
def test_an_index_finds_all_that_stands_there(index, words, before, after, is_there, is_open):
    text = f"{before}{words if is_there else ''}{after}"
    needle = folded(words)
    if not needle:
        return
    asked = sought(needle, is_open=is_open)
    terms = [f'"{word}"' for word in asked.words] + [f'"{word}" *' for word in asked.beginnings]
    index.execute("BEGIN")
    index.execute("INSERT INTO i (rowid, text) VALUES (1, ?)", (indexed(text),))
    rows = index.execute("SELECT rowid FROM i WHERE i MATCH ?", (" AND ".join(terms),)).fetchall()
    index.execute("ROLLBACK")

    stands = find(words, text, is_open)
    assert rows if stands else not (rows and asked.is_enough)


@given(TEXTS)
def test_what_is_folded_stays_as_it_is(text):
    assert folded(folded(text)) == folded(text)
    assert re.fullmatch(r"(\S+( \S+)*)?", folded(text))
