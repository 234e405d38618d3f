def answers_of(label):
    return []
def check_exercise(label):
    pass
