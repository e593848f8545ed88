"""The table of commands."""

import click

from telltale.cli.exits import EXIT_CODES
from telltale.cli.lazy import Lazy, LazyGroup
from telltale.nouns.version import installed_version

_COMMANDS = {
    "server": Lazy("telltale.cli.server", "server", "Serve the page and the API on this machine."),
    "demo": Lazy("telltale.cli.demo", "demo", "Run a small crew offline and show its trace."),
    "traces": Lazy("telltale.cli.commands", "traces", "List, show, count, move and delete traces."),
    "feedback": Lazy("telltale.cli.commands", "feedback", "What somebody thinks of a trace."),
    "tags": Lazy("telltale.cli.commands", "tags", "Give traces tags to be found by."),
    "experiments": Lazy("telltale.cli.commands", "experiments", "The groups that traces are in."),
    "flush": Lazy("telltale.cli.flush", "flush", "Ship journals that wait for a server."),
    "db": Lazy("telltale.cli.commands", "db", "Copy the databases, or bring them up to date."),
    "doctor": Lazy("telltale.cli.doctor", "doctor", "Say what is wrong, and what mends it."),
}
_TRACES = {
    "list": Lazy("telltale.cli.traces_list", "list_traces", "The newest traces."),
    "show": Lazy("telltale.cli.traces_show", "show_trace", "One trace as a tree."),
    "stats": Lazy("telltale.cli.traces_stats", "sum_up", "What they come to, by time or a field."),
    "export": Lazy("telltale.cli.traces_export", "export_traces", "Traces as OTLP JSON lines."),
    "import": Lazy("telltale.cli.traces_import", "import_traces", "Traces from a file of lines."),
    "reread": Lazy("telltale.cli.traces_reread", "reread", "Understand stored spans anew."),
    "delete": Lazy("telltale.cli.traces_delete", "delete_traces", "Traces that shall go."),
}
_FEEDBACK = {
    "add": Lazy("telltale.cli.feedback", "add", "Say something of a trace or a span."),
    "list": Lazy("telltale.cli.feedback", "list_feedback", "What was said of a trace."),
    "remove": Lazy("telltale.cli.feedback", "remove", "Take back what was said."),
}
_TAGS = {
    "set": Lazy("telltale.cli.tags", "set_tags", "Give a trace tags."),
    "remove": Lazy("telltale.cli.tags", "remove_tags", "Take tags away from a trace."),
}
_EXPERIMENTS = {
    "list": Lazy("telltale.cli.experiments", "list_experiments", "All, with their traces."),
    "keep": Lazy("telltale.cli.experiments", "keep", "How long, or how much of, one is kept."),
}
_DB = {
    "backup": Lazy("telltale.cli.db_backup", "backup", "Copy them while their server runs."),
    "upgrade": Lazy("telltale.cli.db_upgrade", "upgrade", "Bring them to this version's layout."),
}


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    epilog=EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(installed_version(), message="telltale %(version)s")
def telltale() -> None:
    """See, test and ship LLM agents."""


@click.group(cls=LazyGroup, lazy=_TRACES, epilog=EXIT_CODES)
def traces() -> None:
    """List, show, count, export, import and delete the traces of a running server."""


@click.group(cls=LazyGroup, lazy=_FEEDBACK, epilog=EXIT_CODES)
def feedback() -> None:
    """What a person, a program or a model thinks of a trace."""


@click.group(cls=LazyGroup, lazy=_TAGS, epilog=EXIT_CODES)
def tags() -> None:
    """What traces are found by, beside what their programs say."""


@click.group(cls=LazyGroup, lazy=_EXPERIMENTS, epilog=EXIT_CODES)
def experiments() -> None:
    """The groups that traces are filed under."""


@click.group(cls=LazyGroup, lazy=_DB, epilog=EXIT_CODES)
def db() -> None:
    """Look after the databases of a server."""
