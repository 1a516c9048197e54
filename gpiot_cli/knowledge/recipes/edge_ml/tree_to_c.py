"""Train a decision tree and write it as a C function for a microcontroller.

Use it for classifiers that must run in microseconds without a library: nested ifs on float inputs,
no memory. The depth is limited, since code size can double with every level. Thresholds are rounded
down to 32-bit floats, which gives the same decision as the tree for 32-bit inputs. Fill missing
values before.

topic: edge ml
modality: generic, vibration, time series
keywords: decision tree, C code generation, microcontroller, embedded, firmware, tinyml, arduino
source: L. Breiman, J. H. Friedman, R. A. Olshen and C. J. Stone, 1984, "Classification and Regression Trees", Wadsworth
"""

import numpy as np
from sklearn.tree import DecisionTreeClassifier


def tree_to_c(
    features: np.ndarray, labels: np.ndarray, max_depth: int = 5, name: str = "classify"
) -> tuple[str, np.ndarray]:
    """C source of the tree and the classes its numbers stand for.

    Inputs:
        features (numpy.ndarray): training rows without missing values, shape (n, columns)
        labels (numpy.ndarray): class of each row (numbers or text), shape (n,)
        max_depth (int): depth of the tree, at least 1
        name (str): name of the C function
    Outputs:
        source (str): a C function `int name(const float x[columns])` that returns a class number
        classes (numpy.ndarray): class of each number, shape (classes,)
    """
    x = np.asarray(features, dtype=np.float32)
    if x.ndim != 2 or len(x) == 0 or len(x) != len(labels) or not np.isfinite(x).all():
        raise ValueError("need (n, columns) without missing values and a label for each row")
    if max_depth < 1 or not name.isidentifier():
        raise ValueError("max_depth must be at least 1 and name a C identifier")
    fitted = DecisionTreeClassifier(max_depth=max_depth, random_state=0).fit(x, labels)
    lines = [f"int {name}(const float x[{x.shape[1]}]) {{"]
    _write(fitted.tree_, 0, 1, lines)
    return "\n".join([*lines, "}"]) + "\n", fitted.classes_


def _write(tree: object, node: int, depth: int, lines: list) -> None:
    """Append the C lines of a node and all below it."""
    indent = "    " * depth
    if tree.children_left[node] < 0:
        lines.append(f"{indent}return {int(np.argmax(tree.value[node]))};")
        return
    threshold = np.float32(tree.threshold[node])
    if threshold > tree.threshold[node]:
        threshold = np.nextafter(threshold, np.float32(-np.inf))
    lines.append(f"{indent}if (x[{tree.feature[node]}] <= {float(threshold):.9e}f) {{")
    _write(tree, tree.children_left[node], depth + 1, lines)
    lines.append(f"{indent}}} else {{")
    _write(tree, tree.children_right[node], depth + 1, lines)
    lines.append(f"{indent}}}")


def check() -> None:
    """The C code, read as Python, decides like the tree on ten thousand rows."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 3)).astype(np.float32)
    labels = np.array(["idle", "run", "fault"])[(x[:, 0] > 0.3) + 1 * (x[:, 0] * x[:, 1] > 0.2)]
    source, classes = tree_to_c(x, labels, 6)
    python = (
        source.replace("const float x[3]", "x").replace("int ", "def ").replace("} else {", "else:")
    )
    python = python.replace("f) {", "):").replace(") {", "):").replace(";", "").replace("}", "")
    scope: dict = {}
    exec(python, scope)
    tree = DecisionTreeClassifier(max_depth=6, random_state=0).fit(x, labels)
    new = rng.normal(size=(10_000, 3)).astype(np.float32)
    decided = classes[[scope["classify"](row) for row in new]]
    assert np.array_equal(decided, tree.predict(new))
    assert np.mean(decided == "idle") > 0.2
    assert source.count("{") == source.count("}")
    assert tree_to_c(x, np.zeros(2000), 3)[0].count("return 0;") == 1
