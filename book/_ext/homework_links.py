"""Which homework belongs to which chapters; the site and the students' notebooks link by it."""

from pathlib import Path

CHAPTERS = {
    "floating-point": ["numbers/floating-point"],
    "softmax": ["numbers/softmax"],
    "conditioning": ["numbers/conditioning"],
    "gradients": ["models/derivative", "models/gradient"],
    "taylor": ["models/jacobian-hessian", "models/taylor"],
    "convexity": ["models/convexity"],
    "gradient-descent": ["descent/gradient-descent", "descent/landscapes"],
    "newton": ["descent/newton"],
    "stochastic": ["descent/stochastic"],
    "kaczmarz": ["descent/kaczmarz"],
    "momentum": ["descent/momentum"],
    "lagrange": ["constraints/lagrange"],
    "kkt": ["constraints/kkt"],
    "linear-programming": ["constraints/linear-programming"],
    "least-squares": ["constraints/least-squares"],
    "networks": ["learning/networks"],
    "backpropagation": ["learning/backpropagation"],
    "cnn": ["learning/convolution", "learning/cnn"],
    "generalisation": ["learning/generalisation"],
}


def homework_of(topic):
    """Return the name of the homework to a chapter, or None."""
    return next((name for name, topics in CHAPTERS.items() if topic in topics), None)


def offer_homework(app, pagename, templatename, context, doctree):
    """Name the page's homework, for the link above the page."""
    name = homework_of(pagename)
    there = name and Path(app.srcdir).parent.joinpath("assignments", f"{name}.md").exists()
    context["homework"] = name if there else None


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", offer_homework)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
