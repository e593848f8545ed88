"""A filter that finds nothing may have been meant otherwise, which is then said."""

import pytest

from telltale.query.doubts import doubts


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cost>0.01", ("did you mean `cost:>0.01`?",)),
        ("-duration<=5s", ("did you mean `-duration:<=5s`?",)),
        ("status=error", ("did you mean `status:error`?",)),
        ("user==bob", ("did you mean `user:bob`?",)),
        ("feedback.helpful>=0.5", ("did you mean `feedback.helpful:>=0.5`?",)),
        ("status:ok or x", ("OR is written in capitals",)),
        ("(a And not b)", ("AND is written in capitals", "NOT is written in capitals")),
        ("span(tool:x tokens>5)", ("did you mean `tokens:>5`?",)),
        ("a OR b", ()),
        ("cost:>0.01", ()),
        ('"cost>0.01 or more"', ()),
        ("orange x>5", ()),
        ("cost> 5", ()),
        ("", ()),
    ],
)
def test_what_was_probably_meant_is_said(text, meant):
    assert doubts(text) == meant
