"""What a person sets, what is generated, and what the processes are given."""

import stat
from pathlib import Path

import pytest

from runtime.environment import (
    Address,
    address_from,
    administrator_password,
    allowed_hosts,
    environment_for_processes,
    kept_secret,
)
from runtime.errors import StartError


def test_the_address_has_defaults() -> None:
    assert address_from({}) == Address("127.0.0.1", 8000)
    assert address_from({"HOST": "", "PORT": ""}) == Address("127.0.0.1", 8000)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "80.5", "８０００ "])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(StartError, match="PORT"):
        address_from({"PORT": port})


@pytest.mark.parametrize(
    ("host", "bind", "url"),
    [
        ("127.0.0.1", "127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "0.0.0.0:8000", "http://127.0.0.1:8000/"),
        ("::", "[::]:8000", "http://[::1]:8000/"),
        ("[::1]", "[::1]:8000", "http://[::1]:8000/"),
        ("tinhso.example", "tinhso.example:8000", "http://tinhso.example:8000/"),
    ],
)
def test_an_address_is_written_as_sockets_and_browsers_want_it(host: str, bind: str, url: str) -> None:
    address = address_from({"HOST": host})
    assert (address.bind, address.url) == (bind, url)


def test_a_chosen_host_is_allowed_and_a_wildcard_allows_nothing_more() -> None:
    local = ["localhost", "127.0.0.1", "[::1]"]
    assert allowed_hosts(Address("192.0.2.7", 80)) == [*local, "192.0.2.7"]
    assert allowed_hosts(Address("0.0.0.0", 80)) == local
    assert allowed_hosts(Address("::1", 80)) == local


def test_a_secret_is_random_kept_and_private(checkout: Path) -> None:
    secret = kept_secret("secret-key", length=48)
    assert len(secret) >= 64
    assert kept_secret("secret-key", length=48) == secret
    assert stat.S_IMODE((checkout / "var" / "secret-key").stat().st_mode) == 0o600
    assert administrator_password() != secret


def test_a_secret_that_others_can_read_is_refused(checkout: Path) -> None:
    kept_secret("secret-key", length=48)
    (checkout / "var" / "secret-key").chmod(0o644)
    with pytest.raises(StartError, match="chmod 600"):
        kept_secret("secret-key", length=48)


def test_what_the_person_set_wins_over_what_is_generated(checkout: Path) -> None:
    given = {"SECRET_KEY": "hers", "ALLOWED_HOSTS": "tinhso.example"}
    environment = environment_for_processes(given, database_url="postgresql:///x", address=Address("::1", 81))
    assert environment["SECRET_KEY"] == "hers"
    assert environment["ALLOWED_HOSTS"] == "tinhso.example"
    assert (environment["HOST"], environment["PORT"]) == ("::1", "81")
    assert not (checkout / "var" / "secret-key").exists()


def test_an_empty_secret_key_is_no_key(checkout: Path) -> None:
    assert environment_for_processes({"SECRET_KEY": ""}, database_url="postgresql:///x")["SECRET_KEY"]
