from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "songhe.doors.api"
    label = "api"
    verbose_name = "接口"
