from django.db import migrations

from songhe.core.rls import protect


class Migration(migrations.Migration):
    dependencies = [("drafts", "0001_initial"), ("people", "0002_access")]
    operations = [protect("drafts_noticedraft"), protect("drafts_ruling")]
