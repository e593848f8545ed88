"""Play a recorded run where crewAI is not installed; the page shows it as what it is.

A recording is spans as JSON lines, one span a line. Playing gives them new ids and moves them
to now, and ships them as any program's journal is shipped.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from telltale.conventions import attributes as names
from telltale.nouns.errors import ServerUnreachable, TelltaleError
from telltale.nouns.remedies import start_server
from telltale.nouns.span import RawLink, RawSpan
from telltale.tracing.post import Away, Connection, Refused, Stranger
from telltale.tracing.records import Header, RecordType, encode_header, encode_span

RECORDED_TAG = names.TRACE_TAG + "recording"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(RawSpan).decode


def write_recording(path: Path, spans: Iterable[RawSpan]) -> None:
    """Keep ended spans, earliest first, without the machine that they ran on."""
    ended = sorted(
        (msgspec.structs.replace(span, resource={}) for span in spans if span.end_ns),
        key=lambda span: span.start_ns,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(_encode(span) + b"\n" for span in ended))


def play(path: Path, destination: str, experiment: str) -> frozenset[str]:
    """Ship a recording as if it had just happened, tagged as a recording.

    Returns:
        Ids of the traces, which are new each time.

    Raises:
        ServerUnreachable: If no Telltale server answers.
        TelltaleError: If it does not take the recording.
    """
    recorded = [_decode(line) for line in path.read_bytes().splitlines()]
    spans = _moved(recorded, experiment)
    header = encode_header(
        Header(
            journal_id=os.urandom(16),
            segment=0,
            destination=destination,
            pid=os.getpid(),
            started_ns=time.time_ns(),
            resource={"service.name": "telltale demo (recording)"},
        )
    )
    body = b"".join(encode_span(RecordType.END, span) for span in spans)
    _ship(header, body, destination)
    return frozenset(span.trace_id.hex() for span in spans)


def _ship(header: bytes, body: bytes, destination: str) -> None:
    connection = Connection(destination)
    try:
        connection.ship(header, body, len(header))
    except (Away, Stranger) as error:
        raise ServerUnreachable(
            f"no Telltale server at {destination} ({error}); {start_server(destination)}"
        ) from error
    except Refused as error:
        raise TelltaleError(
            f"the server at {destination} does not take the recording: {error}"
        ) from error
    finally:
        connection.close()


def _moved(spans: list[RawSpan], experiment: str) -> list[RawSpan]:
    shift_ns = time.time_ns() - max(span.end_ns or 0 for span in spans)
    traces = {span.trace_id: os.urandom(16) for span in spans}
    ids = {span.span_id: os.urandom(8) for span in spans}

    def moved(span: RawSpan) -> RawSpan:
        tag = {} if span.parent_id else {RECORDED_TAG: "true"}
        return msgspec.structs.replace(
            span,
            trace_id=traces[span.trace_id],
            span_id=ids[span.span_id],
            parent_id=span.parent_id and ids[span.parent_id],
            start_ns=span.start_ns + shift_ns,
            end_ns=(span.end_ns or 0) + shift_ns,
            attributes=span.attributes | tag,
            links=tuple(
                RawLink(traces[link.trace_id], ids[link.span_id], link.attributes)
                for link in span.links
                if link.trace_id in traces and link.span_id in ids
            ),
            experiment=experiment,
        )

    return [moved(span) for span in spans]
