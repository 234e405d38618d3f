"""From what was handed in to a job: the student's text in the frame of the source."""
