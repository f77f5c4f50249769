from django.apps import AppConfig


class FacilitiesConfig(AppConfig):
    name = "songhe.registry.facilities"
    label = "facilities"
    verbose_name = "机构设施"
