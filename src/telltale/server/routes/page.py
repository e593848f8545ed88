"""The page and its files."""

from starlette.responses import Response

from telltale.nouns.errors import NotFound
from telltale.server.page import Asset
from telltale.server.resources import Resources
from telltale.server.route import Call

HTML = "text/html"
ANY_MEDIA = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"


def show_page(resources: Resources, call: Call) -> Response:
    """The page; it reads from the address what to show."""
    page = resources.page
    if page.index is None:
        raise NotFound(
            "this installation has no page: index.html is missing from telltale/server/ui/static; "
            "install Telltale anew, or use `telltale traces list`",
            remedy="install Telltale anew, or use `telltale traces list`",
        )
    headers = {
        "Content-Security-Policy": page.policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return _send(page.index, call, headers)


def show_asset(resources: Resources, call: Call) -> Response:
    """A file of the page; under its build's name it never changes."""
    page = resources.page
    asset = page.assets.get(call.path["file"]) if call.path["build"] == page.build else None
    if asset is None:
        raise NotFound(
            f"file {call.path['file']!r} of page {call.path['build']!r}: not served here; this "
            f"server's page is {page.build!r}; load the page again",
            given=call.path["file"],
            remedy="load the page again",
        )
    return _send(asset, call, {"Cache-Control": FOR_EVER})


def _send(asset: Asset, call: Call, headers: dict[str, str]) -> Response:
    body = asset.body
    if asset.packed is not None and "gzip" in call.headers.get("accept-encoding", ""):
        body = asset.packed
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(body, media_type=asset.media, headers=headers)
