from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "songhe.care.visits"
    label = "visits"
    verbose_name = "探访"
