"""The operable figures: what they weigh and say, and how they behave in a browser."""

import re
from pathlib import Path

import pytest
from figure_examples import (
    THEMES,
    circles,
    computation,
    contrast,
    data_of,
    descend,
    dial,
    digits,
    grid,
    head,
    heights,
    luminance,
    network,
    on_a_line,
    pictures,
    places,
    step_sizes,
    svg_of,
)

from coursekit.figures import animate_descent
from coursekit.objectives import bowl, rosenbrock


def two_paths(steps=59):
    return animate_descent(
        rosenbrock,
        {
            "short steps": descend(rosenbrock, (-1.2, 1), 0.0005, steps),
            "long steps": descend(rosenbrock, (-1.2, 1), 0.002, steps // 2),
        },
    )


FIGURES = [
    two_paths,
    on_a_line,
    step_sizes,
    heights,
    circles,
    pictures,
    places,
    digits,
    dial,
    grid,
    computation,
    network,
]


@pytest.mark.parametrize("make", FIGURES)
def test_figures_are_self_contained_deterministic_and_light(make):
    figure = make()
    html = figure.html()
    assert html == make().html() == figure._repr_html_()
    assert len(html.encode()) < 40_000
    assert " id=" not in html
    assert set(re.findall(r"https?://[^\"' ]*", html)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\bsrc=|\bhref=(?!.data:)|url\(|@import", html)


@pytest.mark.parametrize("make", FIGURES)
def test_figures_have_a_text_alternative_of_one_line(make):
    figure = make()
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == repr(figure) == svg_of(figure).get("aria-label")
    assert 30 < len(figure.alt) < 400
    assert "\n" not in figure.alt
    assert svg_of(figure).get("role") == "img"


def test_a_given_text_alternative_is_kept_and_escaped():
    alt = "Steps < 1 & 'quotes' \"kept\""
    figure = animate_descent(bowl, [[1, 1], [0, 0]], alt=alt, labels=["<b>'x'&"])
    assert svg_of(figure).get("aria-label") == figure.alt == alt
    assert "<b>" not in figure.html()


def test_step_buttons_move_one_frame_and_update_value_and_line(show):
    figure = two_paths()
    page = show(figure)
    assert head(page) == "iteration 0 of 59"
    page.get_by_role("button", name="step forward").click()
    page.get_by_role("button", name="step forward").click()
    assert head(page) == "iteration 2 of 59"
    values = page.locator(".dp-value").all_inner_texts()
    assert values == [row[2] for row in data_of(figure)["rows"]]
    assert len(page.locator("polyline").first.get_attribute("points").split()) == 3
    assert page.locator(".dp-trace").first.locator(".dp-mark:visible").count() == 2
    page.get_by_role("button", name="step back").click()
    assert head(page) == "iteration 1 of 59"
    for _ in range(3):
        page.get_by_role("button", name="step back").click()
    assert head(page) == "iteration 0 of 59"


def test_nothing_moves_until_play_and_pause_stops_it(show):
    page = show(two_paths())
    page.clock.run_for(5000)
    assert head(page) == "iteration 0 of 59"
    page.get_by_role("button", name="play").click()
    assert page.locator(".dp-readout").get_attribute("aria-live") == "off"
    page.clock.run_for(1000)
    page.get_by_role("button", name="pause").click()
    moved = head(page)
    assert moved != "iteration 0 of 59"
    assert page.locator(".dp-readout").get_attribute("aria-live") == "polite"
    page.clock.run_for(5000)
    assert head(page) == moved


def test_play_stops_at_the_end_and_starts_over(show):
    page = show(two_paths())
    page.get_by_role("button", name="play").click()
    page.clock.run_for(20_000)
    assert head(page) == "iteration 59 of 59"
    page.get_by_role("button", name="play").click()
    assert head(page) == "iteration 0 of 59"


def test_keyboard_alone_operates_everything_and_leaves_again(show):
    page = show(two_paths(), body="{}<a href=#>after</a>")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert head(page) == "iteration 1 of 59"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.type") == "range"
    page.keyboard.press("ArrowRight")
    assert head(page) == "iteration 2 of 59"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert head(page) == "iteration 0 of 59"
    page.keyboard.press("End")
    assert head(page) == "iteration 59 of 59"
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == "iteration 59 of 59"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.clock.run_for(400)
    page.keyboard.press("Space")
    assert head(page) not in ("iteration 0 of 59", "iteration 59 of 59")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "A"


def test_reduced_motion_plays_frame_by_frame_and_slowly(show):
    page = show(two_paths(), reduced_motion="reduce")
    page.get_by_role("button", name="play").click()
    page.clock.run_for(900)
    assert head(page) == "iteration 0 of 59"
    page.clock.run_for(200)
    assert head(page) == "iteration 1 of 59"
    ball = page.locator(".dp-trace .dp-ball").first
    assert ball.evaluate("e => parseFloat(getComputedStyle(e).transitionDuration)") == 0


def test_motion_is_smooth_where_it_is_welcome(show):
    page = show(two_paths(), reduced_motion="no-preference")
    page.get_by_role("button", name="play").click()
    ball = page.locator(".dp-trace .dp-ball").first
    assert ball.evaluate("e => parseFloat(getComputedStyle(e).transitionDuration)") > 0


def test_figures_on_one_page_do_not_interfere(show):
    page = show(two_paths(), on_a_line(), step_sizes(), heights())
    page.get_by_role("button", name="step forward").nth(1).click()
    page.get_by_role("slider").nth(3).press("ArrowRight")
    assert [head(page, i) for i in range(4)] == [
        "iteration 0 of 59",
        "iteration 1 of 10",
        "step size = 0.05",
        "shift = 800",
    ]


def test_sliders_show_one_layer_at_a_time(show):
    page = show(step_sizes())
    assert page.locator(".dp-layer:visible").count() == 1
    page.get_by_role("slider").press("End")
    assert page.locator(".dp-layer:visible").count() == 1
    assert "diverged" in page.locator(".dp-value").inner_text()
    assert page.get_by_role("button").count() == 0


def test_without_the_script_the_whole_path_is_shown_and_no_dead_control(show):
    page = show(two_paths(), java_script_enabled=False)
    assert page.get_by_role("button").count() == 0
    assert page.locator(".dp-head").inner_text() == "iteration 59 of 59"
    assert len(page.locator("polyline").first.get_attribute("points").split()) == 60
    assert page.get_by_role("img").bounding_box()["height"] > 100


def test_output_inserted_by_a_notebook_works(show):
    """JupyterLab sets innerHTML in a loose element and makes the scripts anew."""
    page = show()
    insert = """html => {
      const host = document.createElement("div");
      host.innerHTML = html;
      for (const old of host.querySelectorAll("script")) {
        const fresh = document.createElement("script");
        fresh.textContent = old.textContent;
        old.replaceWith(fresh);
      }
      document.body.append(host);
    }"""
    for _ in range(2):
        page.evaluate(insert, on_a_line().html())
    page.get_by_role("button", name="step forward").nth(1).click()
    assert [head(page, i) for i in range(2)] == ["iteration 0 of 10", "iteration 1 of 10"]
    # JupyterLab's own keys look for this mark on the focused element first, then on its parents.
    marked = "button[data-lm-suppress-shortcuts], input[data-lm-suppress-shortcuts]"
    assert page.locator(marked).count() == 8
    page.evaluate("document.body.prepend(document.querySelectorAll('descent-player')[1])")
    assert page.get_by_role("slider").count() == 2  # moved, not started again


@pytest.mark.parametrize("theme", THEMES)
def test_colours_have_contrast_in_every_theme(show, theme):
    paths = [descend(bowl, (x, 1), 0.05, 3) for x in (-1, -0.5, 0.5, 1)]
    page = show(animate_descent(bowl, paths), heights(), **THEMES[theme])

    def colours(selector, name):
        read = "(all, name) => all.map(e => getComputedStyle(e).getPropertyValue(name))"
        found = page.locator(selector).evaluate_all(read, name)
        assert found
        return found

    paper = colours("descent-player", "background-color")[0]
    assert (luminance(paper) < 0.1) == (theme in ("plain, dark system", "book, dark", "lab, dark"))
    for text in colours(".dp-plot text", "fill") + colours(".dp-row span, .dp-head", "color"):
        assert contrast(text, paper) >= 4.5
    shapes = ".dp-contours, .dp-axes, .dp-path, .dp-minimizer, .dp-bar, .dp-start"
    for line in colours(shapes, "stroke") + colours("button", "border-top-color"):
        assert contrast(line, paper) >= 3
    for fill in colours(".dp-mark, .dp-ball", "fill") + colours("button svg", "fill"):
        assert contrast(fill, paper) >= 3


def test_dark_book_theme_does_not_put_a_light_card_under_the_figure(show):
    theme = pytest.importorskip("pydata_sphinx_theme")
    static = Path(theme.__file__).parent / "theme/pydata_sphinx_theme/static/styles"
    sheet = (static / "pydata-sphinx-theme.css").as_uri()
    page = show(
        on_a_line(),
        html="<html lang=en data-theme=dark>",
        body=f"<link rel=stylesheet href={sheet}><div class=bd-content><div class='cell_output "
        "docutils container'><div class='output text_html'>{}</div></div></div>",
    )
    card = page.locator(".text_html").evaluate("e => getComputedStyle(e).backgroundColor")
    assert card == "rgba(0, 0, 0, 0)"
    paper = page.locator("descent-player").evaluate("e => getComputedStyle(e).backgroundColor")
    assert luminance(paper) < 0.05


@pytest.mark.parametrize("make", FIGURES)
def test_a_phone_shows_everything_large_enough(show, make):
    page = show(make(), viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for control in page.locator("button, input").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 32
    scale = page.locator(".dp-plot").bounding_box()["width"] / 400
    read = "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))"
    assert min(page.locator(".dp-plot text").evaluate_all(read)) * scale >= 10.5


def test_axe_finds_nothing(show):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = show(*(make() for make in FIGURES))
    page.clock.resume()
    violations = axe.Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in violations] == []
