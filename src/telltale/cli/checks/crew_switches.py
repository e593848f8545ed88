"""What crewAI does besides running a crew: three ways in which it speaks to its makers."""

from collections.abc import Iterator, Mapping

from telltale.cli.checks.finding import Finding, Level, Topic

_TRACES = "CREWAI_TRACING_ENABLED"
_TELEMETRY = "CREWAI_DISABLE_TELEMETRY"
_UPDATES = "CREWAI_DISABLE_VERSION_CHECK"
_YES = ("true", "1")


def check_crew_switches(environment: Mapping[str, str], crewai: str | None) -> Iterator[Finding]:
    """Which of them are open; in one line, because they are closed in one line.

    Args:
        crewai: Its version; None where it is not installed.
    """
    if crewai is None:
        return
    doings, switches = [], []
    if not environment.get(_TRACES):
        doings.append(
            "waits 20 s for permission to share its trace, at the first run in a terminal"
        )
        switches.append(f"{_TRACES}=false")
    if not (_is_on(environment, _TELEMETRY) or _is_on(environment, "CREWAI_DISABLE_TRACKING")):
        doings.append("sends telemetry (without a network, programs end up to 10 s later)")
        switches.append(f"{_TELEMETRY}=true")
    if not _is_on(environment, _UPDATES):
        doings.append("looks for a newer version of itself")
        switches.append(f"{_UPDATES}=true")
    if doings:
        yield Finding(
            Topic.ENVIRONMENT,
            Level.NOTE,
            f"crewAI {'; '.join(doings)}",
            f"export {' '.join(switches)}",
        )


def _is_on(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").strip().lower() in _YES
