from django.db import migrations

from songhe.core.rls import protect
from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):
    dependencies = [("duties", "0001_initial"), ("people", "0002_access")]
    operations = [
        protect("duties_duty", "person_id"),
        protect("duties_excuse", "person_id"),
        protect("duties_assignment", "person_id"),
        protect("duties_tally"),
        # The tally changes every row a few times: room on each page keeps those updates off the indexes.
        migrations.RunSQL(
            "ALTER TABLE duties_duty SET (fillfactor = 75); ALTER TABLE duties_tally SET (fillfactor = 75)",
            migrations.RunSQL.noop,
        ),
        run_sql(__file__, "0001_duties"),
    ]
