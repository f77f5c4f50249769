from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("meals", "0003_family"), ("people", "0011_family_files")]
    operations = [run_sql(__file__, "0004_family_files")]
