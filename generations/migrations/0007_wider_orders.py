"""The indexes that lists are sorted by know what a list may be narrowed by: what is left out is not read."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_teams'),
        ('generations', '0006_search'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='job',
            name='job_stars',
        ),
        migrations.RemoveIndex(
            model_name='job',
            name='job_durations',
        ),
        migrations.RemoveIndex(
            model_name='job',
            name='job_prices',
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('stars__gt', 0)), fields=['owner', '-stars', '-id', 'position', 'kind', 'state', 'provider', 'model', 'aspect', 'is_favourite', 'colour', 'review', 'has_seed', 'has_input', 'deleted_at'], name='job_stars'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('seconds__gt', 0)), fields=['owner', '-seconds', '-id', 'kind', 'state', 'provider', 'model', 'aspect', 'stars', 'is_favourite', 'colour', 'review', 'has_seed', 'has_input', 'deleted_at'], name='job_durations'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('deleted_at__isnull', True), ('price__gt', 0)), fields=['owner', 'price_unit', '-price', '-id', 'kind', 'state', 'provider', 'model', 'aspect', 'stars', 'is_favourite', 'colour', 'review', 'has_seed', 'has_input', 'deleted_at'], name='job_prices'),
        ),
    ]
