"""What does `import telltale` cost a program, and what its first span?"""

from benchmarks.figures import COUNT, MEGABYTES, MILLISECONDS, Row, row
from benchmarks.processes import run_program

RUNS = 7
MODULES, CPU, MEMORY = "modules", "cpu_ms", "resident_mb"


def measure(python: str) -> tuple[Row, ...]:
    """Modules, CPU and memory, each time in a new process."""
    runs = [run_program(python, "first_span") for _ in range(RUNS)]
    otel_ms = [run_program(python, "otel_import") for _ in range(RUNS)]

    def after(stage: str, what: str) -> list[float]:
        return [run[stage][what] for run in runs]

    def added(stage: str, what: str) -> list[float]:
        return [run[stage][what] - run["nothing"][what] for run in runs]

    return (
        row("modules of an empty program", after("nothing", MODULES), COUNT),
        row("modules after `import telltale`", after("import", MODULES), COUNT, most=80),
        row("modules after the first span", after("span", MODULES), COUNT, most=300),
        row("CPU of `import telltale`", added("import", CPU), MILLISECONDS),
        row("CPU until the first span has ended", added("span", CPU), MILLISECONDS),
        row("… of which `import opentelemetry.sdk.trace`", otel_ms, MILLISECONDS),
        row("memory of an empty program", after("nothing", MEMORY), MEGABYTES),
        row("memory added by `import telltale`", added("import", MEMORY), MEGABYTES),
        row("memory added until the first span has ended", added("span", MEMORY), MEGABYTES),
    )
