"""The numbers that only ever rise: `seq`, and the numbers given out to traces and texts."""

import sqlite3


class Counters:
    """The counter row during one transaction: read once, raised in memory, saved at its end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.seq, self._trace_no, self._text_no = connection.execute(
            "SELECT seq, trace_no, text_no FROM counter"
        ).fetchone()

    def next_seq(self) -> int:
        """For one touched trace, so that no two of them share one."""
        self.seq += 1
        return self.seq

    def next_trace_no(self) -> int:
        """Never given out before."""
        self._trace_no += 1
        return self._trace_no

    def next_text_no(self) -> int:
        """Never given out before: the index of words may still have what one once stood for."""
        self._text_no += 1
        return self._text_no

    def save(self, connection: sqlite3.Connection) -> None:
        """Write them back into the row."""
        connection.execute(
            "UPDATE counter SET seq = ?, trace_no = ?, text_no = ?",
            (self.seq, self._trace_no, self._text_no),
        )


def current_seq(connection: sqlite3.Connection) -> int:
    """The last one that readers of this moment can see."""
    return connection.execute("SELECT seq FROM counter").fetchone()[0]
