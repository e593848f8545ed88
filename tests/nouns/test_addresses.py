"""An address says which machine and port it means."""

from telltale.nouns.addresses import DEFAULT_ADDRESS, is_here, next_port, port_of, url_of


def test_an_address_says_its_machine():
    assert is_here("http://localhost:5000") and is_here("http://127.0.0.2")
    assert not is_here("https://telltale.example")


def test_an_address_says_its_port_or_its_scheme_does():
    assert port_of("https://telltale.example") == 443
    assert port_of("http://telltale.example") == 80
    assert port_of("http://[::1]:5055") == 5055


def test_an_address_is_written_as_it_is_typed():
    assert url_of("::1", 5055) == "http://[::1]:5055"
    assert DEFAULT_ADDRESS == "http://127.0.0.1:5000"


def test_a_port_to_suggest_is_the_next_that_browsers_open():
    assert [next_port(port) for port in (5000, 5059, 6664, 6696)] == [5001, 5062, 6670, 6698]
    assert next_port(65535) == 5000
