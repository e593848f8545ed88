#!/bin/sh
# The page's tests need Chromium and a Chinese font. As root on Debian they are installed here;
# anywhere else one command is named.
set -eu

browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
font() { command -v fc-list >/dev/null && fc-list :lang=zh | grep -q .; }

if browser >/dev/null && font; then
    exit 0
fi
install="apt-get install --yes --no-install-recommends chromium fonts-noto-cjk"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "test: installing chromium and fonts-noto-cjk for the page's tests" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet=2 >&2 && $install --quiet=2 >&2
    browser >/dev/null && font && exit 0
fi
echo "test: the page's tests need Chromium and a Chinese font. On Debian or Ubuntu run:" >&2
echo "    sudo $install" >&2
echo "elsewhere install Chromium or Google Chrome, and Noto Sans CJK." >&2
exit 1
