"""What grading shows: feedback for students and a report for the instructor."""
