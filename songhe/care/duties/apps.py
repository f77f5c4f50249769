from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "songhe.care.duties"
    label = "duties"
    verbose_name = "职责"
