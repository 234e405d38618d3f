"""Keras models, rebuilt from a description that may have been forged.

Keras reads layers that hold code, load files or name any class of any module; here only its own
layers pass, without those, so that the judge runs nothing but Keras itself.
"""

import json

from coursekit.grading.execution.messages import WireError

PARTS = "layers initializers regularizers constraints losses metrics optimizers activations"
MODULES = {None, "keras", "keras.models", "keras.src.models.functional"}
MODULES |= {f"keras.{part}" for part in PARTS.split()}
# they run code, or read files
BARRED = "Lambda TorchModuleWrapper TFSMLayer JaxLayer FlaxLayer StringLookup IntegerLookup"
BARRED = {*BARRED.split(), "TextVectorization", "__lambda__"}


def build(architecture):
    """Return the model of a JSON description, as Keras' `to_json` writes it.

    Raises
    ------
    WireError
        Something in it is not one of Keras' own layers, or could run code or read a file.

    """
    import keras

    waiting = [json.loads(architecture)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            module, name = node.get("module"), node.get("class_name")
            if module not in MODULES or name in BARRED:
                raise WireError(f"a model with {module}.{name}"[:100])
            waiting += node.values()
    return keras.models.model_from_json(architecture)
