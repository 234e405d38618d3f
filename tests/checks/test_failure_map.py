"""The table and the map above a failed check."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from check_examples import CORNERS, EACH, evidence, tall
from figure_examples import THEMES, contrast, luminance

from coursekit.checks import CheckFailed, check_numerical_jacobian
from coursekit.checks.failure_map import MARGIN, SIZE, error_map, table, with_style


def test_the_table_holds_the_worst_points_and_no_more_than_three():
    html = ElementTree.fromstring(table(evidence(CORNERS, [0, 1, -3, 2, 0.5], 2e-13)))
    rows = [[cell.text for cell in row] for row in html.iter("tr")]
    assert rows == [
        ["x", "component", "yours", "finite difference"],
        ["[-1.0, 4.0]", "[0]", "0", "3 ± 1e-12"],
        ["[4.0, 4.0]", "[0]", "10", "8 ± 1e-12"],
        ["[4.0, -1.0]", "[0]", "4", "3 ± 1e-12"],
    ]
    html = ElementTree.fromstring(table(evidence(CORNERS, [0, 0, 0, 0, 1], np.inf)))
    rows = [[cell.text for cell in row] for row in html.iter("tr")]
    assert rows[1:] == [["[0.25, 1.0]", "[0]", "2.25", "1.25 ± inf"]]


def test_the_map_has_a_cross_where_it_is_wrong_and_a_circle_elsewhere():
    html = error_map(evidence(CORNERS, [1, 0, 0, 1, 0]))
    svg = ElementTree.fromstring(html[: html.index("</svg>") + 6])
    name = "{http://www.w3.org/2000/svg}"
    said = "Map of the plane: wrong at 2 of 5 points, x[0] from -1 to 4 and x[1] from -1 to 4"
    assert svg.get("aria-label") == svg.find(f"{name}title").text == said
    circles = [(float(c.get("cx")), float(c.get("cy"))) for c in svg.iter(f"{name}circle")]
    # Square roots: -1 to 2 fill the width but for the margins, upwards is up.
    low, high = MARGIN, SIZE - MARGIN
    unit = (high - low) / 3
    expected = [(high, high), (low, low), (low + 1.5 * unit, high - 2 * unit)]
    np.testing.assert_allclose(circles, expected, atol=0.05)
    paths = [path.get("d") for path in svg.iter(f"{name}path")]
    crosses = [d for d in paths if "l8 8m0 -8l-8 8" in d]
    assert crosses[0].startswith(f"M{low - 4:.1f} {high - 4:.1f}l")
    assert crosses[1].startswith(f"M{high - 4:.1f} {low - 4:.1f}l")
    frame, *axes = [d for d in paths if d not in crosses]
    assert frame == f"M0 0h{SIZE}v{SIZE}h-{SIZE}z"
    assert axes == [f"M{low + unit:.1f} 0V{SIZE}", f"M0 {high - unit:.1f}H{SIZE}"]
    assert html.endswith("distances from 0 drawn by their square roots</p>")


def test_the_map_has_axes_only_where_there_is_a_zero_and_survives_a_single_point():
    html = error_map(evidence([[1, -1], [2, 1]], [1, 1]))
    assert html.count("dp-axes dp-negative") == 1
    assert html.count("<circle") == 0
    html = error_map(evidence([[1, 2]], [1]))
    assert "nan" not in html
    assert "wrong at 1 of 1 points, x[0] from 1 to 1 and x[1] from 2 to 2" in html
    x = [[1, 2, 3]]
    assert error_map(replace(evidence([[1, 2]], [1]), x=np.array(x))) == ""


@EACH
def test_a_failure_holds_a_table_and_a_map(f, jac):
    with pytest.raises(CheckFailed) as failure:
        check_numerical_jacobian(f, lambda x: jac(x) * (1 + tall(x[..., 0] > 0, jac(x))))
    html = failure.value._repr_html_()
    assert html.count("<tr>") == 4
    assert html.count("<circle") == 16
    assert html.count("l8 8m0 -8l-8 8") == 16
    assert "right only where x[0] &lt; 0" in html
    assert "np." not in html


def test_no_map_but_for_two_coordinates():
    with pytest.raises(CheckFailed) as failure:
        check_numerical_jacobian(lambda x: (x**2).sum(axis=-1), lambda x: x, 3)
    html = failure.value._repr_html_()
    assert "<table>" in html
    assert "<svg" not in html


@pytest.mark.parametrize("theme", THEMES)
def test_marks_and_words_have_contrast_in_every_theme(browser, theme):
    options = {"html": "<html lang=en>", **THEMES[theme]}
    shown = evidence(CORNERS, [1, 0, 0, 1, 0])
    page = browser.new_page(color_scheme=options.get("color_scheme"))
    body = with_style(table(shown) + error_map(shown))
    page.set_content(f"<!doctype html>{options['html']}<main>{body}</main>")

    def colours(selector, name):
        read = "(all, name) => all.map(e => getComputedStyle(e).getPropertyValue(name))"
        found = page.locator(selector).evaluate_all(read, name)
        assert found
        return found

    paper = colours("check-map", "background-color")[0]
    assert (luminance(paper) < 0.1) == (theme in ("plain, dark system", "book, dark", "lab, dark"))
    for text in colours("td, th, p", "color"):
        assert contrast(text, paper) >= 4.5
    for line in colours(".dp-cross, .dp-start, .dp-axes", "stroke"):
        assert contrast(line, paper) >= 3
    page.close()


def test_the_map_is_drawn_without_its_style_too():
    html = error_map(evidence(CORNERS, [1, 0, 0, 1, 0]))
    assert "#" not in html  # no colour of its own
    assert html.count('fill="none"') == 6  # frame, two axes, three circles
    assert html.count('stroke="currentColor"') == 5
