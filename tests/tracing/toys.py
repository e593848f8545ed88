"""A library to be patched, and a stand-in that notes who was called."""

LIBRARY = """
class Parent:
    def inherited(self, x): return ("inherited", self, x)
    @staticmethod
    def inherited_static(x): return ("inherited_static", x)
    @classmethod
    def inherited_class(cls, x): return ("inherited_class", cls, x)

class Agent(Parent):
    def run(self, x): return ("run", self, x)
    async def arun(self, x): return ("arun", self, x)
    @staticmethod
    def static(x): return ("static", x)
    @classmethod
    def of(cls, x): return ("of", cls, x)
    class Inner:
        def deep(self): return "deep"

def function(x): return ("function", x)
"""

noted: list[str] = []


def noting(original):
    def stand_in(*args, **kwargs):
        noted.append(original.__name__)
        return original(*args, **kwargs)

    return stand_in
