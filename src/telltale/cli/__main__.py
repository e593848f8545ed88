"""`python -m telltale.cli`: the same as `python -m telltale`."""

from telltale.cli import main

main()
