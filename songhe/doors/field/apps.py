from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "songhe.doors.field"
    label = "field"
    verbose_name = "手机页"
