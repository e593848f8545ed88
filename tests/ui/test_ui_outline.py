"""The tree that the outline shows: who stands under whom, and what is summed up and folded."""

import pytest
from playwright.sync_api import Page
from uifakes.columns import CREW, skeleton

OUTLINE = """async (columns) => {
    const base = document.querySelector('script[src]').src.replace('main.js', 'core/');
    const [{ merge }, { buildTree }, outline] = await Promise.all(
        ['skeleton', 'tree', 'outline'].map((name) => import(`${base}${name}.js`)));
    const tree = buildTree(merge(new Map(), columns));
    const reveal = [outline.firstFailure(tree)].filter((one) => one !== null);
    const rule = outline.foldRule(columns.ordinal_step.length, tree, reveal);
    return outline.flatten(tree, new Map(), rule).map(({ node, depth, open }) => ({
        ordinal: node.row.ordinal, depth, open, errors: node.errors, tokens: node.tokens,
        cost: node.costUsd, unpriced: node.unpriced, role: node.role, turn: node.turn,
        adrift: node.adrift, members: node.group ? node.children.length : 0,
    }));
}"""


@pytest.fixture
def outline(idle_page: Page):
    """The outline of a skeleton, as plain values."""
    return lambda columns: idle_page.evaluate(OUTLINE, columns)


@pytest.mark.browser
def test_the_outline_is_sorted_by_start_and_sums_up_to_every_ancestor(outline):
    rows = outline(CREW)

    assert [(row["ordinal"], row["depth"]) for row in rows] == [
        (0, 0),
        (1, 1),
        (2, 2),
        (4, 3),
        (5, 3),
        (3, 3),
        (6, 0),
    ]
    for ancestor in rows[:3]:
        assert (ancestor["errors"], ancestor["tokens"], ancestor["cost"], ancestor["unpriced"]) == (
            1,
            100,
            2.0,
            1,
        )
    assert rows[1]["role"] == "Researcher"
    assert [row["turn"] for row in rows[3:6]] == [1, None, 2]
    assert [row["adrift"] for row in rows] == [False] * 6 + [True]


@pytest.mark.browser
def test_spans_that_are_their_own_ancestors_are_shown_once_with_what_is_below_them(outline):
    rows = outline(
        skeleton(
            [
                (0, -1, "crew", "Crew", 0, 1, 0, 100, -1, -1),
                (1, 4, "tool", "below b", 0, 1, 1, 1, -1, -1),
                (2, 3, "llm", "a", 0, 1, 2, 10, 30, -1),
                (3, 4, "llm", "c", 0, 1, 4, 10, 30, -1),
                (4, 2, "llm", "b", 0, 2, 3, 10, 30, -1),
                (5, 5, "llm", "its own parent", 0, 1, 5, 10, 30, -1),
            ]
        )
    )

    assert [(row["ordinal"], row["depth"]) for row in rows] == [
        (0, 0),
        (2, 0),
        (4, 1),
        (1, 2),
        (3, 2),
        (5, 0),
    ]
    assert [row["ordinal"] for row in rows if row["adrift"]] == [2, 5]
    assert (rows[1]["tokens"], rows[1]["errors"]) == (90, 1)


@pytest.mark.browser
def test_an_open_call_is_not_yet_unpriced(outline):
    assert outline(CREW)[-1]["unpriced"] == 0


@pytest.mark.browser
def test_five_like_siblings_become_one_row_and_four_do_not(outline):
    def rows(count: int) -> dict:
        calls = [(i + 1, 0, "tool", "search", 0, 1, i, 1, -1, -1) for i in range(count)]
        return skeleton(
            [
                (0, -1, "agent", "A", 0, 1, 0, 100, -1, -1),
                *calls,
                (9, 0, "llm", "answer", 0, 1, 50, 1, 5, -1),
            ]
        )

    assert [row["members"] for row in outline(rows(4))] == [0] * 6
    assert [(row["members"], row["open"]) for row in outline(rows(5))] == [
        (0, True),
        (5, False),
        (0, False),
    ]


@pytest.mark.browser
def test_a_large_trace_is_folded_below_its_tasks_except_on_the_way_to_the_first_failure(outline):
    rows = [(0, -1, "crew", "Crew", 0, 1, 0, 100, -1, -1)]
    for task in range(40):
        at = len(rows)
        rows.append((at, 0, "task", f"Task {task}", 0, 1, at, 4, -1, -1))
        rows.append((at + 1, at, "agent", "A", 0, 1, at, 4, -1, -1))
        rows += [
            (
                at + 2 + n,
                at + 1,
                "tool",
                "search",
                0,
                2 if (task, n) == (7, 1) else 1,
                at + n,
                1,
                -1,
                -1,
            )
            for n in range(2)
        ]
    shown = outline(skeleton(rows))

    assert len(shown) == 1 + 40 * 2 + 2
    assert [row["ordinal"] for row in shown if row["depth"] == 3] == [7 * 4 + 3, 7 * 4 + 4]
