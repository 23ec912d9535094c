"""The OpenAPI schema is valid and says what the answers say; the documentation keeps to this host."""

from __future__ import annotations

import json
import re

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from tests.api.test_resources import LISTS, _compute


@pytest.fixture
def schema(api, db):
    return api.read("schema/")


def test_the_schema_is_valid_openapi_3_1_without_a_warning(tmp_path, db):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_every_resource_is_described(api, schema):
    assert schema["openapi"].startswith("3.1")
    listed = {
        address.partition("/api/v1")[2]
        for name, address in api.read("").items()
        if name not in {"schema", "docs"}
    }
    described = {path.removeprefix("/api/v1") for path in schema["paths"]}
    assert described == listed | {
        *("/provinces/{slug}/", "/indicators/{code}/", "/indices/{code}/scores/", "/submissions/{id}/")
    }


@pytest.mark.parametrize("address", LISTS)
def test_an_answer_is_as_described(api, cast, schema, address):
    _compute(cast, 2)
    path = re.sub(
        r"(provinces|indicators|indices)/[^/]+/", lambda m: _with_key(m[1]), address.partition("?")[0]
    )
    described = schema["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"]
    validator = Draft202012Validator({**described["schema"], "components": schema["components"]})
    addresses = [address]
    if not path.endswith("}/"):
        addresses.append(f"{address}{'&' if '?' in address else '?'}shape=columns")
    for asked in addresses:
        validator.validate(json.loads(api.get(asked).content))


def _with_key(resource: str) -> str:
    return f"{resource}/{{{'slug' if resource == 'provinces' else 'code'}}}/"


def test_a_problem_is_as_described(api, cast, schema):
    validator = Draft202012Validator(
        {"$ref": "#/components/schemas/Problem", "components": schema["components"]}
    )
    validator.validate(api.problem("observations/?province=atlantis&what=1"))


def test_the_documentation_names_no_other_host(api, db):
    page = api.get("docs/").content.decode()
    assert "//" not in re.sub(r"<!doctype html>", "", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|style=", page)


def test_the_documentation_speaks_the_language_of_the_pages(client, db):
    address, english = "/api/v1/docs/", {"Accept-Language": "en-US,en"}
    assert "<h1>Tài liệu API</h1>" in client.get(address, headers=english).content.decode()
    client.cookies["django_language"] = "en"
    response = client.get(address, headers={"Accept-Language": "vi"})
    assert "<h1>API documentation</h1>" in response.content.decode() and "Cookie" in response["Vary"]


@pytest.mark.parametrize("address", [a for a in LISTS if "?" not in a])
def test_examples_are_rows_that_are_answered(api, cast, address):
    _compute(cast, 2)
    schema = api.read("schema/")
    path = re.sub(r"(provinces|indicators|indices)/[^/]+/", lambda m: _with_key(m[1]), address)
    body = schema["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"]
    name = body["schema"]["$ref"].rpartition("/")[2].removesuffix("Page")
    (example,) = schema["components"]["schemas"][name]["examples"]
    if path.endswith("}/"):  # one row: that of the example
        address = re.sub(r"{(\w+)}", lambda m: example[m[1]], path)
    answered = api.read(address)
    assert example in answered.get("results", [answered])
    Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": schema["components"]}
    ).validate(json.loads(json.dumps(example, default=float)))
