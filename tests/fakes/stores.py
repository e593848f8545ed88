"""Trace stores that do one thing, for what a server makes of it."""

from telltale.store.questions import Backlog, Changes


class FailingStore:
    """Fails in one way, whatever is asked of it."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def write(self, changes):
        raise self.error

    def read(self, question):
        raise self.error

    def delete(self, trace_ids):
        raise self.error

    def add_feedback(self, feedback):
        raise self.error

    def remove_feedback(self, trace_id, feedback_id):
        raise self.error

    def set_tags(self, trace_id, tags):
        raise self.error

    def reread(self, after, read, *, is_all):
        raise self.error

    def backlog(self):
        return Backlog(0, 0)


class UnmarkableStore:
    """Takes spans, and cannot say now who of their processes lives."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, question):
        return {}

    def write(self, changes):
        return 1

    def mark_lost(self, journal, seen_ns):
        raise self.error

    def mark_running(self, journal):
        raise self.error


class SoonUnreadableStore:
    """Holds no open span, and fails from the second question on."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.was_asked = False

    def read(self, question):
        if self.was_asked:
            raise self.error
        self.was_asked = True
        return {}


class QuietStore:
    """Nothing ever changes."""

    def read(self, question):
        return Changes(question.seq, ())


class RestlessStore:
    """A trace has changed whenever it is asked."""

    def read(self, question):
        return Changes(question.seq + 1, ({"trace_id": "any"},))
