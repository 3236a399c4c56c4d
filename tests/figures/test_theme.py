"""The themes: colours that can be read on the page, and a look of its own for each treatment."""

import tomllib
from pathlib import Path

import pytest

from bnviz.figures import THEMES, theme
from tests.figures.contrast import contrast


def washed(colour, black=0.45):
    """On a projector whose black is a grey: each channel v becomes 0.45 + 0.55 v."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 * black + (1 - black) * part):02X}" for part in parts)


class TestTheme:
    def test_contrast_is_that_of_wcag(self):
        assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
        assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)

    @pytest.mark.parametrize("role", ["text", "muted", *theme.LABEL])
    @pytest.mark.parametrize("name", THEMES)
    def test_can_be_read(self, name, role):
        colours = THEMES[name]
        assert contrast(getattr(colours, role), colours.background) >= 4.5

    @pytest.mark.parametrize("name", THEMES)
    def test_stands_on_the_page_that_streamlit_paints(self, name):

        root = Path(__file__).resolve().parents[2]
        config = tomllib.loads((root / ".streamlit/config.toml").read_text(encoding="utf-8"))
        assert THEMES[name].background == config["theme"][name]["backgroundColor"]

    @pytest.mark.parametrize("role", ["text", "muted", *theme.LABEL])
    @pytest.mark.parametrize("name", THEMES)
    def test_for_a_projector_it_survives_a_washed_out_picture(self, name, role):
        """WCAG's 3 for lines and large words; black itself has no more than 4.8 on white then."""
        colours = theme.PROJECTED[name]
        assert contrast("#737373", "#FFFFFF") < 4.8
        assert contrast(washed(getattr(colours, role)), washed(colours.background)) >= 3

    @pytest.mark.parametrize("name", THEMES)
    @pytest.mark.parametrize("treatment", theme.LABEL)
    def test_for_a_projector_an_area_is_seen_and_what_lies_on_it_too(self, name, treatment):
        colours = theme.PROJECTED[name]
        colour = colours.colour(treatment)
        area = washed(theme.mixed(colour, colours.background, colours.band))
        assert contrast(area, washed(colours.background)) >= 1.25
        assert contrast(washed(colour), area) >= 1.9

    @pytest.mark.parametrize("name", THEMES)
    def test_for_a_projector_only_colours_change(self, name):
        assert theme.PROJECTED[name].name == name
        assert theme.PROJECTED[name].background == THEMES[name].background
        shown = [theme.PROJECTED[name].colour(one) for one in theme.LABEL]
        assert len(set(shown)) == len(theme.LABEL)

    def test_plain_is_dashed_and_bn_solid(self):
        assert (theme.DASH["plain"], theme.DASH["batch"]) == ("dash", "solid")
        assert (theme.LABEL["plain"], theme.LABEL["batch"]) == ("plain", "BN")

    @pytest.mark.parametrize("name", THEMES)
    def test_every_treatment_has_a_colour_and_a_dash_of_its_own(self, name):
        assert set(theme.DASH) == set(theme.LABEL)
        for looks in (theme.DASH.values(), [THEMES[name].colour(one) for one in theme.LABEL]):
            assert len(set(looks)) == len(theme.LABEL)

    @pytest.mark.parametrize("alpha", [0, 0.16, 1])
    def test_translucent(self, alpha):
        assert theme.translucent("#0072B2", alpha) == f"rgba(0,114,178,{alpha})"
