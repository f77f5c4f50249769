from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("visits", "0009_enclosures_access"), ("people", "0011_family_files")]
    operations = [run_sql(__file__, "0010_family_files")]
