"""The learning rate: the sweep, and what its page trains."""

from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from bnviz.axes import NEVER
from bnviz.engine.networks import Cohort
from bnviz.experiments import paper, rates
from bnviz.experiments.rates import RatesConfig
from bnviz.experiments.settings import LEARNING_RATES, WORK_LIMIT
from bnviz.ui.answers import page
from bnviz.words.rates.paper import BASES
from tests.experiments.test_pair import assert_same
from tests.made.rates import NARROW, NO_LOSS, RATES, WIDE, config, made, usual

ROOT = Path(__file__).resolve().parents[2]


class TestConfig:
    def test_another_rate_or_target_is_the_same_sweep(self):
        one, other = config(learning_rate=0.56, target=0.5), config(learning_rate=10, target=0.97)
        assert one.swept() == other.swept()
        assert config(gain=0.5).swept() != one.swept()
        assert one.swept().model_dump() == one.model_dump() | {
            name: RatesConfig.model_fields[name].default for name in ("learning_rate", "target")
        }

    def test_all_rates_are_in_the_estimate_and_within_the_limit(self):
        assert RatesConfig().affordable() == RatesConfig()
        assert RatesConfig().work() > 1.5 * super(RatesConfig, RatesConfig()).work()
        huge = RatesConfig(depth=30, width=128, batch_size=256, seeds=10)
        assert huge.work() > WORK_LIMIT
        assert huge.affordable().work() <= WORK_LIMIT
        assert huge.affordable().seeds < 10

    @pytest.mark.parametrize("steps", [1, 2, 5, 50, 100, 1600])
    def test_records_begin_and_end_with_the_training(self, steps):
        records = rates.records_of(steps)
        assert records[0] == 0
        assert records[-1] == steps
        assert len(records) == min(steps + 1, rates.RECORDS) or steps == 5
        assert records == sorted(set(records))


class TestRun:
    def test_has_every_rate_and_comes_out_the_same_again(self):
        settings = config(seeds=2, steps=6)
        result = rates.run(settings)
        assert result.test_accuracy.shape == (2, 21, 2, len(result.steps))
        assert_same(result, rates.run(settings, workers=1))
        np.testing.assert_array_equal(result.rates, LEARNING_RATES)

    def test_a_point_is_that_rate_trained_by_torch(self):
        """Against an ordinary loop, one step: the first update is taken at the point's rate."""
        settings = config(seeds=1, steps=1, batch_size=1347, learning_rate=1.0)
        data, result = settings.data(), rates.run(settings)
        for treatment, kind in enumerate(("none", "batch")):
            for place in (0, 8, 12):
                weights = Cohort(settings.architecture(normalizer=kind), [0]).layers
                layers = []
                for layer in weights[:-1]:
                    linear = torch.nn.Linear(*layer.weight.shape[:0:-1], bias=kind == "none")
                    linear.weight.data = layer.weight[0].detach().clone()
                    if kind == "none":
                        torch.nn.init.zeros_(linear.bias)
                    layers += [linear]
                    if kind == "batch":
                        layers += [torch.nn.BatchNorm1d(layer.weight.shape[1])]
                    layers += [torch.nn.ReLU()]
                last = torch.nn.Linear(*weights[-1].weight.shape[:0:-1])
                last.weight.data = weights[-1].weight[0].detach().clone()
                torch.nn.init.zeros_(last.bias)
                model = torch.nn.Sequential(*layers, last)
                inputs, labels = torch.tensor(data.train_inputs), torch.tensor(data.train_labels)
                torch.nn.functional.cross_entropy(model(inputs), labels).backward()
                rate = LEARNING_RATES[place]
                with torch.no_grad():
                    for parameter in model.parameters():
                        parameter -= rate * parameter.grad
                    model.eval()
                    right = model(torch.tensor(data.test_inputs)).argmax(1).numpy()
                measured = result.test_accuracy[treatment, place, 0, -1]
                slow = (right == data.test_labels).mean()
                assert abs(measured - slow) <= 2 / 450  # rounding may turn a sample or two

    def test_seen_from_another_rate_and_target(self):
        result = rates.run(config(steps=4).swept())
        other = result.at(config(learning_rate=10.0, target=0.5, steps=400))
        assert other.config.learning_rate == 10.0
        assert other.config.target == 0.5
        assert other.config.steps == 4  # what was trained
        assert other.test_accuracy is result.test_accuracy


class TestMeasures:
    def test_a_target_that_is_reached_and_lost_again_counts(self):
        result = usual()
        result.test_accuracy[0, 0, :, 1] = 0.95
        assert (result.seeds_to_target()[0, 0] == 10).all()

    def test_a_seed_that_never_got_there(self):
        result = made(NARROW, WIDE, ((0, 0, 0, 2 / 3, 0, 0, 0), NO_LOSS))
        np.testing.assert_array_equal(result.seeds_to_target()[0, 3], [NEVER, NEVER, 10])

    def test_the_rate_of_the_knob_or_the_nearest(self):
        assert RATES[usual(learning_rate=0.32).own()] == 0.32
        assert RATES[usual(learning_rate=1e3).own()] == 10
        assert RATES[usual(learning_rate=1e-6).own()] == 0.01
        assert RATES[usual(learning_rate=0.17).own()] == 0.1


class TestPage:
    def page(self, **link):
        page.store().clear()
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        at.switch_page("pages/06_rates.py")
        quick = {"depth": "2", "width": "8", "steps": "50", "seeds": "1"}
        for name, value in (quick | link).items():
            at.query_params[f"rates-{name}"] = value
        at.run()
        assert not at.exception
        return at

    def test_another_rate_moves_the_mark_without_training(self, monkeypatch):
        trained, run = [], rates.run

        def overheard(config, report, workers):
            trained.append(config)
            return run(config, report, workers)

        overheard.__module__, overheard.__qualname__ = run.__module__, run.__qualname__
        monkeypatch.setattr(rates, "run", overheard)
        at = self.page()
        before = [chart.proto.spec for chart in at.get("plotly_chart")]
        at.select_slider(key="rates-learning_rate").set_value(10.0).run()
        at.select_slider(key="rates-target").set_value(0.5).run()
        assert len(trained) == 1
        assert before != [chart.proto.spec for chart in at.get("plotly_chart")]
        at.select_slider(key="rates-gain").set_value(0.5).run()
        assert len(trained) == 2

    def test_the_papers_experiment_when_asked_at_the_base_that_is_chosen(self, monkeypatch):
        monkeypatch.setattr(paper, "LONGER", 1)
        monkeypatch.setattr(paper, "MEMBERS", 2)
        at = self.page(width="32", batch_size="32", paper="true")
        assert len(at.get("plotly_chart")) == 1
        next(button for button in at.button if button.label == "Start").click()
        at.run()
        assert not at.exception
        assert len(at.get("plotly_chart")) == 2
        low = list(at.table[0].value.iloc[:, 1])
        (chosen,) = (one for one in at.button_group if one.key == "rates-base")
        chosen.set_value(BASES[1]).run()
        assert list(at.table[0].value.iloc[:, 1]) != low
