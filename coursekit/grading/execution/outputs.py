"""Outputs of cells in the form that notebooks allow, whatever a submission has sent."""

import json
import re


def failure(name, message):
    """Return the output of a cell that was stopped from outside."""
    return {
        "output_type": "error",
        "ename": name,
        "evalue": message,
        "traceback": [f"{name}: {message}"],
    }


def clean(outputs, limit):
    """Return outputs in the form that notebooks allow, whatever the student's side has sent."""
    made = []
    for output in outputs:
        kind = output.get("output_type")
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            made.append({"output_type": kind, "name": name, "text": text(output.get("text", ""))})
        elif kind in ("display_data", "execute_result"):
            more = {"execution_count": None} if kind == "execute_result" else {}
            bundle = _bundle(output.get("data", {}))
            made.append({"output_type": kind, "data": bundle, "metadata": {}, **more})
        elif kind == "error":
            lines = [text(line) for line in output.get("traceback", [])]
            name, value = text(output.get("ename", "")), text(output.get("evalue", ""))
            made.append(failure(name, value) | {"traceback": lines})
    if len(str(made)) > 12 * limit:
        return [failure("SubmissionError", "the outputs of this cell are too large")]
    return made


def _bundle(data):
    """Return what a display holds: text, and JSON where its kind says so."""
    made = {}
    for kind, value in dict(data).items():
        if not re.fullmatch(r"[\w.-]+/[\w.+-]+", str(kind)):
            continue
        if isinstance(value, list) and not kind.endswith("json"):
            value = "".join(map(str, value))
        if isinstance(value, str):
            made[kind] = text(value)
        elif kind.endswith("json") and isinstance(value, dict | list):
            made[kind] = json.loads(text(json.dumps(value, default=str)), parse_constant=str)
    return made


def text(value):
    """Return text that can be stored as UTF-8."""
    return str(value).encode("utf-8", "replace").decode()


def packable(outputs):
    """Return outputs as plain data; what a display cannot store becomes its text."""
    if isinstance(outputs, dict):
        return {str(key): packable(value) for key, value in outputs.items()}
    if isinstance(outputs, (list, tuple)):
        return [packable(value) for value in outputs]
    plain = isinstance(outputs, str | bool | int | float | None)
    return outputs if plain else str(outputs)


def worth(outputs, points):
    """Return the points of a test by its outputs, as nbgrader gives them."""
    if any(output["output_type"] == "error" for output in outputs):
        return 0.0
    for output in outputs:
        if output["output_type"] == "execute_result":
            try:
                value = float(output["data"].get("text/plain", ""))
            except ValueError:
                break
            return value if 0 <= value <= points else points
    return points
