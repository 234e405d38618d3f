"""From and to a learning management system: Moodle, Canvas, or tables of one's own."""
