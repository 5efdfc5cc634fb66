"""Builds graphs of a context binary: tensors with their encodings, and operators of QNN's standard package."""

from __future__ import annotations

import ctypes
from ctypes import byref, c_float, c_int32, c_uint32, c_uint64, c_void_p
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import qnn_interface as qnn
from .qnn_interface import Library

Array = np.ndarray[Any, Any]
Parameter = int | float | bool | Array

DTYPES = {
    qnn.INT_32: np.int32,
    qnn.UINT_32: np.uint32,
    qnn.FLOAT_16: np.float16,
    qnn.SFIXED_8: np.int8,
    qnn.UFIXED_8: np.uint8,
    qnn.UFIXED_16: np.uint16,
}


@dataclass(frozen=True)
class Encoding:
    """A quantised type of a whole tensor: real = scale * (quantised + offset)."""

    data_type: int
    scale: float = 0.0
    offset: int = 0

    def quantise(self, values: Array) -> Array:
        """Returns the values in this type."""
        if self.data_type in (qnn.FLOAT_16, qnn.INT_32, qnn.UINT_32):
            return values.astype(DTYPES[self.data_type])
        kind = DTYPES[self.data_type]
        rounded = np.round(values / self.scale) - self.offset
        return np.clip(rounded, np.iinfo(kind).min, np.iinfo(kind).max).astype(kind)


INT_32 = Encoding(qnn.INT_32)
FLOAT_16 = Encoding(qnn.FLOAT_16)


def ufixed16(low: float, high: float) -> Encoding:
    """An encoding of 16 bits for a range; the range always has the zero."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = max((high - low) / 65535, 1e-8)
    return Encoding(qnn.UFIXED_16, scale, round(low / scale))


def symmetric8(most: float) -> Encoding:
    """An encoding of 8 bits with the zero at 128, as AI Hub uses for KV caches."""
    return Encoding(qnn.UFIXED_8, max(most / 127, 1e-8), -128)


@dataclass(frozen=True)
class Value:
    """A tensor of a graph."""

    tensor: qnn.Tensor
    shape: tuple[int, ...]
    encoding: Encoding


class Graph:
    """One graph of a context while it is built."""

    def __init__(self, library: Library, context: c_void_p, name: str) -> None:
        self._library = library
        self._handle = c_void_p()
        self._kept: list[Any] = []
        self._nodes = 0
        library.call(qnn.GRAPH_CREATE, context, name.encode(), None, byref(self._handle))

    def argument(self, name: str, shape: tuple[int, ...], encoding: Encoding, *, data_format: int = 0) -> Value:
        """Declares an input."""
        return self._tensor(name, shape, encoding, qnn.APP_WRITE, data_format=data_format)

    def constant(self, name: str, values: Array, encoding: Encoding) -> Value:
        """Adds values that are already in the encoding's type."""
        return self._tensor(name, values.shape, encoding, qnn.STATIC, values)

    def weights(self, name: str, values: Array, bits: int) -> Value:
        """Adds a filter `[1, 1, in, out]` in float32, rounded to `bits` with one scale an output channel."""
        most = 2 ** (bits - 1)
        scales = np.maximum(np.abs(values).max(axis=(0, 1, 2)), 1e-6) / (most - 0.5)
        rounded = np.clip(np.round(values / scales), -most, most - 1).astype(np.int8)
        tensor = self._declare(name, rounded.shape, qnn.SFIXED_8, qnn.STATIC, rounded)
        tensor.quantize.definition = 1
        if bits == 8:
            pairs = (qnn.ScaleOffset * len(scales))(*(qnn.ScaleOffset(scale, 0) for scale in scales))
            tensor.quantize.kind = qnn.AXIS_SCALE_OFFSET
            tensor.quantize.encoding.axis = qnn.AxisScaleOffset(3, len(scales), pairs)
            self._kept.append(pairs)
        else:
            steps, zeros = (c_float * len(scales))(*scales), (c_int32 * len(scales))()
            tensor.quantize.kind = qnn.BW_AXIS_SCALE_OFFSET
            tensor.quantize.encoding.narrow_axis = qnn.BitwidthAxisScaleOffset(bits, 3, len(scales), steps, zeros)
            self._kept += [steps, zeros]
        return self._create(tensor, rounded.shape, Encoding(qnn.SFIXED_8))

    def node(
        self,
        kind: str,
        inputs: list[Value],
        name: str,
        shape: tuple[int, ...],
        encoding: Encoding,
        *,
        is_output: bool = False,
        data_format: int = 0,
        **parameters: Parameter,
    ) -> Value:
        """Adds an operator with one result, which bears the operator's name.

        Parameters are numbers (uint32), floats, booleans, or arrays.
        """
        result = self._tensor(name, shape, encoding, qnn.APP_READ if is_output else qnn.NATIVE, data_format=data_format)
        params = [self._param(name, key, value) for key, value in parameters.items()]
        label = f"{kind}_{self._nodes}".encode()
        self._nodes += 1
        operator = qnn.OpConfig(
            version=1,
            name=label,
            package=b"qti.aisw",
            type=kind.encode(),
            param_count=len(params),
            params=(qnn.Param * len(params))(*params),
            input_count=len(inputs),
            inputs=(qnn.Tensor * len(inputs))(*(one.tensor for one in inputs)),
            output_count=1,
            outputs=(qnn.Tensor * 1)(result.tensor),
        )
        self._library.call(qnn.GRAPH_ADD_NODE, self._handle, operator)
        return result

    def finish(self) -> None:
        """Compiles the graph."""
        self._library.call(qnn.GRAPH_FINALIZE, self._handle, None, None)

    def _param(self, node: str, key: str, value: Parameter) -> qnn.Param:
        param = qnn.Param(type=0, name=key.encode())
        if isinstance(value, np.ndarray):
            encoding = Encoding(qnn.UINT_32 if value.dtype == np.uint32 else qnn.INT_32)
            param.type = 1
            param.value.tensor = self.constant(f"{node}.{key}", value, encoding).tensor
        elif isinstance(value, bool):
            param.value.scalar = qnn.Scalar(qnn.BOOL_8, qnn.ScalarValue(bool8=value))
        elif isinstance(value, float):
            param.value.scalar = qnn.Scalar(qnn.FLOAT_32, qnn.ScalarValue(float32=value))
        else:
            param.value.scalar = qnn.Scalar(qnn.UINT_32, qnn.ScalarValue(uint32=value))
        return param

    def _tensor(
        self,
        name: str,
        shape: tuple[int, ...],
        encoding: Encoding,
        kind: int,
        values: Array | None = None,
        *,
        data_format: int = 0,
    ) -> Value:
        tensor = self._declare(name, shape, encoding.data_type, kind, values)
        tensor.data_format = data_format
        if encoding.scale:
            tensor.quantize.definition, tensor.quantize.kind = 1, qnn.SCALE_OFFSET
            tensor.quantize.encoding.tensor = qnn.ScaleOffset(encoding.scale, encoding.offset)
        return self._create(tensor, shape, encoding)

    def _declare(self, name: str, shape: tuple[int, ...], data_type: int, kind: int, values: Array | None = None) -> qnn.Tensor:
        dimensions = (c_uint32 * len(shape))(*shape)
        tensor = qnn.Tensor(
            version=1, name=name.encode(), type=kind, data_type=data_type, rank=len(shape), dimensions=dimensions
        )
        tensor.quantize.definition = tensor.quantize.kind = qnn.UNDEFINED
        self._kept.append(dimensions)
        if values is not None:
            stored = np.ascontiguousarray(values)
            tensor.buffer = qnn.ClientBuffer(stored.ctypes.data, stored.nbytes)
            self._kept.append(stored)
        return tensor

    def _create(self, tensor: qnn.Tensor, shape: tuple[int, ...], encoding: Encoding) -> Value:
        self._library.call(qnn.GRAPH_TENSOR, self._handle, byref(tensor))
        return Value(tensor, shape, encoding)


class Context:
    """A context while its graphs are built."""

    def __init__(self, library: Library, *, shares_weights: bool = False) -> None:
        self._library = library
        self._handle = c_void_p()
        self._setting = (c_uint32 * 4)(qnn.SHARE_WEIGHTS, 1, 1, 0)
        self._config = qnn.CustomConfig(qnn.CONTEXT_CUSTOM, ctypes.addressof(self._setting))
        listed = (c_void_p * 2)(ctypes.addressof(self._config), None) if shares_weights else None
        library.call(qnn.CONTEXT_CREATE, library.backend, library.device, listed, byref(self._handle))

    def graph(self, name: str) -> Graph:
        """Starts a graph."""
        return Graph(self._library, self._handle, name)

    def binary(self) -> bytes:
        """Returns the context binary with all finished graphs, and frees the context."""
        size, written = c_uint64(), c_uint64()
        self._library.call(qnn.CONTEXT_SIZE, self._handle, byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        self._library.call(qnn.CONTEXT_BINARY, self._handle, buffer, size, byref(written))
        self._library.call(qnn.CONTEXT_FREE, self._handle, None)
        return buffer.raw[: written.value]
