from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        from api.written import define_row_text

        post_migrate.connect(define_row_text, sender=self, dispatch_uid="define_row_text")
