"""`make run`: everything from an empty checkout to an address in the browser, in one process tree."""

import errno
import http.client
import os
import signal
import socket
import time

from runtime import commands, preparation
from runtime.broker import ask_worker_for_sign_of_life, broker_url, make_broker_tables
from runtime.environment import ADMINISTRATOR, Address, address_from, environment_for_processes
from runtime.errors import StartError
from runtime.lock import only_one
from runtime.places import CHECKOUT, VAR, make_var, server_places
from runtime.postgres import EmbeddedServer
from runtime.processes import Command, end_with_make
from runtime.servers import check_postgresql, check_redis
from runtime.supervisor import STOPPING_SIGNALS, StopRequested, Supervisor, raise_stop
from runtime.translations import compile_translations

STATIC = "collectstatic"
WEB_TIMEOUT = 60  # seconds until /healthz answers
READY_TIMEOUT = 60  # seconds until /readyz does: a worker has taken its first task


def say(sentence: str) -> None:
    print(sentence, flush=True)


def run() -> int:
    """Runs until it is told to stop. Exit code 0 when it was, 1 when something failed."""
    end_with_make()
    for number in STOPPING_SIGNALS:
        signal.signal(number, raise_stop)
    try:
        make_var()
        with only_one("supervisor", "Tỉnh Số runs"):
            run_locked()
    except StopRequested:
        return 0
    except StartError as error:
        say(f"Error: {error}")
        return 1
    return 0


def run_locked() -> None:
    """Checks that cost nothing first, so that a wrong port or address is told before anything is started."""
    began = time.monotonic()
    address = address_from(dict(os.environ))
    Supervisor({}, say).end_leftovers()
    check_port_is_free(address)
    check_given_servers()
    preparation.forget_old_logs()
    server = None if os.environ.get("DATABASE_URL") else EmbeddedServer(server_places("postgres"))
    url = server.url if server else os.environ["DATABASE_URL"]
    environment = environment_for_processes(dict(os.environ), database_url=url, address=address)
    supervisor = Supervisor(environment, say)
    try:
        start_everything(supervisor, server, address)
        missing = what_is_not_ready(address)
        state = f"Pages are served, but not all is ready: {missing}" if missing else "Ready"
        say(f"{state} after {time.monotonic() - began:.1f} s. Ctrl-C stops everything; logs: {VAR / 'log'}.")
        supervisor.watch()
    finally:
        say("Stopping ...")
        supervisor.stop()
        if server:
            server.remove_socket_folder()
        say("Stopped.")


def check_given_servers() -> None:
    """An error unless the servers that the person named answer and are new enough."""
    if os.environ.get("DATABASE_URL"):
        check_postgresql(os.environ["DATABASE_URL"])
    if os.environ.get("REDIS_URL"):
        check_redis(os.environ["REDIS_URL"])


def start_everything(supervisor: Supervisor, server: EmbeddedServer | None, address: Address) -> None:
    """From the database to a web server that answers, then what a person needs to know to go there."""
    environment = supervisor.environment
    url, redis_url = environment["DATABASE_URL"], environment.get("REDIS_URL")
    if server:
        start_embedded(supervisor, server)
    compile_translations()
    say("Preparing the database ...")
    made_from = start_collecting_static(supervisor)
    password = prepare_database(environment)
    if made_from:
        finish_collecting_static(supervisor, made_from)
    for name, words in (("worker", commands.WORKER), ("beat", commands.BEAT), ("web", commands.WEB)):
        supervisor.start(Command(name, commands.with_this_python(words), folder=CHECKOUT))
    ask_worker_for_sign_of_life(broker_url(url, redis_url))
    wait_for_web(supervisor, address)
    say_who_and_where(address, password)


def start_embedded(supervisor: Supervisor, server: EmbeddedServer) -> None:
    say(f"Starting PostgreSQL on {server.places.data} ...")
    server.prepare()
    command = server.command()
    server.wait_until_it_answers(supervisor.start(command), supervisor.log_of(command))


def start_collecting_static(supervisor: Supervisor) -> str | None:
    """Collects and compresses static files if there is need, on the core that the database leaves."""
    made_from = preparation.static_sources_changed()
    if made_from:
        words = commands.with_this_python(commands.COLLECT_STATIC)
        supervisor.start(Command(STATIC, words, folder=CHECKOUT))
    return made_from


def finish_collecting_static(supervisor: Supervisor, made_from: str) -> None:
    say("Compressing static files ...")
    child = supervisor.wait_for_end_of(STATIC)
    if child.process.returncode != 0:
        raise StartError(f"Collecting static files failed; {supervisor.log_of(child.command)} says why.")
    preparation.remember("static", made_from)


def prepare_database(environment: dict[str, str]) -> str | None:
    """Everything in the database before the first process; the administrator's password if known."""
    preparation.prepare_database(environment)
    if not environment.get("REDIS_URL"):
        make_broker_tables(environment["DATABASE_URL"])
    return preparation.create_administrator(environment)


def check_port_is_free(address: Address) -> None:
    """An error unless the web server could listen there now."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise StartError(f"HOST is {address.host!r}, which is no address of this machine.") from error
        raise StartError(
            f"The web server cannot listen on {address.bind}: {error.strerror}. "
            f"Choose another port, for example: make run PORT={address.port % 65535 + 1}"
        ) from error


def ask(address: Address, path: str) -> tuple[int, str]:
    """Status and body of a page of the running web server. Raises OSError while it does not listen."""
    connection = http.client.HTTPConnection(address.reachable_host, address.port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    finally:
        connection.close()


def wait_for_web(supervisor: Supervisor, address: Address) -> None:
    """Returns when /healthz answers; an error when the web server ends before that, or takes too long."""
    web = next(child for child in supervisor.children if child.command.name == "web")
    log = supervisor.log_of(web.command)
    deadline = time.monotonic() + WEB_TIMEOUT
    while web.process.poll() is None and time.monotonic() < deadline:
        try:
            status, _ = ask(address, "/healthz")
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
            continue
        if status == 200:
            return
        raise StartError(f"/healthz answers with {status} instead of 200; {log} says why.")
    raise StartError(f"The web server did not come up; {log} says why.")


def what_is_not_ready(address: Address) -> str:
    """Waits for database, broker, worker: empty when they answer, else what /readyz says after a minute."""
    deadline = time.monotonic() + READY_TIMEOUT
    answer = ""
    while time.monotonic() < deadline:
        try:
            status, answer = ask(address, "/readyz")
        except (OSError, http.client.HTTPException) as error:
            answer = str(error)
        else:
            if status == 200:
                return ""
        time.sleep(0.1)
    return answer


def say_who_and_where(address: Address, password: str | None) -> None:
    say("")
    say(f"  Tỉnh Số:        {address.url}")
    say(f"  Administration: {address.url}quan-tri/")
    if password:
        say(f"  Administrator:  {ADMINISTRATOR}   password: {password}   (kept in {VAR / 'admin-password'})")
    else:
        say(f"  Administrator:  {ADMINISTRATOR}, made elsewhere (`manage.py changepassword` sets a password)")
    say("")
