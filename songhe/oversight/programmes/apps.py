from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "songhe.oversight.programmes"
    label = "programmes"
    verbose_name = "工程"
