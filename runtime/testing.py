"""`make test` and `make test-services`: one suite, on the embedded database or the environment's servers."""

import os
import signal
import subprocess

from runtime.commands import with_this_python
from runtime.environment import environment_for_processes
from runtime.errors import StartError
from runtime.lock import only_one
from runtime.places import CHECKOUT, VAR, make_var, server_places
from runtime.postgres import EmbeddedServer
from runtime.processes import end_with_make
from runtime.run import say, start_embedded
from runtime.servers import check_postgresql, check_redis
from runtime.supervisor import STOPPING_SIGNALS, StopRequested, Supervisor, raise_stop
from runtime.translations import compile_translations

# A process for each core, and a database for each process. ARGS="-n 0" makes it one, and so does --pdb.
SPREAD = ("-n", "logical", "--maxprocesses", "4", "--dist", "loadscope", "--no-loadscope-reorder")
STOPPED = 130  # what a shell gives for Ctrl-C: the tests did not pass


def run_on_embedded(arguments: list[str]) -> int:
    """Everything but what needs other servers, on a database that is made for it and does not outlive it."""
    end_with_make()
    for number in STOPPING_SIGNALS:
        signal.signal(number, raise_stop)
    try:
        make_var()
        with only_one("test", "The tests run"):
            return on_throw_away_server(["-m", "not services", *arguments])
    except StopRequested:
        return STOPPED
    except StartError as error:
        say(f"Error: {error}")
        return 1


def on_throw_away_server(arguments: list[str]) -> int:
    server = EmbeddedServer(server_places("postgres-test"), throw_away=True)
    environ = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    environment = environment_for_processes(environ, database_url=server.url)
    supervisor = Supervisor(environment, say, records=VAR / "run" / "test-processes.json")
    supervisor.end_leftovers()
    try:
        start_embedded(supervisor, server)
        return run_pytest(arguments, environment)
    finally:
        supervisor.stop()
        server.remove_socket_folder()


def run_on_services(arguments: list[str]) -> int:
    """The whole suite against DATABASE_URL and REDIS_URL."""
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    try:
        if missing:
            raise StartError(f"{' and '.join(missing)} must be set: the servers to test against.")
        make_var()
        check_postgresql(os.environ["DATABASE_URL"])
        check_redis(os.environ["REDIS_URL"])
        environment = environment_for_processes(dict(os.environ), database_url=os.environ["DATABASE_URL"])
        return run_pytest(arguments, environment)
    except StartError as error:
        say(f"Error: {error}")
        return 1


def run_pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """pytest's exit code; 5 when no test was run, which is no success either."""
    compile_translations()
    command = with_this_python(("-m", "pytest", *SPREAD, *arguments))
    return subprocess.run(command, cwd=CHECKOUT, env=environment, stdin=subprocess.DEVNULL).returncode
