"""Pages of the API for the staff, below /quan-tri/api/."""

from django.urls import path

from api import token_pages, webhook_pages

app_name = "api-staff"
urlpatterns = [
    path("khoa/", token_pages.tokens, name="tokens"),
    path("webhook/", webhook_pages.webhooks, name="webhooks"),
    path("webhook/<int:pk>/", webhook_pages.change, name="webhook"),
    path("khoa/<int:pk>/thu-hoi/", token_pages.revoke, name="revoke"),
]
