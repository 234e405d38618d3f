"""The journal: neither a line that a kill has cut off counts, nor another submission's result."""

from coursekit.grading.journal import Journal


def test_torn_line_does_not_count(tmp_path):
    with Journal(tmp_path, "hw") as journal:
        journal.store("a", "1", {"n": 1})
        journal.written("a", "1")
        journal.store("b", "2", {"n": 2})
    path = tmp_path / "hw.jsonl"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with Journal(tmp_path, "hw") as journal:
            lines = whole[:length].count(b"\n")
            assert journal.last("a").get("event") == [None, "result", "written"][min(lines, 2)]
            assert journal.last("b") == {}
            journal.written("c", "3")
        with Journal(tmp_path, "hw") as journal:
            assert journal.last("c")["fingerprint"] == "3"
        assert path.read_bytes().count(b"\n") == lines + 1


def test_result_of_another_submission_or_torn_is_none(tmp_path):
    with Journal(tmp_path, "hw") as journal:
        journal.store("a", "1", {"big": 2**63, "text": "half \ud800", "bytes": b"\0"})
        assert journal.result("a", "1") == {"big": 2**63, "text": "half \ud800", "bytes": b"\0"}
        assert journal.result("a", "2") is journal.result("b", "1") is None
        path = tmp_path / "hw" / "a.msgpack"
        path.write_bytes(path.read_bytes()[:-3])
        assert journal.result("a", "1") is None
