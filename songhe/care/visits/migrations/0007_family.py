from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("visits", "0006_sheets_access"), ("people", "0007_family_access")]
    operations = [run_sql(__file__, "0007_family")]
