"""`python -m telltale.demo.scripted_llm`: the server by itself, until Ctrl-C."""

import argparse
import sys

from telltale.demo.scripted_llm.server import ScriptedLLM

DEFAULT_PORT = 8901


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted; the exit code is 1 if the port is taken."""
    parser = argparse.ArgumentParser(prog="telltale.demo.scripted_llm", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free port")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that each answer takes")
    options = parser.parse_args(argv)
    llm = ScriptedLLM(port=options.port, delay_s=options.delay)
    try:
        llm.start()
    except OSError as error:
        print(f"port {options.port}: {error.strerror}; try --port 0", file=sys.stderr)
        return 1
    # The address is the result, so it goes to stdout: a parent that asked for port 0 reads it.
    print(llm.base_url, flush=True)
    try:
        llm.wait()
    except KeyboardInterrupt:
        pass
    finally:
        llm.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
