"""The page: files read once, compressed once, served from memory.

The assets stand under a hash of the whole folder, so that a browser may keep them for ever and
never mixes two versions. `index.html` names them by `__BUILD__` and is asked for each time.
"""

import base64
import gzip
import hashlib
import mimetypes
import re
from pathlib import Path

import msgspec

STATIC = Path(__file__).parent / "ui" / "static"
BUILD = b"__BUILD__"
_INLINE = re.compile(rb"<script[^>]*>(.*?)</script>", re.DOTALL)
_SMALLEST_GZIP_BYTES = 512
_MEDIA_TYPES = {
    # The platform's table may call JavaScript text/plain, which a browser then refuses to run.
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".woff2": "font/woff2",
}


class Asset(msgspec.Struct, frozen=True):
    """A file as it is sent."""

    body: bytes
    packed: bytes | None
    """gzip; None where that would not be smaller."""
    media: str


class Page(msgspec.Struct, frozen=True):
    """Everything that a browser gets before it asks for data."""

    build: str
    index: Asset | None
    """None where this installation has no page."""
    policy: str
    """Content-Security-Policy of the index."""
    assets: dict[str, Asset]
    """By path within the folder."""


def load_page(folder: Path = STATIC) -> Page:
    """Read the page's folder; an empty or missing one is a server without a page."""
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.parts[-2:])
    }
    build = _build(files)
    html = files.pop("index.html", None)
    if html is None:
        return Page(build, None, "", {})
    html = html.replace(BUILD, build.encode())
    return Page(
        build=build,
        index=_asset("index.html", html),
        policy=content_policy(html),
        assets={name: _asset(name, body) for name, body in files.items()},
    )


def content_policy(html: bytes) -> str:
    """Nothing from anywhere but this server, and no inline script but those that stand here."""
    inline = " ".join(f"'sha256-{_digest(script)}'" for script in _INLINE.findall(html) if script)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {inline}".rstrip(),
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "font-src 'self'",
            # The page may name the path that a proxy mounts it under.
            "base-uri 'self'" if b"<base " in html else "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'none'",
        )
    )


def _build(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, body in files.items():
        digest.update(f"{name}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()[:12]


def _asset(name: str, body: bytes) -> Asset:
    suffix = Path(name).suffix
    media = _MEDIA_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzip.compress(body, 9, mtime=0) if len(body) >= _SMALLEST_GZIP_BYTES else None
    return Asset(body, packed if packed and len(packed) < len(body) else None, media)


def _digest(script: bytes) -> str:
    return base64.b64encode(hashlib.sha256(script).digest()).decode()
