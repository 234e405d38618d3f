"""How a failed check is shown."""

import sys

import pytest
from check_examples import CORNERS, evidence

from coursekit.checks import CheckFailed
from coursekit.checks.failure import CheckFailed as Failure
from coursekit.checks.failure_map import error_map, table, with_style


def test_a_notebook_shows_the_diagnosis_alone_and_fails():
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    source = (
        "from coursekit import check_numerical_jacobian\n"
        "assert check_numerical_jacobian(lambda x: (x**2).sum(axis=-1), lambda x: -2 * x)"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, allow_errors=True).execute()
    table, output = notebook.cells[0].outputs
    assert "<svg" in table.data["text/html"]
    assert output.output_type == "error"
    assert output.ename == "CheckFailed"
    assert output.traceback[0] == "CheckFailed: jac_f: opposite sign."
    assert output.traceback[-1].startswith("Try: ")
    assert len(output.traceback) == 5


def test_render_traceback_holds_the_message_lines():
    assert CheckFailed("a\nb")._render_traceback_() == ["CheckFailed: a", "b"]
    assert issubclass(CheckFailed, AssertionError)


def test_what_is_shown_is_escaped():
    plain = Failure("a < b\n1 & 2\nTry: <c>")._repr_html_()
    assert plain == "<p><b>a &lt; b</b></p><pre>1 &amp; 2\nTry: &lt;c&gt;</pre>"
    html = Failure("<b>\nmore\nTry: x < 1", evidence(CORNERS, [1, 0, 0, 0, 0]))._repr_html_()
    assert "<check-map><p><b>&lt;b&gt;</b></p><table><thead>" in html
    assert html.endswith("</p><p>Try: x &lt; 1</p></check-map>")
    assert "more" not in html  # the table says it


@pytest.fixture
def shell():
    """A real IPython shell, as a notebook has."""
    interactiveshell = pytest.importorskip("IPython.core.interactiveshell")
    config = pytest.importorskip("traitlets.config").Config()
    config.HistoryManager.enabled = False
    yield interactiveshell.InteractiveShell.instance(config=config)
    interactiveshell.InteractiveShell.clear_instance()


def test_a_kernel_displays_the_table_once(shell):
    from IPython.utils.capture import capture_output

    failure = Failure("wrong\nTry: again", evidence(CORNERS, [1, 0, 0, 0, 0]))
    with capture_output() as nothing:  # a terminal has no kernel
        Failure("wrong", failure.evidence)._render_traceback_()
    assert nothing.outputs == []
    shell.kernel = object()
    with capture_output() as caught:
        lines = failure._render_traceback_()
        assert lines == failure._render_traceback_() == ["CheckFailed: wrong", "Try: again"]
        Failure("no numbers")._render_traceback_()
    (output,) = caught.outputs
    html = with_style(table(failure.evidence) + error_map(failure.evidence))
    assert output.data == {"text/html": html, "text/plain": "(where it is wrong)"}


def test_no_kernel_or_no_ipython_shows_the_message_alone(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "IPython", None)
    failure = Failure("wrong\nTry: again", evidence(CORNERS, [1, 0, 0, 0, 0]))
    assert failure._render_traceback_() == ["CheckFailed: wrong", "Try: again"]
    assert capsys.readouterr().out == ""
