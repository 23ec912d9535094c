"""Who reports for which province. Reviewers and administrators are Django groups (docs/decisions)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from provinces.models import Province


class ProvinceAssignment(models.Model):
    """A person's part in one province: staff fill the form, a leader fills and submits it."""

    class Role(models.TextChoices):
        STAFF = "staff", _("province staff")
        LEADER = "leader", _("province leader")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="province_assignments", verbose_name=_("user")
    )
    province = models.ForeignKey(
        Province, models.PROTECT, related_name="assignments", verbose_name=_("province")
    )
    role = models.CharField(_("role"), max_length=6, choices=Role.choices, default=Role.STAFF)

    class Meta:
        ordering = ["province", "user"]
        verbose_name = _("province assignment")
        verbose_name_plural = _("province assignments")
        constraints = [models.UniqueConstraint(fields=["user", "province"], name="assignment_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.province} · {self.get_role_display()}"
