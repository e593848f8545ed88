"""What `/metrics` says, read back."""


def read_figures(text: str) -> dict[str, int]:
    """Values by name and labels, as they stand before the value."""
    return {
        line.rpartition(" ")[0]: int(line.rpartition(" ")[2])
        for line in text.splitlines()
        if not line.startswith("#")
    }
