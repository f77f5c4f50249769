from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("bulletins", "0001_initial"), ("core", "0002_acting_and_audit")]
    operations = [run_sql(__file__, "0001_bulletins")]
