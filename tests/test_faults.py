"""The list of planted faults is true: each has its place and its tests; and a catch is one."""

import pytest

from benchmarks import faults
from benchmarks.faults import FAULTS, MovedError, planted, text_of
from benchmarks.planted import Fault
from tests.browser import ROOT


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_its_old_text_stands_there_once_and_its_tests_are_there(fault):
    text = text_of(fault, ROOT)
    changed = planted(fault, text)
    assert changed != text
    if fault.file.endswith(".py"):
        compile(changed, fault.file, "exec")  # a fault is no misprint
    assert fault.tests
    for test in fault.tests:
        file, *names = test.split("::")
        source = (ROOT / file).read_text(encoding="utf-8")
        assert all(f"class {name}" in source or f"def {name}" in source for name in names), test


def test_no_two_faults_have_one_name_or_one_place():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert len({(fault.file, fault.old) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("text", ["", "a = 1", "a = 0; a = 0", "a = 00"])
def test_a_fault_whose_place_has_changed_is_named(text):
    fault = Fault("a begins at one", "somewhere.py", "a = 0", "a = 1", ("tests",))
    if text == "a = 00":
        assert planted(fault, text) == "a = 10"
        return
    with pytest.raises(MovedError, match=r"a begins at one: somewhere\.py"):
        planted(fault, text)


def test_a_fault_whose_file_is_gone_is_named(tmp_path):
    fault = Fault("a begins at one", "gone.py", "a = 0", "a = 1", ("tests",))
    with pytest.raises(MovedError, match=r"a begins at one: there is no gone\.py"):
        text_of(fault, tmp_path)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one line and its test."""
    root = tmp_path / "project"
    (root / ".streamlit").mkdir(parents=True)
    (root / "double.py").write_text("def double(x):\n    return 2 * x\n")
    (root / "test_double.py").write_text(
        "from double import double\n\n\ndef test_double():\n    assert double(0) == 0\n\n\n"
        "def test_more():\n    assert double(2) == 4\n"
    )
    monkeypatch.setattr(faults, "ROOT", root)
    return root


def doubling(new, *tests):
    return Fault("double is not", "double.py", "2 * x", new, tests or ("test_double.py",))


def test_what_the_tests_see_is_caught_and_what_they_do_not_is_missed(project, capsys):
    assert faults.caught(doubling("3 * x"))
    assert "caught  double is not  test_double.py::test_more" in capsys.readouterr().out
    assert not faults.caught(doubling("3 * x", "test_double.py::test_double"))
    assert "MISSED  double is not" in capsys.readouterr().out
    assert (project / "double.py").read_text() == "def double(x):\n    return 2 * x\n"


def test_tests_that_cannot_run_are_no_catch(project):
    with pytest.raises(RuntimeError, match="nowhere"):
        faults.caught(doubling("3 * x", "test_double.py::nowhere"))


@pytest.mark.usefixtures("project")
class TestTheWholeList:
    @pytest.fixture
    def ran(self, monkeypatch):
        """What the tests of the trees come to: first that without a fault, then one with each."""
        answers = []
        monkeypatch.setattr(faults, "FAULTS", (doubling("3 * x"), doubling("4 * x")))
        monkeypatch.setattr(faults, "tested", lambda *given: answers.pop(0))
        return answers

    def test_without_a_fault_all_must_pass(self, ran):
        ran += [faults.Tested(False, "test_double.py::test_double")]
        with pytest.raises(SystemExit, match="test_double fails without any fault"):
            faults.main([])
        assert not ran

    def test_one_missed_is_an_error(self, ran, capsys):
        ran += [faults.Tested(passed, "") for passed in (True, False, True)]
        with pytest.raises(SystemExit, match="Missed: double is not"):
            faults.main(["double"])
        assert "1 of 2 faults caught." in capsys.readouterr().out

    def test_a_word_that_names_none(self):
        with pytest.raises(SystemExit, match="banana"):
            faults.main(["banana"])
