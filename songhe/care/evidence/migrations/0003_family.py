from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("evidence", "0002_access"), ("services", "0003_family")]
    operations = [run_sql(__file__, "0003_family")]
