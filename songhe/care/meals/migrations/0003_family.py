from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("meals", "0002_access"), ("people", "0009_family_services")]
    operations = [run_sql(__file__, "0003_family")]
