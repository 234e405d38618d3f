"""What runs behind the walls: a judge, a student's process, and the calls between them."""
