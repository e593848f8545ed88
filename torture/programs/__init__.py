"""The programs that are put to the torture, each a module to run with `-m`."""
