"""What the course changes in nbgrader and jsonschema while they run, and why.

For nbgrader 0.9 (tried with 0.9.6), which pyproject.toml therefore holds below 0.10, and
jsonschema 4. All of it is about speed: what nbgrader writes stays the same.
"""

import functools
import sys
from contextlib import contextmanager
from types import SimpleNamespace

__all__ = ["in_one_session", "start_quickly"]


def start_quickly():
    """Leave out what nbgrader need not do when it starts. Called before nbgrader is imported.

    jsonschema 4 would make grammars of addresses with rfc3987_syntax, which takes 2 s and which no
    notebook has. For a new gradebook nbgrader starts the program alembic, which takes 2 s too, to
    ask it for a number.
    """
    sys.modules.setdefault("rfc3987_syntax", None)
    from nbgrader import api

    api.get_alembic_version = _newest_revision


@functools.cache
def _newest_revision():
    """Return the number of nbgrader's newest tables, as ``alembic heads`` says it."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    return ScriptDirectory(ALEMBIC_DIR).get_current_head()


@contextmanager
def in_one_session(url, course_id):
    """Give every Gradebook that is opened inside one and the same session.

    nbgrader opens its database nine times a submission and commits after each cell. Here nothing is
    committed until ``gradebook.db().commit()`` is called, so that a submission can be one
    transaction. And jsonschema checks nbgrader's own schema at each cell; here it does not.

    Parameters
    ----------
    url : str
        Address of the database; Gradebooks of others open as ever.
    course_id : str

    Yields
    ------
    nbgrader.api.Gradebook
    """
    from nbgrader.api import Gradebook
    from nbgrader.nbgraderformat import common

    opened, closed, checker = Gradebook.__init__, Gradebook.close, common.jsonschema
    shared = Gradebook(url, course_id)

    def join(self, db_url, course_id="default_course", authenticator=None):
        if db_url != url:
            return opened(self, db_url, course_id, authenticator)
        self.engine, self.db = shared.engine, shared.db
        self.course_id, self.authenticator = course_id, authenticator
        return None

    def leave(self):
        if self.db is shared.db:
            shared.db.flush()
            shared.db.expire_all()  # as a session newly opened reads everything anew
        else:
            closed(self)

    shared.db.commit = shared.db.flush
    Gradebook.__init__, Gradebook.close = join, leave
    common.jsonschema = SimpleNamespace(validate=_validate)
    try:
        yield shared
    finally:
        Gradebook.__init__, Gradebook.close, common.jsonschema = opened, closed, checker
        shared.close()


def _validate(instance, schema):
    """Do as jsonschema.validate, but do not check the schema itself."""
    from jsonschema.validators import validator_for

    validator_for(schema)(schema).validate(instance)
