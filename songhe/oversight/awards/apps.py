from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "songhe.oversight.awards"
    label = "awards"
    verbose_name = "考评与评选"
