import django.db.models.deletion
from django.db import migrations, models

import songhe.registry.people.rules
from songhe.core.sqlfile import run_sql


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_access'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='importbatch',
            name='warnings',
            field=models.JSONField(default=list, help_text='[{row, column, reason, reason_en}]', verbose_name='提醒'),
        ),
        migrations.AddField(
            model_name='lifeevent',
            name='detail',
            field=models.JSONField(default=dict, help_text='迁居前后的村（社区）等，供撤销'),
        ),
        migrations.AlterField(
            model_name='circumstanceevent',
            name='batch',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.importbatch'),
        ),
        migrations.AlterField(
            model_name='circumstanceevent',
            name='city',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='places.place'),
        ),
        migrations.AlterField(
            model_name='circumstanceevent',
            name='county',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='places.place'),
        ),
        migrations.AlterField(
            model_name='circumstanceevent',
            name='person',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.person'),
        ),
        migrations.AlterField(
            model_name='circumstanceevent',
            name='town',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='places.place'),
        ),
        migrations.AlterField(
            model_name='circumstanceevent',
            name='village',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='places.place'),
        ),
        migrations.AlterField(
            model_name='person',
            name='household',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='members', to='people.household'),
        ),
        migrations.AlterField(
            model_name='person',
            name='name_sort',
            field=models.CharField(db_collation='C', editable=False, max_length=240),
        ),
        migrations.AlterField(
            model_name='person',
            name='uid',
            field=models.UUIDField(default=songhe.registry.people.rules.new_uid, editable=False, unique=True),
        ),
        migrations.AlterField(
            model_name='person',
            name='village',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.place', verbose_name='村（社区）'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='batch',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.importbatch'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='city',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='places.place'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='county',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='places.place'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.household'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='hukou_place',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='places.place'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='merged_into',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='people.person'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='town',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='places.place'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='uid',
            field=models.UUIDField(default=songhe.registry.people.rules.new_uid, editable=False),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='village',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='places.place'),
        ),
        migrations.AddIndex(
            model_name='circumstanceevent',
            index=models.Index(fields=['person', 'pgh_created_at'], name='circumstanceevent_person'),
        ),
        migrations.AddIndex(
            model_name='lifeevent',
            index=models.Index(fields=['recorded_at'], name='life_event_recorded'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('ability_level__isnull', False)), fields=['county', 'ability_level', 'name_sort', 'id'], name='person_ability_county'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('ability_level__isnull', False)), fields=['city', 'ability_level', 'name_sort', 'id'], name='person_ability_city'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('ability_due__isnull', False)), fields=['county', 'ability_due'], name='person_due_county'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('ability_due__isnull', False)), fields=['city', 'ability_due'], name='person_due_city'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('status', 'living'), _negated=True), fields=['county', 'status', 'name_sort', 'id'], name='person_status_county'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('status', 'living'), _negated=True), fields=['city', 'status', 'name_sort', 'id'], name='person_status_city'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('household__isnull', False)), fields=['household'], name='person_household'),
        ),
        migrations.AddIndex(
            model_name='personevent',
            index=models.Index(fields=['id', 'pgh_created_at'], name='personevent_person'),
        ),
        run_sql(__file__, '0002_roster'),
    ]
