"""Writes ExecuTorch programs (``.pte``) without torch: values, instructions and a memory plan.

Format: ExecuTorch 1.5's ``schema/program.fbs``. Programs made here hold no data: constants are external tensors.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import flatbuffers

FLOAT, LONG, BYTE = 6, 4, 0
"""ExecuTorch's ScalarType."""
SIZES = {FLOAT: 4, LONG: 8, BYTE: 1}
"""Bytes of an element."""
ALIGNMENT = 64
"""Alignment of planned memory."""
NULL, INT, BOOL, DOUBLE, TENSOR = 1, 2, 3, 4, 5
"""Places in the union ``KernelTypes``."""
KERNEL_CALL = 1
"""Place in the union ``InstructionArguments``."""
STATIC, DYNAMIC_BOUND = 0, 1
"""``TensorShapeDynamism``."""
EXTERNAL = 1
"""``TensorDataLocation``."""
ARENA = 1
"""The one memory that tensors are planned in; memory 0 is for constants."""


@dataclass
class Tensor:
    """A tensor value. ``sizes`` are upper bounds if the shape changes from call to call."""

    dtype: int
    sizes: tuple[int, ...]
    dynamic: bool = False
    external: str | None = None
    planned: bool = True
    lasting: bool = False
    """Whether it keeps its contents from call to call."""
    first: int = 0
    last: int = 0
    """The first and last instructions that use it."""
    offset: int = 0

    @property
    def size(self) -> int:
        """Bytes, rounded up to the alignment."""
        count = SIZES[self.dtype]
        for size in self.sizes:
            count *= size
        return -(-count // ALIGNMENT) * ALIGNMENT


@dataclass
class Method:
    """A method in progress: values by index, and calls of operators in order."""

    name: str
    values: list[Tensor | int | bool | float | None] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    operators: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[int, list[int]]] = field(default_factory=list)

    def value(self, value: Tensor | int | bool | float | None) -> int:
        """Adds a value and returns its index."""
        self.values.append(value)
        return len(self.values) - 1

    def constant(self, name: str, dtype: int, sizes: tuple[int, ...]) -> int:
        """Adds an external tensor of that name."""
        return self.value(Tensor(dtype, sizes, external=name, planned=False))

    def call(self, operator: str, overload: str, *arguments: int) -> None:
        """Adds a call of an operator. Arguments are in the schema's order, outputs last."""
        key = (operator, overload)
        if key not in self.operators:
            self.operators.append(key)
        for index in arguments:
            value = self.values[index]
            if isinstance(value, Tensor):
                value.first = min(value.first, len(self.calls)) if value.last else len(self.calls)
                value.last = len(self.calls) + 1
        self.calls.append((self.operators.index(key), list(arguments)))

    def plan(self) -> int:
        """Places every planned tensor so that tensors in use at the same time do not overlap. Returns the plan's bytes.

        Lasting tensors and the method's outputs are in use all the time.
        """
        tensors = [value for value in self.values if isinstance(value, Tensor) and value.planned]
        for index in self.outputs:
            value = self.values[index]
            if isinstance(value, Tensor):
                value.last = len(self.calls) + 1
        placed: list[Tensor] = []
        for tensor in sorted(tensors, key=lambda one: (not one.lasting, -one.size)):
            others = [one for one in placed if one.lasting or tensor.lasting or _meet(one, tensor)]
            tensor.offset = 0
            for other in sorted(others, key=lambda one: one.offset):
                if tensor.offset + tensor.size <= other.offset:
                    break
                tensor.offset = max(tensor.offset, other.offset + other.size)
            placed.append(tensor)
        return max((tensor.offset + tensor.size for tensor in placed), default=0)


def _meet(a: Tensor, b: Tensor) -> bool:
    return a.first < b.last and b.first < a.last


def number(name: str, value: int | bool) -> Method:
    """Makes a method without inputs that returns a number: a program's metadata."""
    method = Method(name)
    method.outputs = [method.value(value)]
    return method


def write(methods: list[Method]) -> bytes:
    """Returns the program's bytes. The same methods give the same bytes."""
    builder = flatbuffers.Builder(1 << 16)
    plans = _vector(builder, [_plan(builder, method) for method in methods])
    # The runtime reads this as "no constants inside".
    no_constants = _numbers(builder, [0], 8)
    segment = _table(builder, 2, {1: no_constants})
    program = _table(builder, 8, {1: plans, 5: segment})
    builder.Finish(program, file_identifier=b"ET12")
    return bytes(builder.Output())


def _plan(builder: flatbuffers.Builder, method: Method) -> int:
    memory = method.plan()
    values = _vector(builder, [_value(builder, value) for value in method.values])
    operators = _vector(builder, [_operator(builder, *names) for names in method.operators])
    steps = _vector(builder, [_step(builder, *call) for call in method.calls])
    nothing = _numbers(builder, [], 4)
    chain = _table(builder, 4, {0: nothing, 1: nothing, 2: steps})
    chains = _vector(builder, [chain])
    delegates = _vector(builder, [])
    sizes = _numbers(builder, [0, memory] if memory else [0], 8)
    inputs, outputs = _numbers(builder, method.inputs, 4), _numbers(builder, method.outputs, 4)
    leaf = '{"type": null, "context": null, "children_spec": []}'
    container = _table(builder, 2, {0: builder.CreateString(""), 1: builder.CreateString(f"[1, {leaf}]")})
    name = builder.CreateString(method.name)
    return _table(
        builder,
        10,
        {0: name, 1: container, 2: values, 3: inputs, 4: outputs, 5: chains, 6: operators, 7: delegates, 8: sizes},
    )


def _value(builder: flatbuffers.Builder, value: Tensor | int | bool | float | None) -> int:
    if isinstance(value, Tensor):
        kind, content = TENSOR, _tensor(builder, value)
    elif value is None:
        kind, content = NULL, _table(builder, 0, {})
    else:
        builder.StartObject(1)
        if isinstance(value, bool):
            kind = BOOL
            builder.PrependBoolSlot(0, value, False)
        elif isinstance(value, int):
            kind = INT
            builder.PrependInt64Slot(0, value, 0)
        else:
            kind = DOUBLE
            builder.PrependFloat64Slot(0, value, 0.0)
        content = builder.EndObject()
    builder.StartObject(2)
    builder.PrependUint8Slot(0, kind, 0)
    builder.PrependUOffsetTRelativeSlot(1, content, 0)
    return builder.EndObject()


def _tensor(builder: flatbuffers.Builder, tensor: Tensor) -> int:
    sizes = _numbers(builder, list(tensor.sizes), 4)
    order = _numbers(builder, list(range(len(tensor.sizes))), 1)
    details = extra = 0
    if tensor.planned:
        builder.StartObject(3)
        builder.PrependUint32Slot(0, ARENA, 0)
        builder.PrependUint32Slot(1, tensor.offset & 0xFFFFFFFF, 0)
        builder.PrependUint32Slot(2, tensor.offset >> 32, 0)
        details = builder.EndObject()
    if tensor.external is not None:
        name = builder.CreateString(tensor.external)
        builder.StartObject(5)
        builder.PrependUOffsetTRelativeSlot(1, name, 0)
        builder.PrependInt8Slot(2, EXTERNAL, 0)
        extra = builder.EndObject()
    builder.StartObject(10)
    builder.PrependInt8Slot(0, tensor.dtype, 0)
    builder.PrependUOffsetTRelativeSlot(2, sizes, 0)
    builder.PrependUOffsetTRelativeSlot(3, order, 0)
    builder.PrependUOffsetTRelativeSlot(6, details, 0)
    builder.PrependInt8Slot(8, DYNAMIC_BOUND if tensor.dynamic else STATIC, 0)
    builder.PrependUOffsetTRelativeSlot(9, extra, 0)
    return builder.EndObject()


def _operator(builder: flatbuffers.Builder, name: str, overload: str) -> int:
    return _table(builder, 2, {0: builder.CreateString(name), 1: builder.CreateString(overload)})


def _step(builder: flatbuffers.Builder, operator: int, arguments: list[int]) -> int:
    indices = _numbers(builder, arguments, 4)
    builder.StartObject(2)
    builder.PrependInt32Slot(0, operator, 0)
    builder.PrependUOffsetTRelativeSlot(1, indices, 0)
    call = builder.EndObject()
    builder.StartObject(1 + 1)
    builder.PrependUint8Slot(0, KERNEL_CALL, 0)
    builder.PrependUOffsetTRelativeSlot(1, call, 0)
    return builder.EndObject()


def _table(builder: flatbuffers.Builder, fields: int, offsets: dict[int, int]) -> int:
    builder.StartObject(fields)
    for index, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(index, offset, 0)
    return builder.EndObject()


def _vector(builder: flatbuffers.Builder, items: list[int]) -> int:
    builder.StartVector(4, len(items), 4)
    for item in reversed(items):
        builder.PrependUOffsetTRelative(item)
    return builder.EndVector()


def _numbers(builder: flatbuffers.Builder, items: list[int], size: int) -> int:
    prepend = {1: builder.PrependUint8, 4: builder.PrependInt32, 8: builder.PrependInt64}[size]
    builder.StartVector(size, len(items), size)
    for item in reversed(items):
        prepend(item)
    return builder.EndVector()
