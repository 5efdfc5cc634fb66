/** Every field of every table of every program and weights file that the tests have, each kind of table once. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { every, FlatBuffer, type FlatTable } from '../../main/models/program/flat-buffer.ts';
import { qnnSpecKey } from '../../main/models/program/qnn-options.ts';
import { flatTensorSchema } from '../../main/models/program/schema/flat-tensor-fbs.ts';
import { programSchema } from '../../main/models/program/schema/program-fbs.ts';
import { qnnOptionsSchema } from '../../main/models/program/schema/qnn-fbs.ts';
import { numbered, requireComplete, type TableSchema } from '../../main/models/program/schema/schema.ts';
import { graphSchema } from '../../main/models/program/schema/xnnpack-fbs.ts';
import { changesOf } from './changes.ts';
import { ModelFile } from './model-file.ts';

export interface FieldCase {
  /** E.g. `Tensor.sizes [0] = -1 in static.pte`. */
  readonly name: string;
  /** E.g. `Tensor.sizes`. */
  readonly field: string;
  readonly program: string;
  readonly weights: string | undefined;
  readonly npu: boolean;
  /** Whether the weights are what is changed. */
  readonly changesWeights: boolean;
  readonly make: () => Buffer;
}

const root = join(import.meta.dirname, '../..');

interface Bundle {
  readonly program: string;
  readonly weights?: string;
}

/** The small ones first: what they have too is tried with them. */
function bundles(): readonly Bundle[] {
  const small = join(root, 'native/test/fixtures');
  const contract = join(root, 'e2e/fixtures/contract-a');
  const programs = (folder: string): string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.pte'))
      .sort()
      .map((name) => join(folder, name));
  const withWeights = (program: string): Bundle => {
    const weights = program.replace(/\.pte$/, '.ptd');
    return readdirSync(dirname(program)).includes(basename(weights)) ? { program, weights } : { program };
  };
  const bundle = (name: string): string => join(root, 'e2e/fixtures', name, 'model.pte');
  return [
    ...programs(small),
    bundle('tiny-llama'),
    ...programs(contract),
    ...['kv', 'hybrid', 'sharded', 'embedding'].map((name) => bundle(`tiny-llama-qnn-${name}`)),
  ].map(withWeights);
}

/** What uses a value: an operator and the position of the argument, so that each is tried in each of its places. */
function usersOf(program: FlatTable): ReadonlyMap<number, string> {
  const users = new Map<number, string>();
  for (const plan of every(program.tables(1), 256)) {
    const operators = every(plan.tables(6), 10_000).map((one) => `${one.string(0)}.${one.string(1)}`);
    const values = plan.tables(2);
    for (const step of every(plan.tables(5), 256).flatMap((chain) => every(chain.tables(2), 100_000))) {
      const call = step.table(1);
      const name = step.u8(0) === 1 ? (operators[call?.i32(0) ?? 0] ?? '') : 'delegate';
      call?.i32Vector(1).forEach((index, position) => {
        const content = values.at(index)?.table(1);
        const user = name === 'delegate' ? name : `${name} ${position}`;
        if (content !== undefined && !users.has(content.place)) users.set(content.place, user);
      });
    }
  }
  return users;
}

/** Tables that are alike in this are tried once. */
function classOf(table: FlatTable, schema: TableSchema, users: ReadonlyMap<number, string>): string {
  const { name, fields } = schema;
  const present = numbered(schema).map(([id]) => (table.has(id) ? 1 : 0));
  const type =
    fields[0]?.kind === 'union' ? table.u8(0) : fields[0]?.kind === 'number' ? table.number(0, fields[0].bytes) : '';
  const isNamed = ['Tensor', 'EValue', 'KernelCall', 'XNode', 'XValue', 'CompileSpec'].includes(name);
  return [name, present.join(''), users.get(table.place) ?? '', isNamed ? String(type) : ''].join(' ');
}

class Cases {
  readonly all: FieldCase[] = [];
  readonly #seen = new Set<string>();

  /** @param base of the FlatBuffer in the file */
  add(bundle: Bundle, file: ModelFile, base: number, start: FlatTable, schema: TableSchema): void {
    const users = schema === programSchema ? usersOf(start) : new Map<number, string>();
    const npu = bundle.program.includes('qnn');
    requireComplete(start, schema, (table, its) => {
      const kind = classOf(table, its, users);
      if (this.#seen.has(kind)) return;
      this.#seen.add(kind);
      for (const [id, field] of numbered(its)) {
        for (const { what, make } of changesOf(file, base, table, id, field)) {
          const path = `${its.name}.${field.name}`;
          const user = users.get(table.place);
          this.all.push({
            name: `${path} ${what}${user === undefined ? '' : ` of ${user}`} in ${basename(dirname(file.path))}/${basename(file.path)}`,
            field: path,
            program: bundle.program,
            weights: bundle.weights,
            npu,
            changesWeights: file.path !== bundle.program,
            make: () => make(file),
          });
        }
      }
    });
  }
}

/** Where the nested FlatBuffers of delegates lie in a program's file. */
function nested(
  file: ModelFile,
  program: FlatTable,
): readonly { readonly base: number; readonly schema: TableSchema }[] {
  const segments = every(program.tables(4), 100_000).map((one) => Number(one.u64(0)));
  return every(program.tables(1), 256)
    .flatMap((plan) => every(plan.tables(7), 10_000))
    .flatMap((delegate) => {
      const segment = file.segmentBase + (segments[delegate.table(1)?.u32(1) ?? 0] ?? 0);
      if (delegate.string(0) === 'XnnpackBackend') {
        return [{ base: segment + file.bytes.readUInt32LE(segment + 10), schema: graphSchema }];
      }
      const spec = every(delegate.tables(2), 64).find((one) => one.string(0) === qnnSpecKey);
      const options = spec?.byteVector(1);
      return options === undefined
        ? []
        : [{ base: options.byteOffset - file.bytes.byteOffset, schema: qnnOptionsSchema }];
    });
}

/** The same list each time. */
export function fieldCases(): readonly FieldCase[] {
  const cases = new Cases();
  for (const bundle of bundles()) {
    const file = new ModelFile(bundle.program);
    const program = new FlatBuffer(file.flatBuffer).root();
    cases.add(bundle, file, 0, program, programSchema);
    for (const { base, schema } of nested(file, program)) {
      cases.add(bundle, file, base, new FlatBuffer(file.bytes.subarray(base)).root(), schema);
    }
    if (bundle.weights !== undefined) {
      const weights = new ModelFile(bundle.weights);
      cases.add(bundle, weights, 0, new FlatBuffer(weights.flatBuffer).root(), flatTensorSchema);
    }
  }
  return cases.all;
}
