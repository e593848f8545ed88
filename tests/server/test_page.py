"""The page: one file at every address of its own, assets that never change, nothing foreign."""

import base64
import gzip
import hashlib
import re

import httpx2
import pytest

from telltale.server.page import STATIC, content_policy, load_page

INLINE = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    """A small page."""
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "tree.js").write_text("export const x = 1;\n" * 100)
    (tmp_path / "tokens.css").write_text("a{}")
    (tmp_path / "index.html").write_text(
        '<link href="/ui/__BUILD__/tokens.css">'
        '<script type="importmap">{"imports":{"x":"/ui/__BUILD__/core/tree.js"}}</script>'
        '<script type="module" src="/ui/__BUILD__/core/tree.js"></script>'
    )
    return tmp_path


@pytest.mark.parametrize("path", ["/", "/traces", f"/traces/{'1' * 32}", "/traces/tr-x?a=b"])
def test_every_address_of_the_page_is_the_page(http, path):
    answer = http.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "__BUILD__" not in re.sub(r"<!--.*?-->", "", answer.text, flags=re.DOTALL)


def test_the_policy_lets_in_nothing_but_this_server(http):
    answer = http.get("/")

    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";")
    )
    script = INLINE.search(answer.text).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy.pop("script-src") == f"'self' 'sha256-{digest}'"
    assert policy.pop("base-uri") in ("'none'", "'self'")
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "font-src": "'self'",
        "frame-ancestors": "'none'",
        "form-action": "'none'",
    }


def test_every_file_that_the_page_names_is_there(http):
    html = http.get("/").text
    named = set(re.findall(r'"\.?/?(ui/[0-9a-f]{12}/[^"]*?\.(?:js|css|svg))"', html))

    assert named
    for path in named:
        answer = http.get(f"/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_assets_are_compressed_once_and_sent_to_who_can_read_them(server):
    build = load_page().build
    url = f"{server.base_url}/ui/{build}/vendor/preact.js"
    plain = httpx2.get(url, headers={"Accept-Encoding": "identity"})
    with httpx2.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as packed:
        body = b"".join(packed.iter_raw())

    assert plain.content == (STATIC / "vendor/preact.js").read_bytes()
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/ui/000000000000/app.js", "/ui/{build}/none.js", "/ui/{build}/../../page.py"]
)
def test_a_file_of_another_build_is_not_found_and_not_kept(http, path):
    answer = http.get(path.format(build=load_page().build))

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


def test_the_build_changes_with_any_file_and_with_nothing_else(folder):
    before = load_page(folder).build
    assert load_page(folder).build == before

    (folder / "tokens.css").write_text("b{}")

    assert load_page(folder).build != before


def test_the_build_stands_wherever_the_page_names_it(folder):
    page = load_page(folder)

    assert page.index.body.count(page.build.encode()) == 3
    assert set(page.assets) == {"core/tree.js", "tokens.css"}
    assert gzip.decompress(page.assets["core/tree.js"].packed) == page.assets["core/tree.js"].body
    assert page.assets["tokens.css"].packed is None


def test_only_scripts_that_stand_in_the_page_are_in_the_policy():
    html = b'<script src="a.js"></script>\n<script>1</script><script src="b.js"></script>'

    digest = base64.b64encode(hashlib.sha256(b"1").digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in content_policy(html)
    assert content_policy(html).count("sha256") == 1


def test_a_folder_without_a_page_is_a_server_without_one(tmp_path):
    assert load_page(tmp_path / "none").index is None
