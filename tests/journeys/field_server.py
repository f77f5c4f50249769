"""The site as a process of its own that a test can kill: `python -m tests.journeys.field_server PORT`."""

import os
import sys


def main(port: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhe.config.settings")
    import django

    django.setup()
    if os.environ.get("FIELD_VERSION"):
        from songhe.doors.field import shell

        shell.version = lambda: os.environ["FIELD_VERSION"]
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_words):
            """Nothing: the test prints what matters."""

    server = ThreadedWSGIServer(("127.0.0.1", port), Quiet)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
