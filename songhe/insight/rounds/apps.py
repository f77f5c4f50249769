from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "songhe.insight.rounds"
    label = "rounds"
    verbose_name = "排班"
