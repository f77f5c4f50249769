from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    name = "songhe.oversight.programmes"
    label = "programmes"
    verbose_name = "工程"

    def ready(self):
        from songhe.oversight.programmes import care_figures, register_figures

        care_figures.register()
        register_figures.register()
