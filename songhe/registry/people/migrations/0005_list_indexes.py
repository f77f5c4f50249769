from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_filling'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('helper_named', True)), fields=['county', 'name_sort', 'id'], name='person_helped_county'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('helper_named', True)), fields=['city', 'name_sort', 'id'], name='person_helped_city'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('living__in', ['parents', 'siblings', 'relatives', 'others', 'institution'])), fields=['county', 'living', 'name_sort', 'id'], name='person_living_county'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('living__in', ['parents', 'siblings', 'relatives', 'others', 'institution'])), fields=['city', 'living', 'name_sort', 'id'], name='person_living_city'),
        ),
    ]
