"""The themes: colours that can be read on the page, and a look of its own for each treatment."""

import tomllib
from pathlib import Path

import pytest

from bnviz.figures import THEMES, theme
from tests.figures.contrast import contrast


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
