"""Skeletons as the API answers them, from a few rows."""

from telltale.nouns.trace import steps


def skeleton(rows: list[tuple], base: int = 1000) -> dict:
    """Columns from rows: ordinal, parent, kind, name, state, status, start, duration, input
    tokens, nano-dollars."""
    kinds = sorted({row[2] for row in rows})
    names = sorted({row[3] for row in rows})
    columns = list(zip(*rows, strict=True))
    return {
        "base_us": base,
        "names": names,
        "kinds": kinds,
        "models": [],
        "ordinal_step": steps(columns[0]),
        "parent": columns[1],
        "kind": [kinds.index(kind) for kind in columns[2]],
        "name": [names.index(name) for name in columns[3]],
        "model": [-1] * len(rows),
        "label": [""] * len(rows),
        "state": columns[4],
        "status": columns[5],
        "start_step": steps(columns[6]),
        "duration": columns[7],
        "input_tokens": columns[8],
        "cached_tokens": [-1] * len(rows),
        "output_tokens": [-1] * len(rows),
        "cost_nano_usd": columns[9],
    }


CREW = skeleton(
    [
        (0, -1, "crew", "Crew", 0, 1, 0, 100, -1, -1),
        (1, 0, "task", "Task 1", 0, 1, 5, 90, -1, -1),
        (2, 1, "agent", "Researcher", 0, 1, 6, 80, -1, -1),
        (3, 2, "llm", "answer", 0, 1, 40, 10, 70, 2_000_000_000),
        (4, 2, "llm", "search", 0, 1, 10, 10, 30, -1),
        (5, 2, "tool", "search", 0, 2, 25, 5, -1, -1),
        (6, -2, "llm", "stray", 1, 0, 60, -1, -1, -1),
    ]
)
