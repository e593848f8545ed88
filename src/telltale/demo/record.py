"""Record the trip crew anew: `python -m telltale.demo.record`, where crewAI is installed.

What `telltale demo` plays without crewAI is made here, by a real run.
"""

import os
import tempfile
from pathlib import Path

from telltale.demo import session
from telltale.demo.recording import write_recording
from telltale.demo.texts import TEXTS
from telltale.tracing.records import read_segment

_NOWHERE = "http://127.0.0.1:9"
"""The discard port: no server answers, so the spans stay in the journal."""


def record(lang: str) -> Path:
    """Run the crew in one language and keep its spans."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["TELLTALE_HOME"] = home
        session.run_offline(lang, _NOWHERE)
        segments = sorted((Path(home) / "journal").glob("*.[0-9]*"))
        spans = [span for path in segments for span in read_segment(path.read_bytes()).spans]
    path = session.recording_path(lang)
    write_recording(path, spans)
    return path


if __name__ == "__main__":
    for language in sorted(TEXTS):
        print(record(language))
