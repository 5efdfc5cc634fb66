"""The decoder's operations as nodes of a QNN graph."""

from __future__ import annotations

import numpy as np

from .checkpoint import Array
from .graph import FLOAT_16, Encoding, Graph, Value, symmetric8, ufixed16
from .oddity import Oddity
from .ranges import Ranges


class Compiler:
    """`decoder.Operations` over a graph, with activations of 16 bits or in float16."""

    def __init__(self, graph: Graph, ranges: Ranges, *, eps: float, weight_bits: int | None, oddity: Oddity) -> None:
        """`weight_bits` is 4, 8, or nothing for a model in float16."""
        self.graph, self.ranges, self.oddity = graph, ranges, oddity
        self._eps, self._bits = eps, weight_bits

    def typed(self, quantised: Encoding) -> Encoding:
        """The quantised type, or float16 in a model of float16."""
        return FLOAT_16 if self._bits is None else quantised

    def encoding(self, name: str) -> Encoding:
        """The type of an activation."""
        return self.typed(ufixed16(*self.ranges[name]))

    def cache(self, name: str) -> Encoding:
        """The type of a KV cache."""
        if self._bits is None:
            return FLOAT_16
        low, high = self.ranges[name]
        return symmetric8(max(-low, high))

    def norm(self, name: str, x: Value, gamma: Array) -> Value:  # noqa: D102
        kind = FLOAT_16 if self._bits is None else ufixed16(float(gamma.min()), float(gamma.max()))
        factors = self.graph.constant(f"{name}_gamma", kind.quantise(gamma), kind)
        zero = np.zeros_like(gamma)
        beta = self.graph.constant(f"{name}_beta", kind.quantise(zero), kind)
        axes = np.array([len(x.shape) - 1], np.uint32)
        return self.graph.node(
            "RmsNorm", [x, factors, beta], name, x.shape, self.encoding(name), epsilon=float(self._eps), axes=axes
        )

    def linear(self, name: str, x: Value, weight: Array, *, bits: int | None = None, output: bool = False) -> Value:  # noqa: D102
        _, length, width = x.shape
        filters = np.ascontiguousarray(weight.T)[None, None]
        rows = self.reshape(f"{name}_image", x, (1, 1, length, width))
        if self._bits is None:
            stored = self.graph.constant(f"{name}_weight", filters.astype(np.float16), FLOAT_16)
        else:
            stored = self.graph.weights(f"{name}_weight", filters, bits or self._bits)
        result = self.graph.node(
            "Conv2d",
            [rows, stored],
            f"{name}_convolved",
            (1, 1, length, weight.shape[0]),
            self.encoding(name),
            stride=np.array([1, 1], np.uint32),
            pad_amount=np.zeros((2, 2), np.uint32),
        )
        return self.reshape(name, result, (1, length, weight.shape[0]), output=output)

    def reshape(self, name: str, x: Value, shape: tuple[int, ...], *, output: bool = False) -> Value:  # noqa: D102
        return self.graph.node("Reshape", [x], name, shape, x.encoding, is_output=output)

    def transpose(self, name: str, x: Value, order: tuple[int, ...]) -> Value:  # noqa: D102
        shape = tuple(x.shape[axis] for axis in order)
        return self.graph.node("Transpose", [x], name, shape, x.encoding, perm=np.array(order, np.uint32))

    def half(self, name: str, x: Value, second: bool) -> Value:  # noqa: D102
        size = x.shape[-1] // 2
        ranges = [[0, width, 1] for width in x.shape[:-1]] + [[size if second else 0, size * (1 + second), 1]]
        return self.graph.node("StridedSlice", [x], name, (*x.shape[:-1], size), x.encoding, ranges=np.array(ranges, np.int32))

    def join(self, name: str, parts: list[Value], axis: int) -> Value:  # noqa: D102
        shape = list(parts[0].shape)
        shape[axis] = sum(part.shape[axis] for part in parts)
        same = len({part.encoding for part in parts}) == 1
        encoding = parts[0].encoding if same else self.encoding(name)
        return self.graph.node("Concat", parts, name, tuple(shape), encoding, axis=axis)

    def binary(self, name: str, kind: str, a: Value, b: Value, *, output: bool = False) -> Value:  # noqa: D102
        shape = np.broadcast_shapes(a.shape, b.shape)
        return self.graph.node(kind, [a, b], name, shape, self.encoding(name), is_output=output)

    def matmul(self, name: str, a: Value, b: Value) -> Value:  # noqa: D102
        return self.graph.node("MatMul", [a, b], name, (*a.shape[:-1], b.shape[-1]), self.encoding(name))

    def softmax(self, name: str, x: Value) -> Value:  # noqa: D102
        encoding = self.typed(ufixed16(0.0, 1.0))
        return self.graph.node("Softmax", [x], name, x.shape, encoding, axis=len(x.shape) - 1)

    def sigmoid(self, name: str, x: Value) -> Value:  # noqa: D102
        encoding = self.typed(ufixed16(0.0, 1.0))
        return self.graph.node("Sigmoid", [x], name, x.shape, encoding)

    def cache_input(self, stem: str, shape: tuple[int, ...]) -> Value:
        """The cache `{stem}_in`, or those of its heads, joined. `shape` is `[heads, 1, …]`."""
        if not self.oddity.per_head:
            return self._cache_input(stem, stem, shape)
        heads = [self._cache_input(stem, f"{stem}_h{head}", (1, *shape[1:])) for head in range(shape[0])]
        return self.join(f"{stem}_heads_in", heads, 0)

    def _cache_input(self, stem: str, name: str, shape: tuple[int, ...]) -> Value:
        encoding, odd = self.cache(f"{stem}_out"), self.oddity
        axis = shape.index(max(shape[2:]), 2) if odd.in_place else None
        whole = tuple(size + 1 if at == axis else size for at, size in enumerate(shape))
        given = self.graph.argument(odd.name(f"{name}_in"), whole, encoding)
        if axis is None:
            return given
        ranges = np.array([[0, size, 1] for size in shape], np.int32)
        return self.graph.node("StridedSlice", [given], f"{name}_used", shape, encoding, ranges=ranges)

    def to_cache(self, name: str, x: Value) -> Value:  # noqa: D102
        if not self.oddity.per_head:
            return self._to_cache(name, name, x)
        stem = name.removesuffix("_out")
        heads = []
        for head in range(x.shape[0]):
            ranges = np.array([[head, head + 1, 1], *([0, size, 1] for size in x.shape[1:])], np.int32)
            one = self.graph.node("StridedSlice", [x], f"{stem}_h{head}", (1, *x.shape[1:]), x.encoding, ranges=ranges)
            heads.append(self._to_cache(name, f"{stem}_h{head}_out", one))
        return self.join(f"{stem}_heads_out", heads, 0)

    def _to_cache(self, ranged: str, name: str, x: Value) -> Value:
        # An output must be the result of an operator of its own.
        kind, encoding = ("Reshape", x.encoding) if self._bits is None else ("Convert", self.oddity.written(self.cache(ranged)))
        return self.graph.node(kind, [x], self.oddity.name(name), x.shape, encoding, is_output=True)

    def shape(self, x: Value) -> tuple[int, ...]:  # noqa: D102
        return x.shape
