"""Remedies: commands that can be typed, and that lead where the address says."""

import pytest

from telltale.nouns.remedies import UPDATE, server_command, start_server


@pytest.mark.parametrize(
    ("address", "command"),
    [
        ("http://127.0.0.1:5000", "`telltale server`"),
        ("http://localhost:5055", "`telltale server --port 5055`"),
        ("http://[::1]:5055", "`telltale server --host ::1 --port 5055`"),
        ("http://localhost", "`telltale server --port 80`"),
        ("https://127.0.0.1:5000", ""),
        ("http://telltale.example:5000", ""),
    ],
)
def test_a_server_is_started_where_the_address_says(address, command):
    assert server_command(address) == command


def test_a_server_elsewhere_is_started_there():
    assert start_server("http://telltale.example:5000") == "start a server on telltale.example"
    assert start_server("http://[::1]:5000", " --home /x") == (
        "start a server with `telltale server --host ::1 --home /x`"
    )


def test_to_update_names_no_package_for_none_is_published():
    assert "git pull" in UPDATE
    assert "telltale-" not in UPDATE
