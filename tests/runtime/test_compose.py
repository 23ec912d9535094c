"""docker-compose.yml runs what `make run` runs. No Docker engine is needed to know that."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime import commands

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = {
    "web": commands.WEB,
    "worker": commands.WORKER,
    "beat": commands.BEAT,
    "prepare": commands.PREPARE,
}


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "docker-compose.yml").read_text()


@pytest.fixture(scope="module")
def services(text: str) -> dict[str, Any]:
    return dict(yaml.safe_load(text)["services"])


def test_every_part_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {*APPLICATION, "postgres", "redis"}


@pytest.mark.parametrize("name", APPLICATION)
def test_the_commands_are_those_of_the_supervisor(services: dict[str, Any], name: str) -> None:
    assert services[name]["command"] == ["python", *APPLICATION[name]]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_processes_wait_for_prepared_tables_and_healthy_servers(services: dict[str, Any], name: str) -> None:
    conditions = {other: wait["condition"] for other, wait in services[name]["depends_on"].items()}
    assert conditions == {
        "prepare": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }
    assert services[name]["restart"] == "unless-stopped"


def test_preparation_runs_once(services: dict[str, Any]) -> None:
    assert services["prepare"]["restart"] == "no"
    assert set(services["prepare"]["depends_on"]) == {"postgres", "redis"}


@pytest.mark.parametrize("name", ["web", "worker", "postgres", "redis"])
def test_what_can_say_whether_it_lives_is_asked(services: dict[str, Any], name: str) -> None:
    assert services[name]["healthcheck"]["test"]


def test_data_outlives_the_containers(services: dict[str, Any]) -> None:
    assert services["postgres"]["volumes"] and services["redis"]["volumes"]


def test_servers_are_new_enough(services: dict[str, Any]) -> None:
    versions = {name: int(services[name]["image"].partition(":")[2]) for name in ("postgres", "redis")}
    assert versions["postgres"] >= 15
    assert versions["redis"] >= 6


def test_no_secret_is_written_down(services: dict[str, Any], text: str) -> None:
    """Passwords and keys come from the environment, and are asked for when they are not there."""
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET", name):
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), name
    assert all("${" in password for password in re.findall(r"://\w+:([^@]+)@", text))


def test_no_server_but_the_web_server_is_published(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if "ports" in service] == ["web"]
    assert services["web"]["ports"] == ["${PUBLISH:-127.0.0.1:8000}:8000"]


def test_the_image_serves_by_default() -> None:
    words = ", ".join(f'"{word}"' for word in ("python", *commands.WEB))
    assert f"CMD [{words}]" in (ROOT / "Dockerfile").read_text()
