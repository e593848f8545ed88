"""Variables that silence us, mislead us, or are said to."""

from collections.abc import Callable, Iterator, Mapping

from telltale.cli.answers import Answer
from telltale.cli.checks.crew_switches import check_crew_switches
from telltale.cli.checks.destination import check_tracking_uris
from telltale.cli.checks.finding import Finding, Level, Topic
from telltale.cli.measures import some
from telltale.nouns.addresses import is_here
from telltale.tracing.settings import OTEL_DISABLED, TOKEN, is_otel_disabled, sendable_token

_HOME = "TELLTALE_HOME"
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")
_OTHERS = ("OTEL_TRACES_SAMPLER", "OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT")
_LIMITS = ("_LENGTH_LIMIT", "_COUNT_LIMIT")


def check_environment(
    variables: Mapping[str, str], address: str, crewai: str | None, ask: Callable[[str], Answer]
) -> Iterator[Finding]:
    """All that is set and matters.

    Args:
        address: Where spans are sent to.
        crewai: Its version; None where it is not installed.
    """
    findings = [
        *check_tracking_uris(variables, ask),
        *_ours(variables, address),
        *check_crew_switches(variables, crewai),
    ]
    yield from findings
    if all(finding.level is Level.OK for finding in findings):
        yield Finding(Topic.ENVIRONMENT, Level.OK, "no variable is in the way")


def _ours(variables: Mapping[str, str], address: str) -> Iterator[Finding]:
    if is_otel_disabled(variables):
        yield Finding(
            Topic.ENVIRONMENT,
            Level.PROBLEM,
            f"{OTEL_DISABLED}=true switches tracing off, Telltale's too",
            "unset it; CREWAI_DISABLE_TELEMETRY=true is the better switch for crewAI's "
            "telemetry. Or call telltale.configure(ignore_otel_disabled=True)",
        )
    home = variables.get(_HOME, "")
    if home and not home.startswith(("/", "~")):
        yield Finding(
            Topic.ENVIRONMENT,
            Level.WARNING,
            f"{_HOME}={home!r} is relative: which home a program has depends on the folder that it "
            "is started in",
            f"set {_HOME} to a path that begins with / or ~",
        )
    yield from _token(variables.get(TOKEN, ""))
    yield from _proxies(variables, address)
    harmless = [name for name in variables if name in _OTHERS or _is_limit(name)]
    if harmless:
        yield Finding(
            Topic.ENVIRONMENT, Level.OK, f"{some(sorted(harmless))} set: no effect on Telltale"
        )


def _token(token: str) -> Iterator[Finding]:
    stripped = token.strip()
    if stripped and not sendable_token(token):
        wrong = "has a character that cannot stand in a header: it is not sent"
    elif " " in stripped:
        wrong = "has a space inside: two values, or a comment after one?"
    elif stripped != token:
        yield Finding(
            Topic.ENVIRONMENT,
            Level.NOTE,
            f"{TOKEN} has spaces or a line break around it: they are not sent",
            f"set {TOKEN} without them; other programs may send them",
        )
        return
    else:
        return
    # Servers have no tokens yet; it is for a proxy in front of one.
    yield Finding(
        Topic.ENVIRONMENT,
        Level.WARNING,
        f"{TOKEN} {wrong}",
        f"set {TOKEN} to the token alone, as whoever runs the proxy gave it to you; without a "
        "proxy, unset it",
    )


def _proxies(variables: Mapping[str, str], address: str) -> Iterator[Finding]:
    proxies = [name for name in _PROXIES if variables.get(name)]
    if proxies and is_here(address):
        yield Finding(
            Topic.ENVIRONMENT,
            Level.OK,
            f"{some(proxies)} set: not used for a server on this machine",
        )
    elif proxies:
        yield Finding(
            Topic.ENVIRONMENT,
            Level.NOTE,
            f"{some(proxies)} set, and not used: spans go straight to {address}",
            "if it can be reached through the proxy only, use a tunnel: "
            "ssh -L 5000:127.0.0.1:5000 <that host>",
        )


def _is_limit(name: str) -> bool:
    return name.startswith("OTEL_") and name.endswith(_LIMITS)
