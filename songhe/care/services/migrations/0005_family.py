from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("services", "0004_light_policies"), ("people", "0009_family_services")]
    operations = [run_sql(__file__, "0005_family")]
