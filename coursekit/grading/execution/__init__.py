"""What runs in the sandbox: a judge, a student's process, and the calls between them."""
