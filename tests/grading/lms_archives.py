"""A class, its tables as Moodle and Canvas export them, and archives of submissions."""

import json
import zipfile

CLASS = {  # nbgrader's name: first name, last name, e-mail address, Canvas' number
    "anna": ("Anna", "Müller", "anna.mueller@uni.example", "1001"),
    "brien": ("Seán", "O'Brien-Weiß", "sean@uni.example", "1002"),
    "chen": ("Li", "Chen", "chen@uni.example", "1003"),
    "zoe": ("Zoë", "van der Berg", "zoe@uni.example", "1004"),
}
WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 71,Anna Müller,anna,anna.mueller@uni.example,Submitted for grading,,10.00,Yes,\
"Thursday, 31 January 2030, 11:20 AM",-,
Participant 72,Li Chen,,chen@uni.example,Submitted for grading,,10.00,Yes,\
"Thursday, 31 January 2030, 2:30 PM",-,
Participant 73,Li Chen,chen2,chen2@uni.example,No submission,,10.00,Yes,-,-,
"""
CANVAS_GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,"Tiny (4711)",Tiny Current Score
,,,,,Manual Posting,
    Points Possible,,,,,10,(read only)
"Müller, Anna",501,u1,anna,A,,
"Chen, Li",502,u2,chen,A,,
"New, Nora",503,u3,nora,B,,
"Student, Test",599,,abc,A,,
"""


def notebook(text):
    return json.dumps({"cells": [], "metadata": {"who": text}, "nbformat": 4, "nbformat_minor": 5})


def pack(path, files, when=(2030, 1, 31, 10, 0, 0)):
    """Write an archive: name: content, or (content, time)."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            content, time = content if isinstance(content, tuple) else (content, when)
            archive.writestr(zipfile.ZipInfo(name, time), content)
    return path
