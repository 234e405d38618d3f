"""Archives of submissions as Moodle and Canvas make them, put where grading looks for them."""

import json
import shutil
import stat
import unicodedata
import zipfile
from datetime import datetime

import pytest
from lms_archives import CANVAS_GRADEBOOK, CLASS, WORKSHEET, notebook, pack
from nbgrader.utils import parse_utc
from tiny_homework import new_course, old_nbgrader

from coursekit.grading.lms import archive as archives
from coursekit.grading.lms.collect import collect, handed_in
from coursekit.grading.lms.roster import plain_name
from coursekit.homework.nbgrader_course import coursedir_of, nbgrader_of
from coursekit.homework.text import HomeworkError


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """Make a course whose gradebook has four students."""
    course = new_course(tmp_path_factory.mktemp("lms") / "course", generate=False)
    with old_nbgrader(), nbgrader_of(course).gradebook as gradebook:
        for student, (first, last, email, number) in CLASS.items():
            gradebook.add_student(
                student, first_name=first, last_name=last, email=email, lms_user_id=number
            )
        gradebook.add_assignment("tiny", duedate=datetime(2030, 1, 31, 12))
    return course


@pytest.fixture
def course(empty, tmp_path):
    return shutil.copytree(empty, tmp_path / "course")


def take(course, system, files, **options):
    """Import an archive of these files; return what became of it."""
    path = pack(course.parent / "submissions.zip", files)
    with old_nbgrader():
        return collect(system, path, "tiny", course, **options)


def who(course, student):
    """Return whose notebook lies in submitted/."""
    path = course / "submitted" / student / "tiny" / "tiny.ipynb"
    return json.loads(path.read_text())["metadata"]["who"]


def rows(found):
    return {row.student: (row.status, row.note) for row in found.rows}


# Whose it is -------------------------------------------------------------------------------


def test_moodle_in_folders_of_old_and_new_versions_and_flat(course):
    found = take(
        course,
        "moodle",
        {
            "Anna Müller_71_assignsubmission_file_/tiny.ipynb": notebook("a"),
            "Anna Müller_71_assignsubmission_file_/data/x.csv": "1,2",
            "Seán OBrien-Weiß_72_assignsubmission_file/tiny.ipynb": notebook("b"),
            "Group A-Li Chen_73_assignsubmission_file_tiny.ipynb": notebook("c"),
            "Zoë van der Berg_74_assignsubmission_onlinetext_onlinetext.html": "<p>",
        },
    )
    assert rows(found) == {"anna": ("new", ""), "brien": ("new", ""), "chen": ("new", "")}
    assert [who(course, student) for student in ("anna", "brien", "chen")] == ["a", "b", "c"]
    assert (course / "submitted/anna/tiny/data/x.csv").read_text() == "1,2"
    assert found.left == [
        ("Zoë van der Berg_74_assignsubmission_onlinetext_onlinetext.html", "is a text, no file")
    ]
    kept = handed_in(coursedir_of(course), "tiny")
    assert (kept["brien"]["number"], kept["brien"]["name"]) == ("72", "Seán OBrien-Weiß")
    assert not (course / ".coursekit/.incoming/anna").exists()


def test_canvas_by_number_by_name_and_late(course):
    found = take(
        course,
        "canvas",
        {
            "somebodyelse_1001_9001_tiny.ipynb": notebook("a"),  # the number counts
            "obrienweißseán_LATE_88_9002_tiny-1.ipynb": notebook("b"),
            unicodedata.normalize("NFD", "vanderbergzoë_89_9003_my solution.ipynb"): notebook("z"),
            "chenli_90_text.html": "<p>",
            "anon_a1b2_9004_tiny.ipynb": notebook("x"),
            "readme.txt": "",
        },
    )
    assert rows(found) == {
        "anna": ("new", ""), "brien": ("new", "late, says Canvas"), "zoe": ("new", "")
    }  # fmt: skip
    assert [who(course, student) for student in ("anna", "brien", "zoe")] == ["a", "b", "z"]
    assert found.left == [
        ("chenli_90_text.html", "is a text or a link, no file"),
        ("anon_a1b2_9004_tiny.ipynb", "is anonymous: end that in Canvas, download again"),
        ("readme.txt", "is not as Canvas names files"),
    ]
    assert not (course / "submitted/brien/tiny/timestamp.txt").exists()
    assert found.notes == [
        "the archive does not tell when files were handed in: no timestamp.txt is written"
    ]


def test_who_is_unknown_is_named_with_what_to_do(course):
    found = take(
        course,
        "moodle",
        {
            "Nora New_75_assignsubmission_file_/tiny.ipynb": notebook("n"),
            "Li Chen_76_assignsubmission_file_/tiny.ipynb": notebook("c"),
        },
    )
    assert [row.student for row in found.rows] == ["chen"]
    assert found.left == [
        ("Nora New (75)", "nobody has this name or number: name the grading worksheet of this "
         "assignment by --roster, or put the student into the gradebook")
    ]  # fmt: skip


def test_two_of_one_name_need_the_worksheet(course, tmp_path):
    with old_nbgrader(), nbgrader_of(course).gradebook as gradebook:
        gradebook.add_student("chen2", first_name="Li", last_name="Chen", email="chen2@uni.example")
    files = {
        "Li Chen_72_assignsubmission_file_/tiny.ipynb": notebook("first"),
        "Li Chen_73_assignsubmission_file_/tiny.ipynb": notebook("second"),
    }
    found = take(course, "moodle", files)
    assert found.rows == []
    assert found.left[0][1].startswith("2 students have this name: chen, chen2: name the grading")
    (tmp_path / "worksheet.csv").write_text(WORKSHEET, "utf-8-sig")
    found = take(course, "moodle", files, roster=tmp_path / "worksheet.csv")
    assert (who(course, "chen"), who(course, "chen2")) == ("first", "second")
    files = {"Nora New_75_assignsubmission_file_/tiny.ipynb": notebook("n")}
    found = take(course, "moodle", files, roster=tmp_path / "worksheet.csv")
    assert found.left[0][1] == (
        f"nobody has this name or number: add a row to {tmp_path / 'worksheet.csv'}, or put the "
        "student into the gradebook"
    )


def test_a_roster_adds_students(course, tmp_path):
    (tmp_path / "gradebook.csv").write_text(CANVAS_GRADEBOOK)
    found = take(
        course,
        "canvas",
        {
            "newnora_503_9001_tiny.ipynb": notebook("n"),
            "müller_501_9002_tiny.ipynb": notebook("a"),
        },
        roster=tmp_path / "gradebook.csv",
    )
    assert {row.student for row in found.rows} == {"anna", "nora"}
    assert "1 were not in the gradebook: nora" in found.notes


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_as_nbgrader_imports_it(course, tmp_path, mark):
    lines = ["id,first_name,last_name,email,lms_user_id", "s7,Ada,Lovelace,ada@uni.example,777"]
    (tmp_path / "students.csv").write_text("\n".join(lines).replace(",", mark))
    found = take(course, "canvas", {"x_777_9001_tiny.ipynb": notebook("ada")},
                 roster=tmp_path / "students.csv")  # fmt: skip
    assert [row.student for row in found.rows] == ["s7"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Nummer;Name\n1;x\n",
            "names no students: of Identifier, id, .* but Nummer, Name",
        ),
        ("", "but none at all; export it"),
        ("id\n../x\n", r":2: '../x' can be no name of a folder"),
        ("id\n.hidden\n", "can be no name of a folder"),
    ],
)
def test_a_table_that_is_none(course, tmp_path, text, said):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(HomeworkError, match=said):
        take(course, "canvas", {}, roster=tmp_path / "x.csv")


def test_a_table_in_another_encoding(course, tmp_path):
    (tmp_path / "x.csv").write_bytes("id,name\n1,Müller".encode("latin1"))
    with pytest.raises(HomeworkError, match="no text in UTF-8"):
        take(course, "canvas", {}, roster=tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Müller", "MULLER"), ("Łukasz Øst", "lukaszost"), ("Weiß", "WEISS"), ("Nguyễn", "nguyen"),
     ("O'Brien-Smith", "obriensmith")],
)  # fmt: skip
def test_names_without_accents(one, other):
    assert plain_name(one) == plain_name(other)
    assert plain_name(unicodedata.normalize("NFD", one)) == plain_name(one)


def test_names_that_do_not_say_that_they_are_unicode(course):
    path = course.parent / "mac.zip"
    name = "Anna Müller_71_assignsubmission_file_/tiny.ipynb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, notebook("a"))
    content = path.read_bytes()
    for mark, place in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)]:  # local header, directory
        at = content.index(mark) + place
        flags = int.from_bytes(content[at : at + 2], "little") & ~0x800
        content = content[:at] + flags.to_bytes(2, "little") + content[at + 2 :]
    path.write_bytes(content)
    with old_nbgrader():
        assert [row.student for row in collect("moodle", path, "tiny", course).rows] == ["anna"]


# What is taken -----------------------------------------------------------------------------


def test_wrong_types_and_too_many(course):
    folder = "_assignsubmission_file_/"
    found = take(
        course,
        "moodle",
        {
            f"Anna Müller_71{folder}tiny.ipynb": notebook("a"),
            f"Anna Müller_71{folder}other.ipynb": notebook("other"),
            f"Anna Müller_71{folder}timestamp.txt": "2000-01-01 00:00:00 UTC",
            f"Anna Müller_71{folder}.ipynb_checkpoints/tiny-checkpoint.ipynb": notebook("old"),
            f"__MACOSX/Anna Müller_71{folder}._tiny.ipynb": "x",
            f"Li Chen_72{folder}tiny.pdf": "%PDF",
            f"Li Chen_72{folder}photo.heic": "x",
            f"Zoë van der Berg_73{folder}tiny.ipynb.txt": notebook("z"),
        },
    )
    assert rows(found) == {
        "anna": ("new", "2 notebooks: tiny.ipynb taken, not other.ipynb"), "zoe": ("new", "")
    }  # fmt: skip
    assert (who(course, "anna"), who(course, "zoe")) == ("a", "z")
    there = sorted(path.name for path in (course / "submitted/anna/tiny").iterdir())
    assert there == ["tiny.ipynb"]
    assert found.left == [
        ("anna: timestamp.txt", "is not for students to write"),
        ("chen", "no notebook, but photo.heic, tiny.pdf; ask for the .ipynb file"),
    ]


def test_of_two_in_one_archive_the_newest_wins(course):
    found = take(
        course,
        "canvas",
        {
            "müller_1001_9005_tiny-1.ipynb": notebook("second"),
            "müller_1001_9001_tiny.ipynb": notebook("first"),
            "chen_1003_9002_tiny-2.ipynb": notebook("newer"),
            "chen_1003_9001_tiny-1.ipynb": notebook("older"),
        },
    )
    assert who(course, "chen") == "newer"
    assert rows(found)["chen"][1] == "2 notebooks: tiny-2.ipynb taken, not tiny-1.ipynb"
    assert who(course, "anna") == "second"


def test_handed_in_again_in_a_later_archive(course):
    take(course, "canvas", {"müller_1001_9001_tiny.ipynb": notebook("first"),
                            "chen_1003_9003_tiny.ipynb": notebook("third")})  # fmt: skip
    found = take(
        course,
        "canvas",
        {
            "müller_1001_9002_tiny.ipynb": notebook("second"),
            "chen_1003_9001_tiny.ipynb": notebook("before the third"),
            "berg_1004_9004_tiny.ipynb": notebook("z"),
        },
    )
    statuses = {"anna": "replaced", "chen": "older", "zoe": "new"}
    assert {row.student: row.status for row in found.rows} == statuses
    assert (who(course, "anna"), who(course, "chen")) == ("second", "third")
    again = take(course, "canvas", {"müller_1001_9002_tiny.ipynb": notebook("second")})
    assert rows(again) == {"anna": ("unchanged", "")}
    names = sorted(path.name for path in (course / "submitted/anna").iterdir())
    assert names == ["tiny"]


def test_what_an_instructor_has_mended_stays(course):
    files = {"müller_1001_9001_tiny.ipynb": notebook("as handed in")}
    take(course, "canvas", files)
    (course / "submitted/anna/tiny/tiny.ipynb").write_text(notebook("mended"))
    assert rows(take(course, "canvas", files)) == {"anna": ("unchanged", "")}
    assert who(course, "anna") == "mended"


def test_several_notebooks_in_a_homework(tmp_path):
    course = tmp_path / "course"
    for name in ("part-1", "part-2"):
        path = course / "source/hw" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook(name))
    (course / "students.csv").write_text("id,lms_user_id\nanna,1001\n")
    path = pack(
        tmp_path / "x.zip",
        {
            "a_1001_1_part-1.ipynb": notebook("one"),
            "a_1001_2_part-2-3.ipynb": notebook("two"),
            "a_1001_3_part-9.ipynb": notebook("nine"),
        },
    )
    with old_nbgrader():
        found = collect("canvas", path, "hw", course, course / "students.csv")
    there = sorted(p.name for p in (course / "submitted/anna/hw").iterdir())
    assert there == ["part-1.ipynb", "part-2.ipynb"]
    assert found.left == [("anna: part-9.ipynb", "is none of part-1.ipynb, part-2.ipynb")]
    with old_nbgrader():
        kept = handed_in(coursedir_of(course), "hw")
    assert kept["anna"]["files"] == {"part-1": "1", "part-2": "2"}


# When it was handed in ---------------------------------------------------------------------


def test_times_of_the_archive(course):
    folder = "_assignsubmission_file_/tiny.ipynb"
    found = take(
        course,
        "moodle",
        {
            f"Anna Müller_71{folder}": (notebook("a"), (2030, 1, 31, 11, 20, 0)),
            f"Li Chen_72{folder}": (notebook("c"), (2030, 1, 31, 14, 30, 0)),
        },
    )
    assert rows(found) == {"anna": ("new", ""), "chen": ("new", "late by 2:30:00")}
    assert found.notes == []
    stamp = (course / "submitted/chen/tiny/timestamp.txt").read_text().strip()
    assert parse_utc(stamp) == datetime(2030, 1, 31, 14, 30)


def test_times_of_packing_are_none(course):
    folder = "_assignsubmission_file_/tiny.ipynb"
    found = take(
        course,
        "moodle",
        {
            f"Anna Müller_71{folder}": (notebook("a"), (2030, 2, 9, 11, 20, 0)),
            f"Li Chen_72{folder}": (notebook("c"), (2030, 2, 9, 11, 21, 0)),
        },
    )
    assert rows(found) == {"anna": ("new", ""), "chen": ("new", "")}
    assert "with the grading worksheet as --roster it is" in found.notes[0]
    assert not list(course.glob("submitted/*/tiny/timestamp.txt"))


def test_times_of_the_worksheet_in_the_zone_of_the_course(course, tmp_path):
    (tmp_path / "worksheet.csv").write_text(WORKSHEET)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Exchange.timezone = 'Europe/Berlin'\n")
    folder = "_assignsubmission_file_/tiny.ipynb"
    files = {f"Anna Müller_71{folder}": notebook("a"), f"Li Chen_72{folder}": notebook("c")}
    found = take(course, "moodle", files, roster=tmp_path / "worksheet.csv")
    assert rows(found) == {"anna": ("new", ""), "chen": ("new", "late by 1:30:00")}
    stamp = (course / "submitted/anna/tiny/timestamp.txt").read_text().strip()
    assert parse_utc(stamp) == datetime(2030, 1, 31, 10, 20)  # 11:20 there


# Refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../evil.ipynb", "a/../../evil.ipynb", "/etc/evil", "C:\\evil", "a\\..\\..\\evil", "C:/evil"],
)
def test_a_path_that_leads_out(course, name):
    files = {"müller_1001_9001_tiny.ipynb": notebook("a"), name: "evil"}
    with pytest.raises(HomeworkError, match="leads out of its folder; nothing was imported"):
        take(course, "canvas", files)
    assert not (course / "submitted").exists()
    assert not list(course.parent.rglob("*evil*"))


def test_a_link(course):
    path = course.parent / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("müller_1001_9001_tiny.ipynb")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with old_nbgrader(), pytest.raises(HomeworkError, match="is a link; nothing was imported"):
        collect("canvas", path, "tiny", course)


def test_a_huge_file_is_left_out(course, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_FILE", 1_000_000)
    files = {"müller_1001_9001_tiny.ipynb": notebook("a"),
             "chen_1003_9002_tiny.ipynb": "0" * 1_000_001}  # fmt: skip
    found = take(course, "canvas", files)
    assert [row.student for row in found.rows] == ["anna"]
    assert found.left == [("chen: tiny.ipynb", "is larger than 1 MB")]
    assert not (course / "submitted/chen").exists()


def test_a_file_that_is_larger_than_it_says(course, monkeypatch, tmp_path):
    monkeypatch.setattr(archives, "LARGEST_FILE", 1_000_000)
    path = pack(tmp_path / "x.zip", {"a.ipynb": "0" * 1_000_001})
    with archives.open_archive(path) as (entry,):
        lying = archives.Entry(entry.path, entry.when, 10, entry.archive, entry.info)
        assert lying.copy(tmp_path / "a.ipynb") == "is larger than 1 MB"


def test_too_many_files(course, monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    with pytest.raises(HomeworkError, match="holds 3 files; at most 2"):
        take(course, "canvas", {"a": "", "b": "", "c": ""})


@pytest.mark.parametrize("content", [b"%PDF", b"", b"PK\x03\x04 cut off"])
def test_no_archive(course, content):
    path = course.parent / "x.zip"
    path.write_bytes(content)
    with old_nbgrader(), pytest.raises(HomeworkError, match="cannot be read as a zip archive"):
        collect("canvas", path, "tiny", course)


def test_a_damaged_file(course):
    path = pack(course.parent / "x.zip", {"müller_1001_9001_tiny.ipynb": notebook("aaaaaaaa"),
                                          "chen_1003_9002_tiny.ipynb": notebook("c")})  # fmt: skip
    path.write_bytes(path.read_bytes().replace(b"aaaaaaaa", b"aaaabaaa"))
    with old_nbgrader():
        found = collect("canvas", path, "tiny", course)
    assert [row.student for row in found.rows] == ["chen"]
    assert found.left[0][0] == "anna: tiny.ipynb"
    assert found.left[0][1].startswith("is damaged in the archive")


def test_a_name_that_is_too_long(course):
    folder = "Anna Müller_71_assignsubmission_file_/"
    files = {f"{folder}tiny.ipynb": notebook("a"), f"{folder}{'x' * 300}.csv": "1"}
    found = take(course, "moodle", files)
    assert [row.student for row in found.rows] == ["anna"]
    assert "cannot be written: File name too long" in found.left[0][1]


def test_no_such_homework(course):
    with old_nbgrader(), pytest.raises(HomeworkError, match="no homework called 'small'"):
        collect("canvas", pack(course.parent / "x.zip", {}), "small", course)
