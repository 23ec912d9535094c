"""`python -m runtime COMMAND`: what the Makefile calls."""

import argparse
import os
import sys

from runtime import preparation
from runtime.broker import make_broker_tables
from runtime.cleaning import remove_data
from runtime.errors import StartError
from runtime.managing import manage
from runtime.places import make_var
from runtime.run import run, say
from runtime.servers import check_postgresql
from runtime.testing import run_on_embedded, run_on_services
from runtime.translations import compile_translations


def prepare() -> int:
    """Tables, reference data and, without Redis, the broker's tables: docker-compose's one-shot service."""
    try:
        make_var()
        check_postgresql(os.environ["DATABASE_URL"])
        preparation.prepare_database(dict(os.environ))
        if not os.environ.get("REDIS_URL"):
            make_broker_tables(os.environ["DATABASE_URL"])
    except StartError as error:
        say(f"Error: {error}")
        return 1
    return 0


def translations() -> int:
    for path in compile_translations():
        say(f"Compiled {path}")
    return 0


def clean_data() -> int:
    try:
        for path in remove_data():
            say(f"Removed {path}")
    except StartError as error:
        say(f"Error: {error}")
        return 1
    return 0


def manage_or_say_why_not(arguments: list[str]) -> int:
    try:
        return manage(arguments)
    except StartError as error:
        say(f"Error: {error}")
        return 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m runtime", description=__doc__)
    parser.add_argument(
        "command", choices=["run", "prepare", "translations", "clean-data", "manage", "test", "test-services"]
    )
    options, rest = parser.parse_known_args()
    if options.command == "test":
        return run_on_embedded(rest)
    if options.command == "test-services":
        return run_on_services(rest)
    if options.command == "manage":
        return manage_or_say_why_not(rest)
    if rest:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    commands = {"run": run, "prepare": prepare, "translations": translations, "clean-data": clean_data}
    return commands[options.command]()


if __name__ == "__main__":
    sys.exit(main())
