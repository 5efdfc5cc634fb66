"""QNN's C interface through ctypes: the structures and calls that compile graphs into a context binary.

Layouts follow `QnnTypes.h`, `QnnInterface.h` and `QnnContext.h` of QAIRT, core API 2. They were tried with QAIRT 2.49.40.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, Union, byref, c_char_p, c_float, c_int32, c_uint8, c_uint32, c_uint64, c_void_p
from pathlib import Path

INT_32, UINT_32, FLOAT_16, FLOAT_32 = 0x0032, 0x0132, 0x0216, 0x0232
SFIXED_8, UFIXED_8, UFIXED_16, BOOL_8 = 0x0308, 0x0408, 0x0416, 0x0508
APP_WRITE, APP_READ, NATIVE, STATIC = 0, 1, 3, 4
UNDEFINED = 0x7FFFFFFF
SCALE_OFFSET, AXIS_SCALE_OFFSET, BW_AXIS_SCALE_OFFSET = 0, 1, 3

CONTEXT_CUSTOM = 0
SHARE_WEIGHTS = 1
"""`QNN_HTP_CONTEXT_CONFIG_OPTION_WEIGHT_SHARING_ENABLED`."""
DEVICE_CUSTOM, DEVICE_SOC, DEVICE_ARCH = 0, 0, 1

BACKEND_CREATE, BACKEND_FREE = 1, 8
CONTEXT_CREATE, CONTEXT_SIZE, CONTEXT_BINARY, CONTEXT_FREE = 9, 11, 12, 14
GRAPH_CREATE, GRAPH_ADD_NODE, GRAPH_FINALIZE = 15, 18, 19
GRAPH_TENSOR, DEVICE_CREATE, DEVICE_FREE = 24, 40, 43
"""Indexes in the table of functions."""


class QnnError(RuntimeError):
    """A call of QNN failed. The message names the call and the number."""


class ScaleOffset(Structure):
    """`Qnn_ScaleOffset_t`: real = scale * (quantised + offset)."""

    _fields_ = (("scale", c_float), ("offset", c_int32))


class AxisScaleOffset(Structure):
    """`Qnn_AxisScaleOffset_t`."""

    _fields_ = (("axis", c_int32), ("count", c_uint32), ("values", POINTER(ScaleOffset)))


class BitwidthAxisScaleOffset(Structure):
    """`Qnn_BwAxisScaleOffset_t`."""

    _fields_ = (
        ("bitwidth", c_uint32),
        ("axis", c_int32),
        ("count", c_uint32),
        ("scales", POINTER(c_float)),
        ("offsets", POINTER(c_int32)),
    )


class Encoding(Union):
    """The union in `Qnn_QuantizeParams_t`."""

    _fields_ = (("tensor", ScaleOffset), ("axis", AxisScaleOffset), ("narrow_axis", BitwidthAxisScaleOffset))


class QuantizeParams(Structure):
    """`Qnn_QuantizeParams_t`."""

    _fields_ = (("definition", c_uint32), ("kind", c_uint32), ("encoding", Encoding))


class ClientBuffer(Structure):
    """`Qnn_ClientBuffer_t`."""

    _fields_ = (("data", c_void_p), ("size", c_uint32))


class Tensor(Structure):
    """`Qnn_Tensor_t` with its version 1 (`Qnn_TensorV1_t`); version 2 is longer, 144 bytes in all."""

    _fields_ = (
        ("version", c_uint32),
        ("_", c_uint32),
        ("id", c_uint32),
        ("name", c_char_p),
        ("type", c_uint32),
        ("data_format", c_uint32),
        ("data_type", c_uint32),
        ("quantize", QuantizeParams),
        ("rank", c_uint32),
        ("dimensions", POINTER(c_uint32)),
        ("memory", c_uint32),
        ("buffer", ClientBuffer),
        ("version_2", c_uint8 * 24),
    )


class ScalarValue(Union):
    """The union in `Qnn_Scalar_t`."""

    _fields_ = (("uint32", c_uint32), ("int32", c_int32), ("float32", c_float), ("bool8", c_uint8), ("wide", c_uint64))


class Scalar(Structure):
    """`Qnn_Scalar_t`."""

    _fields_ = (("data_type", c_uint32), ("value", ScalarValue))


class ParamValue(Union):
    """The union in `Qnn_Param_t`."""

    _fields_ = (("scalar", Scalar), ("tensor", Tensor))


class Param(Structure):
    """`Qnn_Param_t`: type 0 is a scalar, 1 a tensor."""

    _fields_ = (("type", c_uint32), ("name", c_char_p), ("value", ParamValue))


class OpConfig(Structure):
    """`Qnn_OpConfig_t`, version 1."""

    _fields_ = (
        ("version", c_uint32),
        ("name", c_char_p),
        ("package", c_char_p),
        ("type", c_char_p),
        ("param_count", c_uint32),
        ("params", POINTER(Param)),
        ("input_count", c_uint32),
        ("inputs", POINTER(Tensor)),
        ("output_count", c_uint32),
        ("outputs", POINTER(Tensor)),
    )


class CustomConfig(Structure):
    """`QnnContext_Config_t` and `QnnDevice_Config_t` with the option 0, a backend's own setting."""

    _fields_ = (("option", c_uint32), ("custom", c_void_p))


class Interface(Structure):
    """`QnnInterface_t`; the functions follow."""

    _fields_ = (("backend", c_uint32), ("provider", c_char_p), ("core_api", c_uint32 * 3), ("backend_api", c_uint32 * 3))


class Library:
    """One loaded backend library with its backend and device for one chip."""

    def __init__(self, folder: Path, *, soc: int, arch: int) -> None:
        library = ctypes.CDLL(str(folder / "libQnnHtp.so"), ctypes.RTLD_GLOBAL)
        providers, count = POINTER(POINTER(Interface))(), c_uint32()
        library.QnnInterface_getProviders.restype = c_uint64
        if library.QnnInterface_getProviders(byref(providers), byref(count)) or not count.value:
            raise QnnError(f"{folder} has no QNN backend.")
        table = ctypes.addressof(providers[0].contents) + ctypes.sizeof(Interface)
        self._functions = ctypes.cast(table, POINTER(c_void_p))
        self.backend, self.device = c_void_p(), c_void_p()
        self.call(BACKEND_CREATE, None, None, byref(self.backend))
        # The value is at byte 4 in QAIRT 2.49.40 and at byte 8 in other releases, so both have it.
        settings = [(c_uint32 * 4)(DEVICE_SOC, soc, soc, 0), (c_uint32 * 4)(DEVICE_ARCH, 0, arch, arch)]
        self._settings = [CustomConfig(DEVICE_CUSTOM, ctypes.addressof(one)) for one in settings]
        listed = (c_void_p * 3)(*(ctypes.addressof(one) for one in self._settings), None)
        self.call(DEVICE_CREATE, None, listed, byref(self.device))

    def call(self, index: int, *arguments: object) -> None:
        """Calls a function of the table.

        Raises:
            QnnError: it returned an error.
        """
        kinds = [type(one) if isinstance(one, Structure | c_uint64) else c_void_p for one in arguments]
        error = ctypes.CFUNCTYPE(c_uint64, *kinds)(self._functions[index])(*arguments)
        if error:
            raise QnnError(f"QNN's function {index} returned {error & 0xFFFFFFFF}.")


assert ctypes.sizeof(Tensor) == 144
assert ctypes.sizeof(Param) == 160
assert ctypes.sizeof(OpConfig) == 80
