"""`python -m telltale`, where the command itself is not on the path."""

from telltale.cli import main

main()
