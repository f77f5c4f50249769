from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("services", "0002_access")]
    operations = [run_sql(__file__, "0003_merged")]
