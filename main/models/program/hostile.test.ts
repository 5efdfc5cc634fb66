/** The smallest files of the kinds that were published as attacks on the runtime. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkDataFile, checkProgramFile } from '../preflight.ts';
import { readQnnOptions } from './qnn-options.ts';
import type { CallArgument } from './program.ts';
import { build, type Table } from './testing/build.ts';
import {
  delegate,
  int,
  ints,
  kernelCall,
  methodOf,
  operator,
  planned,
  programFile,
  programOf,
  tensor,
  weightsFile,
} from './testing/programs.ts';
import { checkXnnpackGraph } from './xnnpack.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-hostile-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const spec = (fields: Table['table']): Table['table'] => ({ 2: { tables: [{ table: fields }] } });
const inputs = { 3: { i32s: [0] }, 4: { i32s: [1] } };
const add = operator('aten::add');
const three = [tensor(planned(0)), tensor(planned(16)), tensor(planned(32)), int(1)];
const calls = (name: string, ...given: readonly number[]): Uint8Array =>
  programFile({ values: three, operators: [operator(name)], steps: [kernelCall(0, ...given)] });

test('the valid program from which the others are made passes', async () => {
  const path = written('whole.pte', calls('aten::add', 0, 1, 3, 2, 2));
  expect((await checkProgramFile(path)).methods).toMatchObject([{ name: 'forward', operators: ['aten::add.out'] }]);
  const view = programFile({
    values: [tensor(), tensor(), ints(3), int(4), tensor()],
    plan: inputs,
    operators: [operator('executorch_prim::et_view', 'default'), operator('aten::abs')],
    steps: [kernelCall(0, 0, 2, 4), kernelCall(1, 4, 1, 1)],
  });
  await checkProgramFile(written('view.pte', view));
  await checkDataFile(written('whole.ptd', weightsFile({ 1: { tables: [] }, 2: { tables: [] } })));
});

describe('a program is refused', () => {
  test.each([
    [
      'that writes into a constant',
      programFile({
        values: [tensor(planned(0)), tensor({ 9: { table: { 1: { text: 'w' }, 2: { u8: 1 } } } })],
        operators: [operator('aten::abs')],
        steps: [kernelCall(0, 0, 1, 1)],
      }),
      /aten::abs\.out writes into the tensor 1, which is not its own/,
    ],
    ['without methods', programOf({ table: { 4: { tables: [] } } }), /“Program” has no “execution_plan”/],
    ['with a method without a name', programFile({ plan: { 0: undefined } }), /“ExecutionPlan” has no “name”/],
    ['with two methods of one name', programOf({ table: { 1: { tables: [methodOf({}), methodOf({})] } } }), /one name/],
    [
      'with a chain without inputs',
      programFile({ plan: { 5: { tables: [{ table: {} }] } } }),
      /“Chain” has no “inputs”/,
    ],
    [
      'with a delegate without “processed”',
      programFile({ delegates: [delegate({ 1: undefined })] }),
      /“BackendDelegate” has no “processed”/,
    ],
    [
      'with a delegate whose compiled part is missing',
      programFile({ delegates: [delegate()] }),
      /names a compiled part 0 that it does not have/,
    ],
    [
      'with a delegate whose compiled part is empty',
      programFile({ delegates: [delegate()], program: { 3: { tables: [{ table: {} }] } } }),
      /“BackendDelegateInlineData” has no “data”/,
    ],
    [
      'with a delegate whose segment is missing',
      programFile({ delegates: [delegate({ 1: { table: { 0: { u8: 1 }, 1: { u32: 7 } } } })] }),
      /names a segment 7 that it does not have/,
    ],
    [
      'with a compile spec without a key',
      programFile({ delegates: [delegate(spec({ 1: { u8s: [1] } }))] }),
      /“CompileSpec” has no “key”/,
    ],
    [
      'with a compile spec without a value',
      programFile({ delegates: [delegate(spec({ 0: { text: 'x' } }))] }),
      /“CompileSpec” has no “value”/,
    ],
    [
      'with a tensor beyond its buffer',
      programFile({ values: [tensor(planned(56))] }),
      /tensor 0 lies outside of its buffer: 72 of 64 bytes/,
    ],
    [
      'with a tensor in a buffer that its method does not have',
      programFile({ values: [tensor({ 6: { table: { 0: { u32: 9 } } } })] }),
      /tensor 0 has a “memory_id” of 9/,
    ],
    [
      'with a missing constant',
      programFile({ values: [tensor({ 5: { u32: 3 } })] }),
      /tensor 0 has a “data_buffer_idx” of 3, beyond “constant_segment”/,
    ],
    [
      'with a tensor that overflows',
      programFile({ values: [tensor({ 2: { i32s: [2 ** 30, 2 ** 30, 2 ** 30] }, 3: { u8s: [0, 1, 2] } })] }),
      /tensor 0 is too large/,
    ],
    [
      'that hides an overflow behind a size of zero',
      programFile({ values: [tensor({ 2: { i32s: [2 ** 30, 2 ** 30, 2 ** 30, 0] }, 3: { u8s: [0, 1, 2, 3] } })] }),
      /tensor 0 is too large/,
    ],
    ['with a size below zero', programFile({ values: [tensor({ 2: { i32s: [-4] } })] }), /has a size below zero/],
    [
      'with an order that names a dimension twice',
      programFile({ values: [tensor({ 2: { i32s: [2, 2] }, 3: { u8s: [0, 0] } })] }),
      /“dim_order” that is no order/,
    ],
    [
      'that computes with a tensor without memory',
      programFile({
        values: [tensor(), tensor(planned(0)), int(1)],
        operators: [add],
        steps: [kernelCall(0, 0, 1, 2, 1, 1)],
      }),
      /the tensor 0, which has neither “data_buffer_idx” nor “allocation_info”/,
    ],
    [
      'that takes a number for a tensor',
      calls('aten::add', 3, 1, 3, 2, 2),
      /gives aten::add\.out a whole number as argument 0, not a tensor/,
    ],
    [
      'that takes a tensor for a number',
      calls('aten::add', 0, 1, 2, 2, 2),
      /gives aten::add\.out a tensor as argument 2/,
    ],
    ['that leaves out arguments', calls('aten::add', 0), /calls aten::add\.out with 1 arguments, not 5/],
    ['that calls a step beyond its operators', programFile({ steps: [kernelCall(1)] }), /names an operator 1/],
    [
      'that jumps',
      programFile({ values: three, steps: [{ table: { 0: { u8: 4 }, 1: { table: { 0: { i32: 3 } } } } }] }),
      /it has a step JumpFalseCall/,
    ],
    [
      'with a list of values that are not numbers',
      programFile({ values: [tensor(planned(0)), ints(0)] }),
      /its list 1 names a value 0 that is no whole number/,
    ],
    [
      'with data under no name',
      programFile({ program: { 4: { tables: [{ table: {} }] }, 7: { tables: [{ table: { 1: { u32: 0 } } }] } } }),
      /“NamedData” has no “key”/,
    ],
    [
      'with data in a segment that it does not have',
      programFile({ program: { 7: { tables: [{ table: { 0: { text: 'x' }, 1: { u32: 4 } } }] } } }),
      /names a segment 4 that it does not have/,
    ],
    ['with memory below zero', programFile({ plan: { 8: { i64s: [0n, -1n] } } }), /plans a negative amount of memory/],
  ])('%s', async (name, bytes, reason) => {
    await expect(checkProgramFile(written(`${name}.pte`, bytes))).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(reason) as string,
    });
  });

  test('that calls an operator without use for language models, by the operator’s name', async () => {
    const path = written('strided.pte', calls('aten::as_strided_copy', 0, 3, 3, 3, 2, 2));
    await expect(checkProgramFile(path)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringContaining('aten::as_strided_copy.out') as string,
    });
    await checkProgramFile(path, { allowOperators: true });
  });
});

describe('the options of a QNN delegate are refused', () => {
  const options = (more: Table['table']): Uint8Array => {
    const soc = { table: { 1: { table: {} } } };
    const htp = { table: { 0: { i32: 2 }, 1: { table: {} } } };
    return build({ table: { 0: soc, 1: htp, 2: { text: '' }, ...more } }, 'QNN0');
  };

  test.each([
    ['if they name a library to load', { 2: { text: '\\\\server\\share\\evil.dll' } }, /“library_path”.*names a file/],
    ['if they make the backend write files', { 9: { u8: 1 } }, /“saver”.*write files/],
    [
      'if they name a package of operators',
      { 11: { table: { 0: { tables: [{ table: { 1: { text: '/tmp/evil.so' } } }] } } } },
      /“op_package_path”.*names a file/,
    ],
    ['if they do not name a chip', { 0: undefined }, /“QnnExecuTorchOptions” has no “soc_info”/],
    ['if they do not name a backend', { 1: undefined }, /“QnnExecuTorchOptions” has no “backend_options”/],
  ])('%s', (_, more, reason) => {
    expect(readQnnOptions(options({}))).toMatchObject({ backend: 'htp' });
    expect(() => readQnnOptions(options(more))).toThrow(reason);
  });
});

describe('a graph for XNNPACK is refused', () => {
  const none = 0xff_ff_ff_ff;
  const value = (id: number, external: number, flags: number, more: Table['table'] = {}): Table => ({
    table: {
      0: { u8: 1 },
      1: {
        table: {
          0: { i32: 1 },
          1: { u32: 1 },
          2: { i32s: [4] },
          4: { u32: external },
          5: { u32: flags },
          6: { u32: id },
          ...more,
        },
      },
    },
  });
  const abs = (from: number, to: number): Table => ({
    table: { 0: { u8: 30 }, 1: { table: { 0: { u32: from }, 1: { u32: to } } } },
  });
  /** Computes the absolute value of argument 0 into argument 1. */
  const graph = (more: Table['table'] = {}, values = [value(0, 0, 1), value(1, 1, 2)]): Uint8Array =>
    build(
      {
        table: {
          1: { tables: [abs(0, 1)] },
          2: { tables: values },
          3: { u32: 2 },
          4: { i32s: [0] },
          5: { i32s: [1] },
          ...more,
        },
      },
      'XN01',
    );
  const argument = (dtype: string, mayWrite: boolean): CallArgument => ({
    shape: { dtype, sizes: [4], dynamic: false, planned: true },
    mayWrite,
  });
  const call = [argument('float32', false), argument('float32', true)];

  test('but not if all its parts are consistent', () => {
    expect(checkXnnpackGraph(graph(), 0n, [call]).size).toBe(0);
  });

  test.each([
    ['without nodes', graph({ 1: undefined }), /“XNNGraph” has no “xnodes”/],
    ['without values', graph({ 2: undefined }), /“XNNGraph” has no “xvalues”/],
    [
      'that reads a value that nothing has written',
      graph({ 1: { tables: [abs(5, 1)] } }),
      /reads a value 5 that nothing has/,
    ],
    ['that writes into its input', graph({ 1: { tables: [abs(0, 0)] } }), /writes a value 0 that is not its own/],
    [
      'that names a missing constant',
      graph({}, [value(0, 0, 1), value(1, 1, 2), value(2, none, 0, { 3: { u32: 1 } })]),
      /names a constant 1 that it does not have/,
    ],
    [
      'with a constant that is too small',
      graph({ 8: { tables: [{ table: {} }, { table: { 1: { i64: 15n } } }] } }, [
        value(0, 0, 1),
        value(1, 1, 2),
        value(2, none, 0, { 3: { u32: 1 } }),
      ]),
      /larger than its constant/,
    ],
    ['with an argument that it does not list', graph({ 5: { i32s: [] } }), /which of its values are arguments/],
    ['with more sizes than dimensions', graph({}, [value(0, 0, 1, { 1: { u32: 6 } }), value(1, 1, 2)]), /6 dimensions/],
    [
      'that convolves',
      graph({ 1: { tables: [{ table: { 0: { u8: 7 }, 1: { table: {} } } }] } }),
      /calls XNNConv2d in XNNPACK/,
    ],
  ])('%s', (_, bytes, reason) => {
    expect(() => checkXnnpackGraph(bytes, 0n, [call])).toThrow(reason);
  });

  /** Two channels, three positions, and a filter of two positions for each channel. */
  const convolution = (node: Table['table'] = {}, filter: Table['table'] = { 3: { u32: 1 } }): Uint8Array => {
    const shape = (...sizes: number[]): Table['table'] => ({ 1: { u32: 4 }, 2: { i32s: sizes } });
    const ones = Object.fromEntries([4, 6, 7, 8, 9, 10, 11].map((field) => [field, { u32: 1 }]));
    const step = { ...ones, 5: { u32: 2 }, 12: { u32: 2 }, 16: { u32: 2 }, 17: { u32: none }, 18: { u32: 1 }, ...node };
    return graph(
      {
        1: { tables: [{ table: { 0: { u8: 13 }, 1: { table: step } } }] },
        8: { tables: [{ table: {} }, { table: { 1: { i64: 16n } } }] },
      },
      [
        value(0, 0, 1, shape(1, 1, 3, 2)),
        value(1, 1, 2, shape(1, 1, 2, 2)),
        value(2, none, 0, { ...shape(1, 1, 2, 2), ...filter }),
      ],
    );
  };

  test('but not if it convolves each channel by itself', () => {
    expect(checkXnnpackGraph(convolution(), 16n, [call]).size).toBe(0);
  });

  test.each([
    ['no groups', { 12: { u32: 0 } }, /numbers are out of range/],
    ['no channels in a group', { 10: { u32: 0 } }, /numbers are out of range/],
    ['two channels in a group', { 10: { u32: 2 } }, /numbers are out of range/],
    ['no step', { 7: { u32: 0 } }, /numbers are out of range/],
    ['a huge margin', { 3: { u32: 2 ** 31 } }, /numbers are out of range/],
    ['groups that its input lacks', { 12: { u32: 4 } }, /other channels than its input/],
    ['a window that its filter lacks', { 5: { u32: 3 } }, /filter is no constant of its size/],
    ['a filter that is larger than its input', { 9: { u32: 3 } }, /filter that is larger than its input/],
    ['its filter as its input', { 15: { u32: 2 } }, /convolution of a constant/],
    ['outputs that its filter lacks', { 11: { u32: 2 } }, /filter is no constant of its size/],
    ['a computed bias', { 17: { u32: 0 } }, /bias that is no constant/],
  ])('that convolves with %s', (_, node, reason) => {
    expect(() => checkXnnpackGraph(convolution(node), 16n, [call])).toThrow(reason);
  });

  test.each([
    ['fewer arguments than it takes', [argument('float32', false)], /argument 1 and gets none/],
    ['an argument of another type', [argument('int8', false), argument('float32', true)], /int8 as its argument 0/],
    [
      'a constant to write into',
      [argument('float32', false), argument('float32', false)],
      /writes into its argument 1/,
    ],
  ])('that gets %s', (_, given, reason) => {
    expect(() => checkXnnpackGraph(graph(), 0n, [given])).toThrow(reason);
  });
});

describe('a weights file is refused', () => {
  const segment = { table: { 0: { i64: 0n }, 1: { i64: 0n } } };
  test.each([
    ['without segments', { 2: { tables: [] } }, /“FlatTensor” has no “segments”/],
    ['without data', { 1: { tables: [] } }, /“FlatTensor” has no “named_data”/],
    [
      'with data under no name',
      { 1: { tables: [segment] }, 2: { tables: [{ table: { 1: { u32: 0 } } }] } },
      /“NamedData” has no “key”/,
    ],
    [
      'with data in a segment that it does not have',
      { 1: { tables: [] }, 2: { tables: [{ table: { 0: { text: 'x' }, 1: { u32: 0 } } }] } },
      /names a segment 0 that it does not have/,
    ],
    [
      'with a tensor without sizes',
      { 1: { tables: [segment] }, 2: { tables: [{ table: { 0: { text: 'x' }, 2: { table: { 0: { u8: 6 } } } } }] } },
      /“TensorLayout” has no “sizes”/,
    ],
  ])('%s', async (name, root, reason) => {
    await expect(checkDataFile(written(`${name}.ptd`, weightsFile(root)))).rejects.toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(reason) as string,
    });
  });
});
