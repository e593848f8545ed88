"""What the files of the page promise without being run."""

import hashlib
import json
import re
from pathlib import Path

import pytest

import telltale.server

STATIC = Path(telltale.server.__file__).parent / "ui" / "static"
VENDOR = json.loads((STATIC / "vendor" / "manifest.json").read_text())
MODULES = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js"))
OURS = [name for name in MODULES if not name.startswith("vendor/")]
INDEX = (STATIC / "index.html").read_text()


@pytest.mark.parametrize("entry", VENDOR, ids=lambda entry: entry["file"])
def test_vendored_files_are_what_the_manifest_says(entry):
    assert (
        hashlib.sha256((STATIC / "vendor" / entry["file"]).read_bytes()).hexdigest()
        == entry["sha256"]
    )
    assert (STATIC / "vendor" / entry["licence_file"]).read_text().strip()
    assert {"name", "version", "licence", "origin"} <= entry.keys()


def test_every_vendored_file_is_in_the_manifest():
    listed = {entry[key] for entry in VENDOR for key in ("file", "licence_file")}
    assert {path.name for path in (STATIC / "vendor").iterdir()} == listed | {"manifest.json"}


def test_every_module_is_preloaded_and_every_preload_exists():
    preloaded = re.findall(r'modulepreload" href="\./ui/__BUILD__/([^"]+)"', INDEX)
    assert sorted([*preloaded, "main.js"]) == MODULES


def test_every_style_sheet_is_linked():
    linked = re.findall(r'stylesheet" href="\./ui/__BUILD__/([^"]+)"', INDEX)
    assert sorted(linked) == sorted(
        path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.css")
    )


@pytest.mark.parametrize("name", OURS)
def test_imports_name_files_that_exist_or_the_import_map(name):
    mapped = json.loads(re.search(r'importmap">(.+?)</script>', INDEX, re.DOTALL)[1])["imports"]
    for wanted in re.findall(r'from "([^"]+)"', (STATIC / name).read_text()):
        if wanted.startswith("."):
            assert ((STATIC / name).parent / wanted).resolve().is_file(), wanted
        else:
            assert wanted in mapped


@pytest.mark.parametrize(
    "name", [*OURS, *(p.relative_to(STATIC).as_posix() for p in STATIC.rglob("*.css"))]
)
def test_files_are_small_and_say_what_they_are(name):
    text = (STATIC / name).read_text()
    assert text.startswith("/* ")
    # The message table is one by rule, and grows with the page.
    assert len(text.splitlines()) <= (800 if name == "messages.js" else 400)


def table(language: str) -> dict[str, str]:
    """One language of the message table."""
    text = (STATIC / "messages.js").read_text()
    block = re.search(rf"const {language} = \{{(.+?)^\}};", text, re.DOTALL | re.MULTILINE)[1]
    return dict(re.findall(r'^  "([^"]+)": "((?:[^"\\]|\\.)*)",$', block, re.MULTILINE))


def test_every_message_exists_in_both_languages_with_the_same_values():
    english, chinese = table("en"), table("zh")
    assert english.keys() == chinese.keys()
    assert len(english) > 100
    for key, message in english.items():
        assert set(re.findall(r"\{\w+\}", message)) == set(re.findall(r"\{\w+\}", chinese[key])), (
            key
        )


def test_every_message_that_is_used_exists_and_every_one_that_exists_is_used():
    code = "".join((STATIC / name).read_text() for name in OURS if name != "messages.js")
    whole = set(re.findall(r'\b(?:t|known)\(\s*"([^"]+)"', code)) | set(
        re.findall(r'"((?:[a-z]+\.)+[a-zA-Z.]+)"', code)
    )
    stems = tuple(set(re.findall(r"\b(?:t|known)\(`([^$`]+)\$\{", code)))
    keys = table("en").keys()
    assert set(re.findall(r'\b(?:t|known)\(\s*"([^"]+)"', code)) - keys == set()
    assert {key for key in keys if key not in whole and not key.startswith(stems)} == set()


@pytest.mark.parametrize(
    "name", [name for name in OURS if name.split("/")[0] in ("views", "widgets")]
)
def test_no_text_stands_outside_the_message_table(name):
    code = re.sub(
        r"/\*.*?\*/|^\s*//.*$", "", (STATIC / name).read_text(), flags=re.DOTALL | re.MULTILINE
    )
    templates = "\n".join(re.findall(r"html`(.*?)`", code, re.DOTALL))
    words = [
        word for word in re.findall(r">\s*([A-Za-z][A-Za-z ]{2,})\s*<", templates) if word != "html"
    ]
    labels = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"$]*[A-Za-z][^"$]*)"', templates)
    assert words + labels == []


def test_no_style_is_written_inline_in_the_index():
    assert " style=" not in INDEX and "<style" not in INDEX
    assert re.findall(r"https?://", INDEX) == []
