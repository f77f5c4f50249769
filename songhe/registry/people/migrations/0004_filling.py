import django.db.models.deletion
from django.db import migrations, models

from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0003_roster'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='person',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='members', to='people.household'),
        ),
        migrations.AlterField(
            model_name='person',
            name='merged_into',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='people.person'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='person_merged'),
        ),
        run_sql(__file__, '0003_filling'),
    ]
