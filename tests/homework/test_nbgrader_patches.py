"""What is changed in nbgrader changes nothing that it writes."""

import sqlite3
from contextlib import closing

import pytest
import stock_nbgrader
from tiny_homework import new_course, old_nbgrader

from coursekit.homework import nbgrader_patches
from coursekit.homework.nbgrader_course import nbgrader_of


def tables(path):
    """Return how each table of a database was made, and alembic's number."""
    with closing(sqlite3.connect(path)) as database:
        made = database.execute("select name, sql from sqlite_master where sql is not null")
        return dict(made), database.execute("select * from alembic_version").fetchall()


def test_a_new_gradebook_is_stock_nbgraders(tmp_path):
    ours = new_course(tmp_path / "ours")
    theirs = new_course(tmp_path / "theirs", gradebook=False)
    done = stock_nbgrader.nbgrader(theirs, "generate_assignment", "tiny", "--force")
    assert done.returncode == 0, done.stderr
    assert tables(ours / "gradebook.db") == tables(theirs / "gradebook.db")


def test_one_session_commits_when_it_is_told_and_puts_everything_back(tmp_path):
    from nbgrader.api import Gradebook
    from nbgrader.nbgraderformat import common

    before = Gradebook.__init__, Gradebook.close, common.jsonschema
    api = nbgrader_of(new_course(tmp_path, generate=False))
    url = api.coursedir.db_url
    with old_nbgrader():
        with nbgrader_patches.in_one_session(url, api.course_id) as shared:
            with Gradebook(url, api.course_id) as inner:
                inner.add_student("kept")
                assert inner.db is shared.db
            shared.db().commit()
            shared.add_student("lost")
            with Gradebook("sqlite://") as other:
                assert other.students == []
            shared.db().rollback()
        with Gradebook(url, api.course_id) as gradebook:
            assert [student.id for student in gradebook.students] == ["kept"]
    assert (Gradebook.__init__, Gradebook.close, common.jsonschema) == before


def test_a_cell_whose_metadata_are_wrong_is_still_refused():
    from jsonschema import ValidationError

    schema = {"type": "object", "required": ["grade"]}
    nbgrader_patches._validate({"grade": True}, schema)
    with pytest.raises(ValidationError):
        nbgrader_patches._validate({}, schema)
