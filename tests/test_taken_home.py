"""What is taken home, in a browser: the page as a file without a server, pictures, and paper."""

import base64
import re
import xml.etree.ElementTree as ElementTree

import pytest

from bnviz.figures import DARK, LIGHT
from tests.browser import DESK, FIGURES, IN_A_BROWSER, LOOK, PHONE, SETTLING, visits

pytestmark = [*IN_A_BROWSER, pytest.mark.xdist_group("browser")]

ASKED = {"ask": "99"}  # nothing is held back
GROUND = "getComputedStyle(document.querySelector('.js-plotly-plot .main-svg')).backgroundColor"
SVG = "{http://www.w3.org/2000/svg}"


def rgb(colour):
    return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def behind_the_button(page, lesson):
    page.locator(f".st-key-{lesson}-take-home button").first.click()
    page.get_by_role("button", name="Print, or save as PDF").wait_for()
    return page


def saved(page, where, click):
    with page.expect_download() as download:
        click()
    path = where / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Where what the tests save is kept."""
    return tmp_path_factory.mktemp("saved")


@pytest.fixture
def file_of(reader, files):
    """A function that saves a lesson's page, and tells where."""

    def save(lesson, link=(), **how):
        page = behind_the_button(reader(lesson, ASKED | dict(link), **how), lesson)
        button = page.locator(f".st-key-{lesson}-page button")
        return saved(page, files, button.click)

    return save


@pytest.fixture
def alone(tab):
    """A function that opens a file without a network. It asks for nothing, nothing goes wrong."""
    browser, said = tab.context.browser, []
    contexts = []

    def open_file(path, size=DESK, scheme="light"):
        context = browser.new_context(viewport=size, color_scheme=scheme, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda one: said.append(one.url) if one.url != path.as_uri() else None)
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-ready]", state="attached")
        page.wait_for_timeout(SETTLING + LOOK)
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert not [one for one in said if not one.startswith(("data:", "blob:"))]


class TestThePageAsAFile:
    def test_its_pictures_follow_one_clock_without_a_server(self, file_of, alone):
        path = file_of("race")
        assert path.name == "bnviz-race.html"
        assert path.stat().st_size < 3_000_000
        page = alone(path)
        assert page.locator("h1").inner_text() == "Does it really train faster?"
        charts = page.locator(".js-plotly-plot")
        assert charts.count() >= 2
        costs = page.locator("section", has_text="seconds").locator("table.bnviz-comparison")
        assert costs.locator("tbody th").all_inner_texts() == ["plain", "BN"]
        assert all(charts.nth(n).locator(".scatterlayer path").count() for n in range(2))
        end = page.evaluate(FIGURES)
        page.locator(".bnviz-clock button").click()
        page.wait_for_function("() => !bnvizClock.playing && bnvizClock.settled", polling=LOOK)
        page.evaluate("bnvizClock.goTo(0)")
        page.wait_for_function("() => bnvizClock.settled", polling=LOOK)
        page.wait_for_timeout(SETTLING)
        start = page.evaluate(FIGURES)
        assert start != end
        assert "Watch the run" in page.evaluate(
            "getComputedStyle(document.querySelector('.bnviz-end'), '::before').content"
        )
        page.locator(".bnviz-clock input").press("ArrowRight")
        assert page.locator(".bnviz-clock output").inner_text() == "step 1 of 50"
        page.wait_for_timeout(SETTLING)
        assert page.evaluate(FIGURES) != start

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_it_has_the_colours_of_its_reader_and_fits_a_phone(self, file_of, alone, scheme):
        page = alone(file_of("transform", scheme="dark"), PHONE, scheme)
        theme = {"light": LIGHT, "dark": DARK}[scheme]
        assert page.evaluate(GROUND) == rgb(theme.background)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert "torch.nn.BatchNorm1d" in page.locator("section pre code").inner_text()
        figure = page.locator("[role=figure]").first
        assert len(figure.get_attribute("aria-label")) > 20

    def test_a_stranger_s_letters_stay_letters(self, file_of, alone):
        path = file_of("transform", {"table": "1~2_3~4"})
        assert "1~2_3~4" in alone(path).locator(".bnviz-settings").inner_text()


def said_by(path):
    """What is written below a saved picture, in one line; and the picture."""
    svg = ElementTree.parse(path).getroot()
    return " ".join(one.text or "" for one in svg.findall(f"{SVG}text")), svg


def test_a_picture_has_a_ground_and_says_its_setting(reader, files):
    page = behind_the_button(reader("race", ASKED | {"learning_rate": "1"}), "race")
    button = page.get_by_role("button", name="save as SVG").first
    path = saved(page, files, button.click)
    assert re.fullmatch(r"bnviz-race-accuracy-step-\d+-of-50\.svg", path.name)
    said, svg = said_by(path)
    ground = svg.find(f"{SVG}rect")
    assert (ground.get("width"), ground.get("height")) == (svg.get("width"), svg.get("height"))
    assert rgb(LIGHT.background) in (ground.get("fill"), rgb(ground.get("fill")))
    assert "Does it really train faster? · step 50 of 50" in said
    assert "Learning rate 1" in said
    assert "race-learning_rate=1" in said.replace(" ", "")
    assert svg.find(f"{SVG}title").text.startswith("Test accuracy.")


def test_the_mode_bar_asks_for_the_kind_and_no_dot_of_a_png_is_transparent(reader, files):
    page = reader("activations", ASKED | {"measure": "mean"}, scheme="dark")
    page.locator(".js-plotly-plot").first.hover()
    page.locator(".modebar-btn[data-title^='Download plot']").first.click()
    kinds = page.get_by_role("group", name="Save this picture as")
    path = saved(page, files, kinds.get_by_role("button", name="PNG").click)
    assert path.suffix == ".png"
    found = page.evaluate(
        """async (url) => {
          const image = new Image();
          image.src = url;
          await image.decode();
          const canvas = new OffscreenCanvas(image.width, image.height);
          const pen = canvas.getContext("2d");
          pen.drawImage(image, 0, 0);
          const dots = pen.getImageData(0, 0, image.width, image.height).data;
          let least = 255;
          for (let i = 3; i < dots.length; i += 4) least = Math.min(least, dots[i]);
          return [least, ...dots.slice(0, 3)];
        }""",
        "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode(),
    )
    assert found == [255, *(int(DARK.background[i : i + 2], 16) for i in (1, 3, 5))]
    buttons = behind_the_button(page, "activations").get_by_role("button", name="save as SVG")
    for place, choice in ((0, ""), (2, "Measure mean")):  # a choice is told in its own section
        said, _ = said_by(saved(page, files, buttons.nth(place).click))
        assert bool(choice) == ("Measure" in said), said
        assert choice in said


WHOLE = """() => {
  dispatchEvent(new Event("beforeprint"));
  // A page of paper as a column: where a column ends, a page would.
  const main = document.querySelector(".block-container, main");
  const page = { columns: "672px", columnFill: "auto", height: "986px", width: "672px" };
  Object.assign(main.style, page);
  return [...document.querySelectorAll(".bnviz-on-paper")].map((one) => {
    const boxes = [...one.getClientRects()];
    const inside = [...one.querySelectorAll("text")].map((text) => text.getBoundingClientRect());
    const box = boxes[0];
    return [boxes.length, Math.round(box.width), Math.round(box.height),
      inside.every(({ left, right }) => left > box.left - 2 && right < box.right + 2)];
  });
}"""
"""Each picture on paper: in how many pieces, how wide and high, and whether its words are in it."""


@pytest.mark.parametrize("lesson", visits(["race", "activations", "landscape", "transform", "lab"]))
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_on_paper_every_picture_is_whole_and_light(reader, lesson, size):
    page = reader(lesson, ASKED, scheme="dark", size=size)
    there = page.locator(".js-plotly-plot").evaluate_all(
        "all => all.filter((one) => one.getClientRects().length).length"
    )
    page.emulate_media(media="print")
    drawn = page.evaluate(WHOLE)
    assert len(drawn) == there
    for pieces, width, height, inside in drawn:
        assert pieces == 1
        assert width <= 673
        assert height <= 986
        assert inside
    grounds = "[...document.querySelectorAll('.bnviz-on-paper .legend, body, .stApp')]"
    colours = page.evaluate(f"{grounds}.map((one) => getComputedStyle(one).backgroundColor)")
    assert set(colours) == {"rgb(255, 255, 255)"}
    setting = page.locator(".bnviz-settings")
    assert setting.is_visible()
    assert "Link" in setting.inner_text()
    assert not page.locator("[data-testid=stSidebar]").is_visible()
    assert not page.locator("[data-testid=stPopover]:visible").count()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not page.locator(".bnviz-on-paper").count()


def test_a_printed_lesson_has_few_pages_and_the_page_goes_on(reader):
    page = reader("race", ASKED)
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 3
    assert b"/MediaBox [0 0 594" in paper or b"/MediaBox [0 0 595" in paper  # A4
    assert not page.locator(".bnviz-on-paper").count()
    before = page.evaluate(FIGURES)
    page.evaluate("bnvizClock.goTo(0)")
    page.wait_for_timeout(2 * SETTLING)
    assert page.evaluate(FIGURES) != before
    page.emulate_media(media="print")
    heading = page.get_by_text("Look closer", exact=True)
    assert heading.is_visible()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false; })")
    assert not heading.is_visible()  # nothing below it is open
    page.emulate_media(media="screen")
    assert heading.is_visible()
