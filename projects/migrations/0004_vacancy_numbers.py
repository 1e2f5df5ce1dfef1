import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0003_daily_allowance'),
    ]

    operations = [
        migrations.AddField(
            model_name='ruleset',
            name='vacancy_answer_hours',
            field=models.PositiveSmallIntegerField(default=72, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(336)], verbose_name='결원 제안 응답 기간(시간)'),
        ),
        migrations.AddField(
            model_name='ruleset',
            name='vacancy_mode',
            field=models.CharField(choices=[('chain', '연쇄 충원: 배치된 사람도 더 희망한 자리로 옮길 수 있음'), ('fill', '미배치자 충원: 자리가 없는 사람에게만 제안')], default='chain', max_length=5, verbose_name='결원 충원 방식(시작 전)'),
        ),
    ]
