"""HTML pages: plain templates, escaped by default, without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jinja2
from fastapi import Request, Response

from pactgraph.web import urls
from pactgraph.web.offers import HTML
from pactgraph.web.representations import represent

# The browser loads our one stylesheet and sends forms back to us; there are no scripts, images or frames.
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

Page = Callable[..., Response]


def page_renderer() -> Page:
    """Return ``render(request, template, revision=…, **values)``, which answers with a page or with 304."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pactgraph.web"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["urls"] = urls

    def render(request: Request, template: str, *, revision: int, **values: Any) -> Response:  # noqa: ANN401 - whatever the template shows
        body = environment.get_template(template).render(revision=revision, **values).encode()
        return represent(request, body, HTML, revision=revision, headers={"Content-Security-Policy": _POLICY})

    return render
