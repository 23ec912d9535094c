"""The embedded PostgreSQL: a real server, run as one more foreground process of the supervisor.

The wheel's own Python layer is not used: it starts the server detached, cannot have a space in the path,
and as root makes every parent folder readable by all. Its programs are run directly. Nobody can connect
over the network: the server listens on a socket in a folder that its account alone may enter.
"""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2
from psycopg2 import sql

from runtime.errors import StartError
from runtime.places import ServerPlaces, holds_database, make_private_folder
from runtime.processes import Command, is_same_process

OWNER = DATABASE = "tinhso"
START_TIMEOUT = 120  # seconds; recovery after a crash replays what was written since the last checkpoint
STOP_TIMEOUT = 30

FAST_AND_UNSAFE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class EmbeddedServer:
    """One data folder and its server. `throw_away`: made anew at each start, and fast rather than safe."""

    def __init__(self, places: ServerPlaces, *, throw_away: bool = False) -> None:
        self.places = places
        self.throw_away = throw_away

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self.places.sockets), safe='')}"

    def prepare(self) -> None:
        """Folders and, at the first start, a new cluster; ends a server that an earlier run left behind."""
        end_abandoned_server(self.places.data)
        if self.throw_away:
            shutil.rmtree(self.places.data, ignore_errors=True)
        make_private_folder(self.places.sockets, self.places.account)
        if not holds_database(self.places.data):
            self._make_cluster()

    def _make_cluster(self) -> None:
        """initdb beside the data, moved into place when whole: an interrupted one leaves no cluster."""
        data, account = self.places.data, self.places.account
        partial = data.with_name(data.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        os.chown(partial, account.uid, account.gid)
        initdb = [str(self.places.programs / "bin" / "initdb"), "--pgdata", str(partial), "--username", OWNER]
        initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions"]
        initdb += [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]  # the machine need not have a UTF-8 locale
        initdb += ["--no-sync"] if self.throw_away else []
        made = subprocess.run(
            initdb,
            cwd="/",
            capture_output=True,
            text=True,
            start_new_session=True,
            **account.to_become(),
        )
        if made.returncode != 0:
            raise StartError(f"PostgreSQL could not make its data folder {data}: {made.stderr.strip()}")
        partial.rename(data)

    def command(self) -> Command:
        """The server as a foreground process, stopped by the signal of a fast shutdown."""
        settings = ["listen_addresses=", "unix_socket_permissions=0700", "log_line_prefix=%m [%p] "]
        settings += FAST_AND_UNSAFE if self.throw_away else ()
        arguments = [str(self.places.programs / "bin" / "postgres"), "-D", str(self.places.data)]
        arguments += ["-k", str(self.places.sockets)]
        for setting in settings:
            arguments += ["-c", setting]
        return Command(
            name="postgres",
            arguments=tuple(arguments),
            stop_signal=signal.SIGINT,
            kill_signal=signal.SIGQUIT,  # at once, without leaving shared memory behind
            stop_timeout=STOP_TIMEOUT,
            account=self.places.account,
            folder=Path("/"),
        )

    def remove_socket_folder(self) -> None:
        """After the end: nothing of ours stays in /tmp."""
        with suppress(OSError):  # a server that did not end keeps its socket there
            self.places.sockets.rmdir()

    def wait_until_it_answers(self, process: subprocess.Popen[bytes], log: Path) -> None:
        """Returns when the server takes connections and has our database; an error if it ends before that."""
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            try:
                return self._make_database()
            except psycopg2.OperationalError as error:
                if process.poll() is not None:
                    raise StartError(f"PostgreSQL ended while starting; {log} says why.") from error
                if time.monotonic() > deadline:
                    raise StartError(f"PostgreSQL did not answer in {START_TIMEOUT} s; see {log}.") from error
                time.sleep(0.05)

    def _make_database(self) -> None:
        connection = psycopg2.connect(host=str(self.places.sockets), user=OWNER, dbname="postgres")
        try:
            connection.autocommit = True  # a database cannot be made in a transaction
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        finally:
            connection.close()


def end_abandoned_server(data: Path) -> None:
    """Stops a server that still runs on this data folder, and removes the pid file of one that does not.

    PostgreSQL refuses to start when any process has the recorded number, also one that has nothing to do
    with it (after a restart of the machine or container numbers are given out again).
    """
    pid_file = data / "postmaster.pid"
    try:
        lines = pid_file.read_text().splitlines()
        pid, started = int(lines[0]), float(lines[2])
    except FileNotFoundError:
        return
    except (ValueError, IndexError):  # written only in part
        pid_file.unlink()
        return
    if not is_same_process(pid, started, tolerance=30) or psutil.Process(pid).name() != "postgres":
        pid_file.unlink(missing_ok=True)
        return
    server = psutil.Process(pid)
    for stop_signal in (signal.SIGINT, signal.SIGQUIT):
        server.send_signal(stop_signal)
        try:
            server.wait(STOP_TIMEOUT)
            return
        except psutil.TimeoutExpired:
            continue
    raise StartError(f"A PostgreSQL of an earlier run (process {pid}) does not end; end it by hand.")
