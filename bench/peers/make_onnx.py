"""Builds the inference-only ONNX graphs (Embedding=Gather, LSTM/GRU, dense) for onnxruntime in $PEER_ENV/onnx_models."""
import os, numpy as np, onnx
from onnx import helper as h, numpy_helper as nh, TensorProto as TP
from common import W
out = os.path.join(os.environ["PEER_ENV"], "onnx_models")
os.makedirs(out, exist_ok=True)
rng = np.random.default_rng(0)


def save(name, nodes, inputs, outputs, inits):
    g = h.make_graph(nodes, name, inputs, outputs, [nh.from_array(v, k) for k, v in inits.items()])
    m = h.make_model(g, opset_imports=[h.make_opsetid("", 14)], ir_version=8)
    onnx.checker.check_model(m)
    onnx.save(m, os.path.join(out, name + ".onnx"))


r = lambda *s: ((rng.random(s) - 0.5) * 0.2).astype(np.float32)
for name, w in W.items():
    B, T, H = w["B"], w["T"], w["hidden"]
    G = 3 if w["kind"] == "gru" else 4
    inits, nodes, inputs, outputs = {}, [], [], []
    if "vocab" in w:  # ids [T,B]
        inputs.append(h.make_tensor_value_info("x", TP.INT64, [T, B]))
        inits["emb"] = r(w["vocab"], w["emb"])
        nodes.append(h.make_node("Gather", ["emb", "x"], ["e"]))
        cur, d = "e", w["emb"]
    else:
        inputs.append(h.make_tensor_value_info("x", TP.FLOAT, [T, B, w["features"]]))
        cur, d = "x", w["features"]
    state = w["task"] == "generate"
    if state:
        for s in ("h0", "c0"):
            inputs.append(h.make_tensor_value_info(s, TP.FLOAT, [1, B, H]))
    for i in range(w["layers"]):
        inits[f"w{i}"], inits[f"r{i}"], inits[f"b{i}"] = r(1, G * H, d), r(1, G * H, H), r(1, 2 * G * H)
        ins = [cur, f"w{i}", f"r{i}", f"b{i}"] + (["", "h0", "c0"] if state else [])
        outs = [f"y{i}", "h1" if state else f"hn{i}"] + ([("c1" if state else f"cn{i}")] if G == 4 else [])
        kw = dict(linear_before_reset=1) if G == 3 else {}
        nodes.append(h.make_node("GRU" if G == 3 else "LSTM", ins, outs, hidden_size=H, **kw))
        inits["ax1"] = np.array([1], np.int64)
        nodes.append(h.make_node("Squeeze", [f"y{i}", "ax1"], [f"s{i}"]))  # [T,B,H]
        cur, d = f"s{i}", H
    inits["wo"], inits["bo"] = r(H, w["out"]), r(w["out"])
    if w["task"] in ("classify", "regress"):
        inits["ax0"] = np.array([0], np.int64)
        nodes.append(h.make_node("Squeeze", [f"hn{w['layers']-1}", "ax0"], ["last"]))
        cur = "last"
    nodes += [h.make_node("MatMul", [cur, "wo"], ["mm"]), h.make_node("Add", ["mm", "bo"], ["logits"])]
    if state:
        nodes.append(h.make_node("ArgMax", ["logits"], ["y"], axis=2, keepdims=0))
        outputs += [h.make_tensor_value_info("y", TP.INT64, [T, B]), h.make_tensor_value_info("h1", TP.FLOAT, [1, B, H]), h.make_tensor_value_info("c1", TP.FLOAT, [1, B, H])]
    else:
        outputs.append(h.make_tensor_value_info("logits", TP.FLOAT, [B, w["out"]] if w["task"] in ("classify", "regress") else [T, B, w["out"]]))
    save(name, nodes, inputs, outputs, inits)
for n in (256, 512, 1024):
    save(f"gemm{n}", [h.make_node("MatMul", ["a", "b"], ["c"])], [h.make_tensor_value_info(k, TP.FLOAT, [n, n]) for k in "ab"], [h.make_tensor_value_info("c", TP.FLOAT, [n, n])], {})
v = lambda k: h.make_tensor_value_info(k, TP.FLOAT, [10**6])
save("tanh", [h.make_node("Tanh", ["a"], ["c"])], [v("a")], [v("c")], {})
save("add", [h.make_node("Add", ["a", "b"], ["c"])], [v("a"), v("b")], [v("c")], {})
print(sorted(os.listdir(out)))
