"""The administration: everything can be looked at and found without accents, nothing changed by hand."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse

from indicators.models import Observation
from tests.cast import make_cast, state

pytestmark = pytest.mark.django_db
LISTS = [
    *("provinces_province", "provinces_geography", "provinces_region", "provinces_boundarychange"),
    *("indicators_indicator", "indicators_dimension", "indicators_source", "indicators_observation"),
    *("indicators_target", "indicators_publication", "indicators_recomputerun"),
]


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def browser(client):
    client.force_login(User.objects.create_superuser("quan-tri"))
    return client


def listed(browser, name, **query):
    answer = browser.get(reverse(f"admin:{name}_changelist"), query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def test_every_list_and_every_page_opens(browser, cast):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3", as_stated="92,3%")
    for name in LISTS:
        for row in listed(browser, name):
            page = browser.get(reverse(f"admin:{name}_change", args=[row.pk]))
            assert page.status_code == 200
            assert not page.context["has_change_permission"]


def test_nothing_can_be_added_or_deleted(browser, cast):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    observation = Observation.objects.get()
    assert browser.get(reverse("admin:indicators_observation_add")).status_code == 403
    delete = reverse("admin:indicators_observation_delete", args=[observation.pk])
    assert browser.post(delete, {"post": "yes"}).status_code == 403
    change = reverse("admin:indicators_observation_change", args=[observation.pk])
    assert browser.post(change, {"value": "1"}).status_code == 403


@pytest.mark.parametrize("term", ["dien bien", "Điện Biên", "DIEN", "bien 2020"])
def test_a_fact_is_found_without_accents(browser, cast, term):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3")
    state(cast, cast.dien_bien, cast.on_time, "2020", "80")
    assert [row.province for row in listed(browser, "indicators_observation", q=term)] == [cast.dien_bien]


def test_provinces_and_sources_are_found_without_accents(browser, cast):
    assert {row.slug for row in listed(browser, "provinces_province", q="tuyen")} == {
        "tuyen-quang", "tuyen-quang-2025",
    }  # fmt: skip
    assert listed(browser, "indicators_source", q="bao cao tinh") == [cast.report]
    assert len(listed(browser, "provinces_province", geography="34")) == 3


def test_the_list_shows_current_rows_and_a_page_every_version(browser, cast):
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "92.3", as_stated="92,3%")
    state(cast, cast.ha_giang, cast.on_time, "2021-H1", "93", as_stated="93%")
    current = Observation.objects.current().get()
    assert listed(browser, "indicators_observation") == [current]
    assert listed(browser, "indicators_observation", version="superseded") == [current.supersedes]
    assert len(listed(browser, "indicators_observation", version="all")) == 2
    page = browser.get(reverse("admin:indicators_observation_change", args=[current.pk])).content.decode()
    assert "92,3%" in page
    assert "93%" in page


def test_a_longer_list_takes_no_more_queries(browser, cast, django_assert_max_num_queries):
    for year in range(2000, 2020):
        state(cast, cast.ha_giang, cast.on_time, str(year), "92.3")
        state(cast, cast.dien_bien, cast.on_time, str(year), "90")
    for name in LISTS:
        with django_assert_max_num_queries(12):
            listed(browser, name)


def test_all_models_that_a_person_may_ask_about_are_there():
    registered = {model._meta.label_lower.replace(".", "_") for model in admin.site._registry}
    assert set(LISTS) <= registered
