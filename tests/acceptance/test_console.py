"""The console in Debian's Chromium, on the whole stack: what somebody does there, on a phone too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
PATIENCE_MS = 300_000
SEEK_AND_WAIT = """(stage, at) => new Promise((done) => {
  const [footage, output] = stage.querySelectorAll(".footage video, .output video");
  footage.addEventListener("seeked", () => done(footage.currentTime), { once: true });
  output.currentTime = at;
})"""
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@dataclass
class Console:
    """A tab on the console. `complaints` are what the browser's own console has to say, refused requests aside."""

    page: Page
    home: str
    complaints: list[str]

    def go(self, view: str) -> None:
        self.page.goto(f"{self.home}/#{view}")
        expect(self.page.locator("h1")).to_be_visible()


@pytest.fixture(scope="module")
def open_console(browser, stack):
    """Opens a tab that has the token; every tab is closed at the end, and none may have complained."""
    opened = []

    def open_tab(token: str | None = None, size=DESKTOP, scheme="light") -> Console:
        context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        context.add_init_script(f"sessionStorage.setItem('clipzy-token', '{token or stack.token}')")
        opened.append(tab(context.new_page(), stack))
        return opened[-1]

    yield open_tab
    for console in opened:
        console.page.context.close()
        assert console.complaints == []


def tab(page: Page, stack) -> Console:
    console = Console(page, f"http://127.0.0.1:{stack.port}", [])
    page.on("pageerror", lambda error: console.complaints.append(str(error)))
    page.on(
        "console",
        lambda said: said.type == "error" and is_complaint(said.text) and console.complaints.append(said.text),
    )
    page.set_default_timeout(30_000)
    return console


def is_complaint(text: str) -> bool:
    return not text.startswith("Failed to load resource")


@pytest.fixture(scope="module")
def finished(open_console, clips: Path) -> Console:
    """A job made through the page, which was reloaded in the middle of it; the tab shows what it made."""
    console = open_console()
    page = console.page
    console.go("/")
    page.locator("#footage").set_input_files(clips / "footage.mp4")
    page.locator("#template").set_input_files(clips / "template.mp4")
    expect(page.locator("#footage-state")).to_contain_text("ready")
    expect(page.locator("#template-state")).to_contain_text("ready")
    page.get_by_text("How it is done").click()
    page.get_by_label("Quality").select_option("low")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    expect(page.locator("h1")).to_have_text("footage.mp4 in the style of template.mp4")
    page.reload()
    expect(page.locator("[aria-current=step]")).to_be_visible(timeout=PATIENCE_MS)
    assert violations(page) == []
    expect(page.get_by_role("heading", name="How near it came")).to_be_visible(timeout=PATIENCE_MS)
    return console


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def test_a_finished_job_shows_its_films_together(finished):
    page = finished.page
    expect(page.locator(".veil:visible")).to_have_count(0)
    page.get_by_role("slider", name="Position").fill("500")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()  # again, at the end
    page.get_by_role("slider", name="Wipe").press("Home")
    assert page.locator(".stage").evaluate("e => e.style.getPropertyValue('--wipe')") == "0%"
    page.get_by_label("Side by side").check()
    expect(page.get_by_role("slider", name="Wipe")).to_be_hidden()
    assert page.locator("video").evaluate_all("all => all.map(one => one.error)") == [None] * 3


def test_before_and_after_show_the_same_moment(finished, stack):
    page = finished.page
    job_id = page.url.rpartition("/")[2]
    with stack.client() as client:
        timeline = client.get(f"jobs/{job_id}/artifacts/timeline.otio").json()
    clips = [clip for clip in timeline["tracks"]["children"][0]["children"] if "source_range" in clip]
    last = clips[-1]["source_range"]
    moment_s = last["start_time"]["value"] / last["start_time"]["rate"]
    before_s = sum(clip["source_range"]["duration"]["value"] / last["start_time"]["rate"] for clip in clips[:-1])
    shown_s = page.locator(".stage").evaluate(SEEK_AND_WAIT, before_s + 0.1)
    assert shown_s == pytest.approx(moment_s + 0.1, abs=0.05)
    crop = clips[-1]["metadata"]["clipzy"]["crop"][-1]
    wide = page.locator(".footage video").evaluate("video => parseFloat(video.style.getPropertyValue('--width'))")
    assert wide == pytest.approx(100 * 480 / crop["width"])


def test_every_file_can_be_saved(finished, tmp_path):
    page = finished.page
    buttons = page.locator(".files button")
    assert buttons.count() == 7
    with page.expect_download() as download:
        buttons.first.click()
    download.value.save_as(tmp_path / download.value.suggested_filename)
    assert (tmp_path / "output.mp4").read_bytes()[4:8] == b"ftyp"


def test_styles_are_saved_compared_and_used(finished, open_console):
    page = finished.page
    for name in ("Evening", "Morning"):
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text(f"Saved as “{name}”")
    console = open_console()
    console.go("/styles")
    expect(console.page.get_by_role("heading", name="What differs")).to_be_visible()
    console.page.get_by_role("listitem").filter(has_text="Evening").get_by_role("link", name="Use it").click()
    expect(console.page.get_by_label("Or a saved style")).to_have_value(re.compile("sty_"))
    expect(console.page.locator(".zone").nth(1)).to_have_js_property("inert", True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(finished, open_console, size, scheme):
    job = finished.page.url.partition("#")[2]
    console = open_console(size=size, scheme=scheme)
    for view in ("/", "/jobs", "/styles", job):
        console.go(view)
        assert violations(console.page) == [], view
        assert console.page.evaluate("document.documentElement.scrollWidth") == size["width"], view


def created(stack, clips, name):
    """The id of a new job on footage of this name."""
    with stack.client() as client, (clips / "footage.mp4").open("rb") as file:
        video_id = client.post("videos/upload", files={"file": (name, file)}).json()["data"]["video_id"]
        return client.post("jobs", json={"video_id": video_id}).json()["data"]["job_id"]


def test_a_job_is_cancelled_and_run_again(open_console, stack, clips):
    console = open_console()
    page = console.page
    job_id = created(stack, clips, "mine.mp4")
    console.go(f"/jobs/{job_id}")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".lead")).to_contain_text("Cancelled")
    page.get_by_role("button", name="Run it again").click()
    page.wait_for_url(re.compile(rf"#/jobs/(?!{job_id})"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".lead")).to_contain_text("Cancelled")
    console.go("/jobs?status=cancelled")
    expect(page.get_by_role("link", name="mine.mp4")).to_have_count(2)


def test_the_button_that_cancels_stays_the_same_when_the_job_begins(open_console, stack, clips):
    console = open_console()
    page = console.page
    job_id = created(stack, clips, "other.mp4")
    held = []

    def as_queued(route):
        answer = route.fetch()
        told = answer.json()
        told["data"]["status"] = "queued"
        route.fulfill(response=answer, json=told)

    def hold(route):
        held.append(route)

    page.route(f"**/jobs/{job_id}", as_queued)
    page.route(f"**/jobs/{job_id}/events", hold)
    console.go(f"/jobs/{job_id}")
    expect(page.locator(".lead")).to_contain_text("Waiting")
    cancel = page.get_by_role("button", name="Cancel")
    cancel.evaluate("button => button.dataset.pressed = 'half'")
    while not held:
        page.wait_for_timeout(20)
    held.pop().continue_()
    expect(page.locator(".lead")).not_to_contain_text("Waiting")
    expect(page.locator("button[data-pressed=half]")).to_be_visible()
    cancel.click()
    expect(page.locator(".lead")).to_contain_text("Cancelled")


def test_a_broken_line_does_not_end_an_upload(open_console, clips):
    console = open_console()
    broken = []

    def break_once(route):
        if route.request.method == "PATCH" and not broken:
            broken.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    console.page.route("**/videos/uploads/*", break_once)
    console.go("/")
    console.page.locator("#footage").set_input_files(clips / "footage.mp4")
    expect(console.page.locator("#footage-state")).to_contain_text("ready")
    assert broken


def test_what_is_refused_is_said_plainly_with_its_request_id(open_console):
    console = open_console()
    console.go("/")
    console.page.locator("#footage").set_input_files(
        {"name": "notes.mp4", "mimeType": "video/mp4", "buffer": b"no film"}
    )
    alert = console.page.get_by_role("alert")
    expect(alert).to_contain_text(re.compile(r"UNSUPPORTED_FORMAT · request [\w-]+"))
    expect(console.page.get_by_role("button", name="Start")).to_be_disabled()
    assert violations(console.page) == []


def test_an_unknown_job_is_said_to_be_unknown(open_console):
    console = open_console()
    console.go("/jobs/job_unknown")
    expect(console.page.get_by_role("alert")).to_contain_text("JOB_NOT_FOUND")


def test_the_token_is_asked_for_once_and_stays_in_the_tab(browser, stack):
    console = tab(browser.new_context().new_page(), stack)
    page = console.page
    console.go("/jobs")
    page.get_by_label("Your token").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(re.compile(r"UNAUTHORIZED · request [\w-]+"))
    assert violations(page) == []
    page.get_by_label("Your token").fill(stack.token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Jobs")).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Your token")).to_be_visible()
    assert console.complaints == []
    page.context.close()
