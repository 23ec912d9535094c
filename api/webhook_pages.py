"""The page on which a member of the staff subscribes a system of hers to the change feed."""

from __future__ import annotations

from django.contrib import admin, messages
from django.contrib.admin.views.decorators import staff_member_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from api.models import Delivery, Subscriber
from api.webhook_sending import BadAddress
from api.webhooks import resume, subscribe, unsubscribe

_MOST = 10  # of one person
_SHOWN = 10  # deliveries
_SENTENCES = {
    "not_https": gettext_noop("Give an address that begins with https:// and has no user name in it."),
    "not_public": gettext_noop("This address leads into a private network: give a public one."),
    "unknown_host": gettext_noop("Nobody knows a host of this name."),
    "timed_out": gettext_noop("No answer within the time that there is."),
    "bad_certificate": gettext_noop("The certificate of the address is not to be trusted."),
    "no_tls": gettext_noop("Whoever answers there speaks no HTTPS."),
    "no_connection": gettext_noop("There is no connection to the address."),
}


@staff_member_required(login_url="admin:login")
@never_cache
@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """The owner's subscribers and their last deliveries; a POST makes one and shows its secret, this once."""
    own = Subscriber.objects.filter(owner=request.user)
    problem, made = "", None
    name, address = (request.POST.get(field, "").strip() for field in ("name", "address"))
    if request.method == "POST":
        try:
            problem = _missing(name, address, own.count())
            if not problem:
                made = subscribe(owner=request.user, name=name, address=address)  # type: ignore[arg-type]
        except BadAddress as bad:
            problem = _(_SENTENCES[bad.code])
    newest = Prefetch("deliveries", Delivery.objects.order_by("-pk"), to_attr="log")
    subscribers = list(own.prefetch_related(newest))
    for one in subscribers:
        one.shown = [(delivery, _words(delivery)) for delivery in one.log[:_SHOWN]]
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "title": _("Webhooks"),
        "subscribers": subscribers,
        "made": made,
        "problem": problem,
        "typed": {} if made else {"name": name, "address": address},
    }
    return render(request, "api/webhooks.html", context, status=400 if problem else 200)


@staff_member_required(login_url="admin:login")
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    subscriber = get_object_or_404(Subscriber, pk=pk, owner=request.user)
    if request.POST.get("action") == "resume":
        resume(subscriber=subscriber)
        messages.success(request, _("“%(name)s” goes on where it was left.") % {"name": subscriber.name})
    else:
        unsubscribe(subscriber=subscriber)
        messages.success(request, _("“%(name)s” is told of nothing any more.") % {"name": subscriber.name})
    return redirect("api-staff:webhooks")


def _words(delivery: Delivery) -> str:
    """What went wrong; empty where nothing did. How an answer begins is shown as it is."""
    code, _colon, details = delivery.error.partition(": ")
    if delivery.status is not None or code not in _SENTENCES:
        return delivery.error
    return f"{_(_SENTENCES[code])} {details}".strip()


def _missing(name: str, address: str, count: int) -> str:
    if not 0 < len(name) <= 100 or not 0 < len(address) <= 500 or "\x00" in name + address:
        return _("Give a name and an address.")
    if count >= _MOST:
        return _("You have %(count)s webhooks already: remove one first.") % {"count": _MOST}
    return ""
