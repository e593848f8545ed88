"""Which browser, and how large its windows are."""

import shutil

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE = (1440, 900)
NARROW = (390, 844)


def chromium() -> str | None:
    """Where a Chromium is installed; Playwright's own cannot be downloaded everywhere."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)
