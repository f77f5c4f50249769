"""The pages that refuse: what, why, what to do."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import get_template


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    return render(request, "403.html", {"refusal": exception}, status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    """Renders with nothing from the request: whatever broke may break again."""
    return HttpResponse(get_template("500.html").render({}), status=500)


def refused(request, refusal, status=400):
    """A Refusal raised by an action or a query, as a page in the reader's language."""
    return render(request, "400.html", {"refusal": refusal}, status=status)


class RefusalMiddleware:
    """Turns a Refusal that a view did not handle into its page; the transaction is rolled back by the acting middleware."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        from songhe.core.problem import Refused
        from songhe.core.refusal import Refusal

        if isinstance(exception, Refusal | Refused):
            request.undo = True
            return refused(request, exception)
        return None
