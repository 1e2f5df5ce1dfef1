import django.core.validators
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_first")]

    operations = [
        migrations.AddField(
            model_name="ruleset",
            name="ranking_days",
            field=models.PositiveSmallIntegerField(
                default=3,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="희망순위 제출 시작과 마감 사이(일, 이상)",
            ),
        ),
        migrations.AddField(
            model_name="ruleset",
            name="interview_least_multiple",
            field=models.PositiveSmallIntegerField(
                default=3, verbose_name="권장 면접 인원(모집 인원의 배수)"
            ),
        ),
        migrations.AddField(
            model_name="ruleset",
            name="interview_most_multiple",
            field=models.PositiveSmallIntegerField(
                default=5,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="최대 면접 인원(모집 인원의 배수)",
            ),
        ),
        migrations.AddField(
            model_name="ruleset",
            name="interviews_per_trainee",
            field=models.PositiveSmallIntegerField(
                default=5,
                validators=[django.core.validators.MinValueValidator(1)],
                verbose_name="한 사람이 공고마다 볼 수 있는 면접(번)",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.CheckConstraint(
                name="rule_set_interviews_in_order",
                condition=Q(
                    interview_most_multiple__gte=1,
                    interview_least_multiple__lte=F("interview_most_multiple"),
                    interviews_per_trainee__gte=1,
                ),
                violation_error_message="권장 면접 인원은 최대 면접 인원보다 클 수 없습니다.",
            ),
        ),
    ]
