"""Administrators put indicators into forms and people in charge of provinces: they have to see both."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

SEEN = {
    "provinces": ["province", "geography", "region", "boundarychange"],
    "indicators": ["indicator", "dimension", "source", "observation", "target", "publication", "recomputerun"],
}


def let_them_see(apps, schema_editor):
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    group, _ = Group.objects.get_or_create(name="administrators")
    for label, models in SEEN.items():
        config = apps.get_app_config(label)
        config.models_module = True  # create_permissions skips an app that has none
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
        codenames = [f"view_{model}" for model in models]
        found = Permission.objects.filter(content_type__app_label=label, codename__in=codenames)
        if found.count() != len(codenames):
            raise LookupError(f"Permissions to see are missing in {label}.")
        group.permissions.add(*found)


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0007_names"),
        ("indicators", "0001_initial"),
        ("provinces", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(let_them_see, migrations.RunPython.noop)]
