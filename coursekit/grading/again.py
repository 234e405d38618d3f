"""Grade some tests again, after they were mended, and leave all else as it stands.

A submission's answers run again, up to the last of these tests; of the other tests only those run
that define a name which one of them uses. Outputs and rows of the tests replace those that an
earlier grading has kept.
"""

import copy
from dataclasses import dataclass

from coursekit.grading.execution.cells import is_test, name_of
from coursekit.grading.execution.job import Job, Kept
from coursekit.grading.submissions import intake
from coursekit.grading.submissions.homework import label_of
from coursekit.grading.submissions.python_names import bound_names, changed_names, used_names
from coursekit.homework.text import HomeworkError

__all__ = ["Again", "chosen_tests"]

TOGETHER = "only together: "  # how the judge's note on such tests begins


@dataclass(frozen=True)
class Again:
    """The tests to run again.

    Attributes
    ----------
    homework : coursekit.grading.submissions.homework.Homework
    names : dict
        Name of a notebook: names of its tests that were asked for.
    """

    homework: object
    names: dict

    @property
    def labels(self):
        """What the tests are called among all notebooks."""
        return [label_of(part, name) for part, names in self.names.items() for name in names]

    def why_not(self, student, kept):
        """Return why a submission has to be graded in full first, or ""."""
        if not kept or kept["status"] != "ok" or "handed_in" not in kept:
            return "has no full grading of this version that came to its end"
        if kept["handed_in"] != intake.handed_in(self.homework, student):
            return "was handed in again since it was graded"
        return ""

    def jobs(self, jobs: list[Job]) -> list[Job]:
        """Return what has to run for these tests: jobs with the other tests empty."""
        return [
            shortened(job, self.names[job["part"]]) for job in jobs if job["part"] in self.names
        ]

    def merged(self, kept: Kept, jobs: list[Job], new: Kept) -> Kept:
        """Return what is kept of a submission, these tests replaced.

        Parameters
        ----------
        kept : Kept
            From the grading before.
        jobs : list of Job
            All of the submission: their notebooks, without outputs, are those to be written.
        new : Kept
            What came of ``self.jobs(jobs)``.
        """
        chosen, asked = set(self.labels), self.homework.asked
        notebooks = {
            job["part"]: self._notebook(job, kept["notebooks"], new["notebooks"]) for job in jobs
        }
        rows = {_label(row): row for row in new["cells"] if _label(row) in chosen}
        cells = [rows.get(_label(row), row) for row in kept["cells"]]
        return kept | {
            "notebooks": notebooks,
            "cells": cells,
            "notes": _notes(kept, new, chosen) + _together(cells, len(notebooks) > 1),
            "asked": kept["asked"] | {label: asked[label] for label in chosen},
            "only": sorted(chosen),
        }

    def _notebook(self, job, old, new):
        """Return a notebook with the old outputs, and of these tests the new ones."""
        part, made = job["part"], copy.deepcopy(job["notebook"])
        old, new = (
            {cell["id"]: cell for cell in found.get(part, {}).get("cells", [])}
            for found in (old, new)
        )
        for cell in made["cells"]:
            is_new = is_test(cell) and name_of(cell) in self.names.get(part, ())
            if ran := (new if is_new else old).get(cell["id"]):
                cell |= {key: ran[key] for key in ("outputs", "execution_count") if key in ran}
        return made


def chosen_tests(homework, names):
    """Return the tests of a homework that have these names.

    Parameters
    ----------
    homework : coursekit.grading.submissions.homework.Homework
    names : sequence of str
        nbgrader's ``grade_id`` of each; one that several notebooks have means all of them.

    Raises
    ------
    HomeworkError
        Names that no test has, and those that there are.
    """
    there = {
        part: [name for name, cell in notebook.cells.items() if is_test(cell)]
        for part, notebook in homework.notebooks.items()
    }
    every = list(dict.fromkeys(name for found in there.values() for name in found))
    if unknown := sorted({*names} - {*every}):
        known = ", ".join(every) or "none"
        raise HomeworkError(
            f"no test called {', '.join(unknown)} in {homework.name}; there are: {known}."
        )
    found = {part: [name for name in tests if name in names] for part, tests in there.items()}
    return Again(homework, {part: tests for part, tests in found.items() if tests})


def shortened(job: Job, names) -> Job:
    """Return a job that runs these tests and what they need: all answers, no other test.

    Cells behind the last of them are cut off, tests that they do not need are empty.
    """
    notebook = copy.deepcopy(job["notebook"])
    cells = notebook["cells"]
    places = {name_of(cell): k for k, cell in enumerate(cells) if is_test(cell)}
    needed = _needed(cells, {places[name] for name in names})
    for place in places.values():
        if place not in needed:
            cells[place]["source"] = ""
    del cells[max(needed) + 1 :]
    return job | {"notebook": notebook}


def _needed(cells, chosen):
    """Return the places of these tests, and of tests that define what they use."""
    needed, waiting = set(chosen), list(chosen)
    while waiting:
        place = waiting.pop()
        source = cells[place]["source"]
        uses = {*used_names(source)} - {*bound_names(source)}
        for other in range(place):
            above = cells[other]
            if other in needed or not is_test(above):
                continue
            if uses & {*bound_names(above["source"]), *changed_names(above["source"])}:
                needed.add(other)
                waiting.append(other)
    return needed


# What was kept, and what is new --------------------------------------------------------------


def _label(row):
    return label_of(row.get("part"), row["id"])


def _notes(kept, new, chosen):
    """Return the notes on all but these tests, and those there are on them now."""
    several, about = len(kept["notebooks"]) > 1, []
    for row in [*kept["cells"], *new["cells"]]:
        if _label(row) in chosen:
            whose = f"{row['part']}: " if several else ""
            where = f"{whose}cell {row['index']}"
            about += [f"{where}: ", f"{where}, ", f"{whose}tampered with: {row['id']}, "]
    about = tuple(about)
    old = [note for note in kept["notes"] if not (note.startswith(about) or TOGETHER in note)]
    return old + [note for note in new["notes"] if note.startswith(about)]


def _together(cells, several):
    """Return the notes on tests that pass only together with the answers."""
    found = {}
    for row in cells:
        if row.get("together") == "passed":
            found.setdefault(f"{row['part']}: " if several else "", []).append(row["id"])
    return [f"{whose}{TOGETHER}{', '.join(names)}" for whose, names in found.items()]
