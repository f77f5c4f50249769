from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "songhe.registry.places"
    label = "places"
    verbose_name = "地点"
