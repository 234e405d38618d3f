"""Submissions that want points for answers they do not have.

None of them solves anything: `UNSOLVED` answers all questions, wrongly, where they do not.
ATTACKS: {description: (cells, tests that lose their points)}.
"""

# ruff: noqa: E501  (cells of a notebook, a line each)

UNSOLVED = {
    "double": "def double(x):\n    return None",
    "count": "def count(words):\n    return None",
    "primes": "primes = total = None",
    "follow": "def follow(step, x, n):\n    return None",
}
DOUBLE = "double-values double-arrays"
COUNT = "count-words count-all count-some"
PRIMES = "primes-values primes-close"
EVERY = f"{DOUBLE} {COUNT} {PRIMES} follow-steps"

EQUAL = """
class Equal:
    def yes(self, *anything, **more): return True
    def same(self, *anything, **more): return self
    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __bool__ = __contains__ = yes
    __call__ = __getattr__ = __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = same
    __mul__ = __rmul__ = __abs__ = __array_wrap__ = __enter__ = same
    def __hash__(self): return 0
    def __len__(self): return 4
    def __float__(self): return 0.0
    def __iter__(self): return iter([self] * 4)
"""
LIAR = """
class Liar(KIND):
    def yes(self, *anything, **more): return True
    def no(self, *anything, **more): return False
    __eq__ = __le__ = __ge__ = __contains__ = yes
    __ne__ = __lt__ = __gt__ = no
    def __hash__(self): return 0
"""
ARRAY = """
import numpy as np
class Liar(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **more): return np.bool_(True)
    def __array_function__(self, function, types, args, more): return True
    def __array_finalize__(self, other): pass
    def __eq__(self, other): return np.array(True)
    def __sub__(self, other): return 0
    __rsub__ = __sub__
    def __abs__(self): return 0
    def __array__(self, *args, **more): return np.zeros((2, 2))
    shape = property(lambda self: (2, 2))
"""
PATCHED = """
import builtins
true = lambda *anything, **more: True
for name in ("isinstance", "all", "any", "callable", "hasattr", "issubclass", "bool"):
    setattr(builtins, name, true)
builtins.abs = builtins.sum = lambda *anything: 4
builtins.len = lambda thing: 4
builtins.AssertionError = builtins.Exception = type("Never", (BaseException,), {})
builtins.print = builtins.sorted = builtins.map = true
"""
MODULES = """
import sys, types
class Fake(types.ModuleType):
    def __getattr__(self, name): return lambda *anything, **more: True
for name in list(sys.modules):
    if name.split(".")[0] in ("numpy", "coursekit", "math", "scipy", "inspect"):
        sys.modules[name] = Fake(name)
np = check_against = Fake("numpy")
"""
NUMPY = """
import numpy as np
true = lambda *anything, **more: True
for name in ("isclose", "allclose", "array_equal", "all", "any", "abs", "shape"):
    setattr(np, name, true)
np.testing.assert_allclose = np.testing.assert_array_equal = true
import coursekit.checks
for name in dir(coursekit.checks):
    if name.startswith("check"):
        setattr(coursekit.checks, name, true)
check_against = true
"""
TRACE = """
import sys, threading
def skip(frame, event, argument):
    frame.f_trace_lines = True
    if event == "exception":
        frame.f_lineno = frame.f_lineno + 1
    return skip
sys.settrace(skip)
threading.settrace_all_threads(skip) if hasattr(threading, "settrace_all_threads") else None
"""
TREE = """
import ast
class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
shell = get_ipython()
shell.ast_transformers.append(NoAsserts())
shell.input_transformers_cleanup.append(lambda lines: [l for l in lines if "assert" not in l])
shell.input_transformers_post.append(lambda lines: [l for l in lines if "assert" not in l])
"""
HOOKS = """
shell = get_ipython()
shell.set_custom_exc((BaseException,), lambda *anything, **more: None)
shell.showtraceback = shell._showtraceback = lambda *anything, **more: None
shell.events.register("pre_run_cell", lambda info: setattr(info, "raw_cell", "pass"))
shell.run_cell = shell.run_cell_async = shell.run_code = lambda *anything, **more: None
type(shell).run_cell = lambda *anything, **more: None
shell.compile = compile
import sys
sys.displayhook = sys.excepthook = lambda *anything: None
"""
PEER = """
import gc
peer = next(thing for thing in gc.get_objects() if type(thing).__name__ == "Peer")
Peer, answer = type(peer), [None]
def lie(node, changes=(), printed="", fine=True):
    Peer._do = lambda self, *request: [fine, node, list(changes), printed]
def name(**nodes):
    peer.handlers["names"] = lambda wanted: [[list(pair) for pair in nodes.items()], []]
"""
ALL_NAMES = """
names = "double count primes total follow np check_against kestrel_log isinstance abs all len"
values = {name: ["r", 0, name, "function", True] for name in names.split()}
"""
LATER = """
import threading, time
def whisper():
    while True:
        time.sleep(0.001)
        for thing in (primes, ):
            primes[:] = [2, 3, 5, 7]
primes, total = [], 17
threading.Thread(target=whisper, daemon=True).start()
"""
MODEL = """
import json
layer = {"module": "MODULE", "class_name": "CLASS", "registered_name": None, "config": CONFIG}
config = {"name": "m", "trainable": True, "layers": [layer]}
model = {"module": "keras", "class_name": "Sequential", "registered_name": None, "config": config}
node = ["K", ["r", 0, "", "", False], json.dumps(model), []]
"""


def every(first):
    """No question answered, and this before them."""
    return {"first": first, **UNSOLVED}


def returns(kind, value):
    """Return the same value to everyone."""
    return {
        "first": kind,
        "double": f"double = lambda x: {value}",
        "count": f"count = lambda words: {value}",
        "primes": f"primes = total = {value}",
        "follow": f"follow = lambda step, x, n: {value}",
    }


def model(module, name, config):
    text = MODEL.replace("MODULE", module).replace("CLASS", name).replace("CONFIG", config)
    return {**UNSOLVED, "double": f"{PEER}{text}name(double=node)\nlie(node)"}


def liar(kind, value):
    return returns(LIAR.replace("KIND", kind), f"Liar({value})")


ATTACKS = {
    "nothing answered": (every(""), EVERY),
    "an object equal to everything": (returns(EQUAL, "Equal()"), EVERY),
    "a class equal to everything": (returns(EQUAL, "Equal"), EVERY),
    "an int that lies": (liar("int", "0"), EVERY),
    "a float that lies": (liar("float", "0"), EVERY),
    "a str that lies": (liar("str", "''"), EVERY),
    "a list that lies": (liar("list", "[0]"), EVERY),
    "a tuple that lies": (liar("tuple", "[0]"), EVERY),
    "a dict that lies": (liar("dict", "{}"), EVERY),
    "an array that lies": (returns(ARRAY, "np.zeros((2, 2)).view(Liar)"), EVERY),
    "an array with lies as its items": (
        returns(EQUAL + "import numpy as np", "np.array([Equal()] * 4, dtype=object)"), EVERY,
    ),
    "an object that pretends to be an int": (
        returns(EQUAL + "    __class__ = property(lambda self: int)\n    __index__ = lambda self: 4",
                "Equal()"), EVERY,
    ),
    "a mock": (returns("from unittest.mock import MagicMock", "MagicMock()"), EVERY),
    "a generator": (returns("", "(x for x in [2, 3, 5, 7])"), EVERY),
    "an empty array": (
        returns("import numpy as np", "np.zeros((0, 2))"), EVERY,
    ),
    "not a number": (returns("", "float('nan')"), EVERY),
    "types of Python": (returns("", "type") | {"double": "double = object"}, EVERY),
    "functions of Python": (returns("", "print") | {"double": "double = all"}, EVERY),
    "names of the test's own": (
        every("def right(*anything): return True\nnp = check_against = isinstance = right\n"
              "kestrel_log = [1.0, 2.5, 4.0, 5.5]"), EVERY,
    ),
    "patched builtins": (every(PATCHED), EVERY),
    "patched numpy and checks": (every(NUMPY), EVERY),
    "patched modules": (every(MODULES), EVERY),
    "patched while a test runs": (
        {**UNSOLVED, "double": "def double(x):\n" + "".join(f"    {line}\n" for line in
         NUMPY.splitlines())}, EVERY,
    ),
    "a trace function that jumps over exceptions": (every(TRACE), EVERY),
    "an AST transformer without asserts": (every(TREE), EVERY),
    "IPython's hooks": (every(HOOKS), EVERY),
    "PYTHONOPTIMIZE": (every("import os, sys\nos.environ['PYTHONOPTIMIZE'] = '2'\n%pdb off"), EVERY),
    "StopIteration ends a loop of the test": (
        {**UNSOLVED, "count": "def count(words):\n    raise StopIteration"}, EVERY,
    ),
    "GeneratorExit, SystemExit and KeyboardInterrupt": (
        {**UNSOLVED, "double": "def double(x):\n    raise SystemExit(0)",
         "count": "def count(words):\n    raise KeyboardInterrupt",
         "follow": "def follow(step, x, n):\n    raise GeneratorExit"}, EVERY,
    ),
    "an exception with a hostile text": (
        {**UNSOLVED, "double": "class Odd(Exception):\n    def __str__(self): raise self\n"
         "    __repr__ = __str__\n    args = property(__str__)\ndef double(x): raise Odd"}, EVERY,
    ),
    "a group of exceptions": (
        {**UNSOLVED, "double": "def double(x):\n    raise ExceptionGroup('no', [ValueError()])",
         "follow": "def follow(step, x, n):\n    try:\n        raise ExceptionGroup('no', "
         "[ValueError()])\n    except ExceptionGroup:\n        step(None)"}, EVERY,
    ),
    "something pickled": (
        returns("import os\nclass Odd:\n    def __reduce__(self): return print, ('here',)\n"
                "    __getstate__ = __reduce_ex__ = __deepcopy__ = __reduce__", "Odd()"), EVERY,
    ),
    "numbers planted as outputs": (
        {**UNSOLVED, "count": "from IPython.display import display\n"
         "def count(words):\n    print(4)\n    display(4)\n    get_ipython().displayhook(4)\n4"},
        EVERY,
    ),
    "arguments changed to fit the answer": (
        {**UNSOLVED, "double": "def double(x):\n    x[...] = 0\n    return x",
         "count": "def count(words):\n    words.clear()\n    return {}"}, EVERY,
    ),
    "the callback's record overwritten": (
        {**UNSOLVED, "follow": "def follow(step, x, n):\n    for y in [1.0, 2.5, 4.0, 5.5]:\n"
         "        step(y)\n    step.__closure__ = step.__globals__ = None\n    return 7.0"}, EVERY,
    ),
    "a module of its own": (
        {**UNSOLVED, "primes": "class Fake:\n    def isclose(self, *anything): return True\n"
         "math, primes, total = Fake(), [0, 0, 0, 0], 0"}, EVERY,
    ),
    "a module of its own, forged": (
        {**UNSOLVED, "primes": f"{PEER}name(math=['r', 0, 'math', 'module', True], "
         "primes=['l', [1, 2, 3, 4]])\nlie(True)"}, EVERY,
    ),
    "a thread that answers later": ({**UNSOLVED, "primes": LATER.replace("17", "0")}, EVERY),
    "a forged answer: the judge's own objects": (
        {**UNSOLVED, "double": f"{PEER}lie(['_getattribute__', 'references'])\n"
         "name(double=['_getattribute__', '__call__'], count=['_class__', 1, 2])"}, EVERY,
    ),
    "a forged answer: what the judge was given": (
        {**UNSOLVED, "double": f"{PEER}lie(['x', 0])\ndef double(x): pass"}, EVERY,
    ),
    "a forged answer: the arguments overwritten": (
        {**UNSOLVED, "double": f"{PEER}lie(['x', 1], [[1, ['a', '<f8', [2, 2], 'C', True, bytes(32)]]])\n"
         "def double(x): pass"}, EVERY,
    ),
    "a forged answer: truth values that are no truth values": (
        {**UNSOLVED, "double": f"{PEER}lie(['a', '|b1', [2, 2], 'C', True, bytes([2, 255, 7, 99])])\n"
         "def double(x): pass"}, EVERY,
    ),
    "a forged answer: before it was asked": (
        {**UNSOLVED, "double": f"{PEER}from coursekit.grading.execution import messages\n"
         "for k in range(1, 200): messages.send(peer.sock, [-k, True, None, [], ''])"}, EVERY,
    ),
    "forged names": (
        every(PEER + ALL_NAMES + "name(**values)\nlie(True)"), EVERY,
    ),
    "forged names that are no names": (
        every(PEER + "peer.handlers['names'] = lambda wanted: [[[['double'], 0]], [{}]]"), EVERY,
    ),
    "a forged exception: one that ends loops": (
        {**UNSOLVED, "count": f"{PEER}lie(['error', 0, ['builtins.StopIteration'], [], '', ''], fine=False)"
         "\ndef count(words): pass"}, EVERY,
    ),
    "a forged exception: one that cannot be printed": (
        {**UNSOLVED, "count": f"{PEER}odd = ['l', [1]]\nfor k in range(120): odd = ['A', [1], [odd]]\n"
         "lie(['error', 0, ['builtins.AssertionError'], [odd], '', ''], fine=False)"
         "\ndef count(words): pass"}, EVERY,
    ),
    "a forged exception: of the syntax": (
        {**UNSOLVED, "count": f"{PEER}odd = ['t', ['/etc/passwd', -7, ['A', [0], []], 5, b'x', None]]\n"
         "lie(['error', 0, ['builtins.SyntaxError'], [5, odd], '', ''], fine=False)"
         "\ndef count(words): pass"}, EVERY,
    ),
    "a forged answer: references it was never given": (
        {**UNSOLVED, "double": f"{PEER}import itertools\nhandles = itertools.cycle([0, -1, 10**9, 'x', None])\n"
         "Peer._do = lambda self, *r: [True, ['o', next(handles)], [], '']\ndef double(x): pass"}, EVERY,
    ),
    "a forged exception: one of the judge's": (
        {**UNSOLVED, "count": f"{PEER}lie(['home', 0], fine=False)\ndef count(words): pass"}, EVERY,
    ),
    "a forged record with code as its names": (
        {**UNSOLVED, "double": f"{PEER}lie(['T', 'x(object): pass\\nimport os', ['__class__', 'a b', "
         "'exec(1)', 'def'], [1, 2, 3, 4]])\ndef double(x): pass"}, EVERY,
    ),
    "a forged dataclass": (
        {**UNSOLVED, "double": f"{PEER}lie(['D', 'coursekit.grading.sandbox.confine', 'subprocess', []])\n"
         "name(double=['D', 'coursekit.objectives', 'Objective', []], "
         "count=['D', 'coursekit..', 'os', [['a', 1]]])"}, EVERY,
    ),
    "a forged generator that reads beyond its state": (
        {**UNSOLVED, "double": f"{PEER}import numpy as np\nfrom coursekit.grading.execution.encoding import Encoder\n"
         "rng = np.random.Generator(np.random.MT19937(0))\nnode = Encoder(peer)(rng)\n"
         "state = rng.bit_generator.state\nstate['state']['pos'] = 10**8\n"
         "node = ['g', 'MT19937', Encoder(peer)(state)]\nlie(node)\nname(double=node)"}, EVERY,
    ),
    "a Keras model with code in a layer": (
        model("keras.layers", "Lambda", "{'function': {'class_name': '__lambda__', 'config': "
              "{'code': '4wEAAAA=', 'defaults': None, 'closure': None}}}"), EVERY,
    ),
    "a Keras model of the module os": (model("os", "system", "{'command': 'true'}"), EVERY),
}  # fmt: skip
