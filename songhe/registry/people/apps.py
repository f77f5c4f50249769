from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "songhe.registry.people"
    label = "people"
    verbose_name = "老年人"
