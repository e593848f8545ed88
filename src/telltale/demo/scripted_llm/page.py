"""The few web pages that the web tool reads, served from the same address."""

from html import escape

from telltale.demo.scripted_llm.call import Call
from telltale.demo.scripted_llm.reply import Reply
from telltale.demo.texts import TEXTS, Page

PAGES = {page.path: page for text in TEXTS.values() for page in text.pages}
HTML = "text/html; charset=utf-8"


def answer_page(path: str) -> Reply:
    """A page, the list of them at `/pages/`, or a 404 in HTML as from any web server."""
    if path.rstrip("/") == "/pages":
        links = "".join(
            f'<li><a href="{p}">{escape(page.title)}</a></li>' for p, page in PAGES.items()
        )
        return _html(path, "Pages", f"<ul>{links}</ul>", "en")
    page = PAGES.get(path)
    if page is None:
        return _html(path, "Not found", f"<p>No page {escape(path)}</p>", "en", status=404)
    return _html(path, page.title, _paragraphs(page), path.split("/")[2])


def _paragraphs(page: Page) -> str:
    return "\n".join(f"<p>{escape(text)}</p>" for text in page.paragraphs)


def _html(path: str, title: str, inside: str, lang: str, status: int = 200) -> Reply:
    document = (
        f'<!doctype html>\n<html lang="{lang}">\n<head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>\n{inside}\n</body>\n</html>\n"
    )
    call = Call(path=path, kind="page", status=status)
    return Reply(call=call, status=status, content_type=HTML, body=document.encode())
