"""Starts, watches and stops what the system is made of, on one machine.

Nothing here imports Django: the application is a set of commands with an environment.

    bootstrap     makes .venv with any Python there is, node_modules if there is npm (standard library only)
    environment   what the person set, what was generated, what a child process is given
    accounts      whose rights the embedded PostgreSQL runs with, and what it can reach
    postgres      the embedded PostgreSQL: its programs, its data folder, its foreground process
    servers       checks on the PostgreSQL and Redis of somebody else
    broker        Celery's tables where PostgreSQL carries the messages
    commands      the processes of the application; docker-compose.yml has the same
    processes     children that die with their parent, and finding those that did not
    preparation   what comes before the first request: tables, data, files, an administrator
    cleaning      removes the embedded database, wherever it lies
    supervisor    starts in order, restarts what died, stops in reverse order
"""
