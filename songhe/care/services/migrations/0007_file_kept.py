from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("services", "0006_family_cancels"), ("people", "0011_family_files")]
    operations = [run_sql(__file__, "0007_file_kept")]
