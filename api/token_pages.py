"""The page on which a member of the staff makes tokens for programs of hers, and takes them back."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from api.models import Token
from api.tokens import make_token, revoke_token

_MOST = 20  # valid tokens of one person
_LIFETIMES = (30, 90, 365)


class TokenForm(forms.Form):
    name = forms.CharField(max_length=100, strip=True)
    scopes = forms.MultipleChoiceField(choices=Token.Scope.choices)
    days = forms.TypedChoiceField(choices=[(days, days) for days in _LIFETIMES], coerce=int)
    sentences = {
        "name": gettext_lazy("Give the token a name: the program that will use it."),
        "scopes": gettext_lazy("Say what the token may do."),
        "days": gettext_lazy("Choose how long the token is valid."),
    }

    @property
    def problems(self) -> list[str]:
        return [str(self.sentences[name]) for name in self.errors]


@staff_member_required(login_url="admin:login")
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The owner's tokens; a POST makes one and shows its secret, this once."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    problems, secret = [], ""
    own = Token.objects.filter(user=request.user)
    if form.is_bound and not form.is_valid():
        problems = form.problems
    elif form.is_bound and sum(token.state == "valid" for token in own) >= _MOST:
        problems = [_("You have %(count)s tokens already: revoke one first.") % {"count": _MOST}]
    elif form.is_bound:
        _token, secret = make_token(user=request.user, **form.cleaned_data)  # type: ignore[arg-type]
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "title": _("API tokens"),
        "tokens": own.all(),
        "scopes": Token.Scope.choices,
        "lifetimes": [(days, ngettext("%(n)s day", "%(n)s days", days) % {"n": days}) for days in _LIFETIMES],
        "secret": secret,
        "problems": problems,
        "typed": {} if secret else form.data,
        "chosen": form.data.getlist("scopes") if form.is_bound and not secret else [Token.Scope.READ],
    }
    return render(request, "api/tokens.html", context, status=400 if problems else 200)


@staff_member_required(login_url="admin:login")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(Token, pk=pk, user=request.user)
    revoke_token(token=token)
    messages.success(request, _("The token “%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect("api-staff:tokens")
