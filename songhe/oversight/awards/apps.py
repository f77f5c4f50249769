from django.apps import AppConfig


class AwardsConfig(AppConfig):
    name = "songhe.oversight.awards"
    label = "awards"
    verbose_name = "考评与评选"

    def ready(self):
        from songhe.oversight.awards import figures
        from songhe.oversight.programmes.figures import add_source

        add_source("awards", figures.chosen, figures.rows)
