"""A page that has come to rest: what it was about to do by itself is done and drawn."""

from playwright.sync_api import Page

RESTED = """async () => {
    const task = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const isBusy = () => document.querySelector('[aria-busy=true], p[role=status]') !== null;
    const isEndless = ({ effect }) => effect.getComputedTiming().endTime === Infinity;
    // An effect may begin another, which is drawn a frame later.
    for (let still = 0; still < 5; still = isBusy() ? 0 : still + 1) {
        await task();
        const moving = document.getAnimations().filter((one) => !isEndless(one));
        await Promise.allSettled(moving.map((one) => one.finished));
    }
}"""


def rest(page: Page) -> None:
    """Wait until nothing is being loaded, faded in or drawn."""
    page.evaluate(RESTED)
