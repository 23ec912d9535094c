"""Steps that are skipped when nothing changed; a port that is taken; translations."""

import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from runtime import managing, preparation
from runtime.broker import broker_url
from runtime.environment import Address
from runtime.errors import StartError
from runtime.lock import only_one
from runtime.run import check_port_is_free
from runtime.servers import check_postgresql, check_redis
from runtime.translations import compile_translations

PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

#, python-format
msgid "%(count)s provinces"
msgstr "{vietnamese}"
"""


def test_static_files_are_collected_when_a_source_changed(checkout: Path) -> None:
    source = checkout / "static" / "css" / "site.css"
    source.parent.mkdir(parents=True)
    source.write_text("a")
    (checkout / "var" / "static").mkdir()
    made_from = preparation.static_sources_changed()
    assert made_from
    preparation.remember("static", made_from)
    (checkout / "var" / "static" / "site.css").write_text("collected")
    assert preparation.static_sources_changed() is None
    source.write_text("ab")
    assert preparation.static_sources_changed() not in (None, made_from)


def test_a_failed_step_tells_its_last_lines(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "LOG", checkout / "var" / "log" / "preparation.log")
    words = ("-c", "import sys; print('no such table'); sys.exit(2)")
    with pytest.raises(StartError, match=r"(?s)exit code 2.*no such table"):
        preparation.run_step(words, {})


def test_a_taken_port_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"127\.0\.0\.1:{port}.*make run PORT=\d+"):
            check_port_is_free(Address("127.0.0.1", port))
    check_port_is_free(Address("127.0.0.1", port))


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(StartError, match=r"192\.0\.2\.1"):
        check_port_is_free(Address("192.0.2.1", 8000))


def test_only_one_supervisor_for_each_checkout(checkout: Path) -> None:
    refused = pytest.raises(StartError, match=r"Tỉnh Số runs from this folder already \(process \d+\)")
    first, other, second = (only_one(name, "Tỉnh Số runs") for name in ("supervisor", "test", "supervisor"))
    with first, other, refused, second:
        pass


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    with pytest.raises(StartError, match="DATABASE_URL: no connection") as database:
        check_postgresql("postgresql://me:hidden@127.0.0.1:1/none")
    with pytest.raises(StartError, match="REDIS_URL: no connection") as redis:
        check_redis("redis://:hidden@127.0.0.1:1/0")
    with pytest.raises(StartError, match="REDIS_URL: no connection"):
        check_redis("http://127.0.0.1/")
    assert "hidden" not in f"{database.value}{redis.value}"


@pytest.mark.parametrize(
    ("database", "redis", "broker"),
    [
        ("postgresql://u:p@h:5432/d", None, "sqla+postgresql+psycopg2://u:p@h:5432/d"),
        ("postgres://h/d", "", "sqla+postgresql+psycopg2://h/d"),
        ("postgresql://u@/d?host=%2Ftmp%2Fx", None, "sqla+postgresql+psycopg2://u@/d?host=%2Ftmp%2Fx"),
        ("postgresql://h/d", "redis://h:6379/1", "redis://h:6379/1"),
    ],
)
def test_the_broker_is_redis_or_else_the_database(database: str, redis: str | None, broker: str) -> None:
    assert broker_url(database, redis) == broker


def test_translations_are_compiled_once(tmp_path: Path) -> None:
    source = tmp_path / "locale" / "vi" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(PO.replace("{vietnamese}", "%(count)s tỉnh"))
    assert compile_translations(tmp_path) == [source.with_suffix(".mo")]
    assert compile_translations(tmp_path) == []


def test_a_translation_that_lost_its_placeholder_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "locale" / "vi" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(PO.replace("{vietnamese}", "%(số)s tỉnh"))
    with pytest.raises(StartError, match="placeholders"):
        compile_translations(tmp_path)


def test_a_python_that_is_too_old_is_told_so(tmp_path: Path) -> None:
    """bootstrap.py is asked as a Python 3.6 would be: the version it sees is not its own."""
    bootstrap = Path(preparation.__file__).with_name("bootstrap.py")
    script = (
        "import runpy, shutil, sys\n"
        "shutil.which = lambda name: None\n"
        "sys.version_info = (3, 6, 9, 'final', 0)\n"
        f"sys.argv = [{str(bootstrap)!r}, 'requirements.txt']\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "needs Python 3.11 to 3.14; this is Python 3.6" in ended.stderr


def test_simulated_data_are_loaded_only_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[tuple[str, ...]] = []
    monkeypatch.setattr(preparation, "run_step", lambda words, environment, show=False: runs.append(words))
    for environment in ({}, {"SIMULATED": ""}):
        preparation.prepare_database(environment)
        assert not any("load_simulated" in words for words in runs)
    preparation.prepare_database({"SIMULATED": "--geography across --seed 2"})
    expected = ("manage.py", "load_simulated", "--replace", "--geography", "across", "--seed", "2")
    assert runs[-1] == expected


def test_managing_a_system_that_does_not_run_says_how_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(managing, "make_var", lambda: None)
    monkeypatch.setattr(managing, "server_places", lambda name: None)
    monkeypatch.setattr(managing, "EmbeddedServer", lambda places: SimpleNamespace(url="postgresql:///none"))
    monkeypatch.setattr(managing, "check_postgresql", refuse)
    with pytest.raises(StartError, match="make run"):
        managing.manage(["remove_simulated"])
    monkeypatch.setenv("DATABASE_URL", "postgresql://h/d")
    with pytest.raises(StartError, match="no connection"):
        managing.manage(["remove_simulated"])


def refuse(url: str) -> None:
    raise StartError("no connection")
