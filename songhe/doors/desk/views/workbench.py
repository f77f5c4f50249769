"""工作台: what I must do today, then my area's lights, then short cuts. Each number opens exactly the rows it counts."""

from django.shortcuts import redirect, render

from songhe.doors.desk.scope import scope_of
from songhe.doors.desk.views.indicators import shown
from songhe.insight.indicators import queries
from songhe.registry.accounts.access import door


@door("signed-in")
def index(request):
    post = request.post
    if post.may("audit.view"):
        return redirect("audit")
    if post.may("accounts.manage"):
        return redirect("accounts")
    request.scope = scope = scope_of(request)
    lights = []
    if post.may("indicators.view"):
        lights = [shown(f, scope) for f in queries.scoreboard(scope.place, scope.period, post=post)]
    return render(request, "desk/workbench.html", {"lights": lights})
