from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [BtreeGistExtension(), run_sql(__file__, "0001_acting_and_audit")]
