"""``import coursekit`` is light, and finds every name it promises."""

import importlib.metadata
import subprocess
import sys

import pytest

import coursekit

MODULES = {"checks", "derivatives", "descent", "figures", "letters", "objectives", "statuses"}
HEAVY = ("matplotlib", "tensorflow", "nbgrader", "scipy.optimize", "scipy", "IPython")


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_loads_nothing_heavy():
    loaded = run("import sys, coursekit; print(*sys.modules)").split()
    assert "coursekit" in loaded
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize(
    "module", ["objectives", "descent.gradient_descent", "descent.newton", "numbers.softmax"]
)
def test_the_numerical_modules_load_neither_plots_nor_scipy(module):
    loaded = run(f"import sys, coursekit.{module}; print(*sys.modules)").split()
    assert f"coursekit.{module}" in loaded
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize("name", sorted(set(coursekit.__all__) - MODULES))
def test_every_public_name_resolves(name):
    assert getattr(coursekit, name).__name__ == name
    assert getattr(coursekit, name).__doc__
    assert name in dir(coursekit)


def test_submodules_resolve_as_attributes():
    names = sorted(MODULES)
    code = f"import coursekit; print(*(getattr(coursekit, n).__name__ for n in {names}))"
    assert run(code).split() == [f"coursekit.{name}" for name in names]
    assert set(names) <= set(dir(coursekit))


@pytest.mark.parametrize("before", ["", "import coursekit.numbers.softmax, coursekit.descent;"])
def test_a_function_that_is_called_like_its_module_is_the_function(before):
    code = "from coursekit import gradient_descent, softmax; print(softmax([0.0, 0.0]).tolist())"
    assert run(before + code) == "[0.5, 0.5]"
    code = "from coursekit.descent import gradient_descent; print(callable(gradient_descent))"
    assert run(before + code) == "True"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="No coursekit attribute sofmax"):
        coursekit.sofmax  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'sofmax'"):
        from coursekit import sofmax  # noqa: F401


def test_version_is_the_installed_one():
    assert coursekit.__version__ == importlib.metadata.version("coursekit")
