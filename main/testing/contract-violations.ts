/**
 * Makes wrong inputs for every call of the contract from its schemas, so that new calls and fields are tested automatically.
 */
import { z } from 'zod';
import { callInputs } from '../../preload/contract.ts';
import type { CallName } from '../../preload/contract.ts';

/** The part of JSON Schema that the contract uses, and the type `bytes`. Anything else is an error. */
interface Shape {
  readonly $schema?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  /** The values and names of a record. */
  readonly additionalProperties?: Shape | false;
  readonly propertyNames?: Shape;
  readonly items?: Shape;
  /** The items of a tuple. */
  readonly prefixItems?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

const understood: ReadonlySet<string> = new Set<keyof Shape>([
  ...(['$schema', 'type', 'properties', 'required', 'additionalProperties', 'propertyNames'] as const),
  ...(['items', 'prefixItems', 'anyOf', 'oneOf', 'enum', 'const', 'pattern', 'minLength', 'maxLength'] as const),
  ...(['minItems', 'maxItems', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'] as const),
]);

export interface Violation {
  readonly call: CallName;
  /** Path and fault of the wrong field. */
  readonly what: string;
  readonly input: unknown;
}

/** One value of every JSON type. For any shape, some of them are wrong. */
const ofEveryType: Readonly<Record<string, unknown>> = {
  null: null,
  boolean: true,
  number: -7.5,
  string: 'text',
  array: ['text'],
  object: { toString: 'text' },
};

function shapeOf(schema: z.ZodType): Shape {
  // Only bytes have no representation; their annotation has their type.
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
}

function callShapes(): readonly (readonly [CallName, Shape])[] {
  const entries = Object.entries(callInputs) as readonly (readonly [CallName, z.ZodType])[];
  return entries.map(([name, schema]) => [name, shapeOf(schema)]);
}

/** Every violation of every call's input: a wrong type, a missing field, a size beyond its limit. */
export function contractViolations(): readonly Violation[] {
  return callShapes().flatMap(([call, shape]) =>
    wrongs(shape, '').map(({ what, value }) => ({ call, what, input: value })),
  );
}

/** The violations of one schema. */
export function violationsOf(schema: z.ZodType): readonly Wrong[] {
  return wrongs(shapeOf(schema), '');
}

/** A valid input for each call. Each wrong one differs from it in one place. */
export function fittingInputs(): ReadonlyMap<CallName, unknown> {
  return new Map(callShapes().map(([call, shape]) => [call, valid(shape)]));
}

/** Valid inputs with one unknown field, once in every object. */
export function foreignFields(field: string): readonly Violation[] {
  return callShapes().flatMap(([call, shape]) =>
    withField(shape, '', field).map(({ what, value }) => ({ call, what, input: value })),
  );
}

/** Fields without a limit, which a hostile page could fill, as `call: path`. */
export function unboundedFields(): readonly string[] {
  return callShapes().flatMap(([call, shape]) => unbounded(shape, '').map((path) => `${call}: ${path}`));
}

interface Wrong {
  readonly what: string;
  readonly value: unknown;
}

function wrongs(shape: Shape, path: string): readonly Wrong[] {
  const types = typesOf(shape);
  const foreign = Object.entries(ofEveryType)
    .filter(([type]) => !types.has(type))
    .map(([type, value]) => ({ what: `${path || 'input'} is ${type}`, value }));
  return [...foreign, ...choices(shape).flatMap((one) => inside(one, path))];
}

/** Wrong values of the right type. */
function inside(shape: Shape, path: string): readonly Wrong[] {
  const keyword = Object.keys(shape).find((name) => !understood.has(name));
  if (keyword !== undefined) throw new Error(`${path}: no wrong inputs are known for “${keyword}”`);
  return [...sizes(shape, path), ...parts(shape, path, wrongs)];
}

function sizes(shape: Shape, path: string): readonly Wrong[] {
  const found: Wrong[] = [];
  const add = (what: string, value: unknown): void => void found.push({ what: `${path} is ${what}`, value });
  if (shape.enum !== undefined || shape.const !== undefined) add('not one of its names', 'none of them');
  if (shape.minLength !== undefined && shape.minLength > 0) add('empty', '');
  if (shape.maxLength !== undefined) {
    add('too long', shape.type === 'bytes' ? new Uint8Array(shape.maxLength + 1) : 'x'.repeat(shape.maxLength + 1));
  }
  if (shape.pattern !== undefined) add('no name', '../\0');
  if (shape.minItems !== undefined && shape.minItems > 0) add('without items', []);
  if (shape.maxItems !== undefined) {
    add('too many items', Array<unknown>(shape.maxItems + 1).fill(valid(shape.items ?? {})));
  }
  const least = shape.minimum ?? shape.exclusiveMinimum;
  const most = shape.maximum ?? shape.exclusiveMaximum;
  if (least !== undefined) add('too small', least - 1);
  if (most !== undefined) add('too large', most + 1);
  if (shape.exclusiveMinimum !== undefined) add('at its lower bound', shape.exclusiveMinimum);
  if (shape.exclusiveMaximum !== undefined) add('at its upper bound', shape.exclusiveMaximum);
  if (shape.type === 'integer') add('a fraction', (least ?? 0) + 0.5);
  if (shape.type === 'number' || shape.type === 'integer') {
    add('not a number', Number.NaN);
    add('infinite', Number.POSITIVE_INFINITY);
  }
  const whole = valid(shape);
  for (const name of shape.required ?? []) {
    const rest = Object.entries(whole as object).filter(([key]) => key !== name);
    found.push({ what: `${within(path, name)} is missing`, value: Object.fromEntries(rest) });
  }
  if (shape.propertyNames !== undefined && shape.additionalProperties) {
    const value = valid(shape.additionalProperties);
    for (const { what, value: key } of sizes(shape.propertyNames, `${path}{name}`)) {
      if (typeof key === 'string') found.push({ what, value: { [key]: value } });
    }
  }
  return found;
}

/** Calls `make` for each part of an object, record, array or tuple, and puts the results into a valid whole. */
function parts(shape: Shape, path: string, make: (part: Shape, path: string) => readonly Wrong[]): readonly Wrong[] {
  const placed = (part: Shape, where: string, place: (value: unknown) => unknown): readonly Wrong[] =>
    make(part, where).map(({ what, value }) => ({ what, value: place(value) }));
  const { properties = {}, additionalProperties: each, items, prefixItems = [] } = shape;
  return [
    ...Object.entries(properties).flatMap(([name, property]) =>
      placed(property, within(path, name), (value) => ({ ...(valid(shape) as object), [name]: value })),
    ),
    ...(each ? placed(each, `${path}{}`, (value) => ({ [nameFor(shape)]: value })) : []),
    ...(items ? placed(items, `${path}[]`, (value) => (shape.maxItems === 1 ? [value] : [valid(items), value])) : []),
    ...prefixItems.flatMap((item, index) =>
      placed(item, `${path}[${index}]`, (value) => prefixItems.map((one, at) => (at === index ? value : valid(one)))),
    ),
  ];
}

/** Takes the place of bytes in JSON. */
const bytesAsText = 'one byte';

function withField(shape: Shape, path: string, field: string): readonly Wrong[] {
  return choices(shape).flatMap((one) => {
    // Written as JSON, so that `__proto__` is an ordinary field.
    const whole = JSON.stringify(valid(one), (_, part: unknown) => (part instanceof Uint8Array ? bytesAsText : part));
    const text = whole.replace(/\}$/, `${whole === '{}' ? '' : ','}"${field}":"foreign"}`);
    const value: unknown = JSON.parse(text, (_, part: unknown) => (part === bytesAsText ? new Uint8Array(1) : part));
    const here = one.type === 'object' && !one.additionalProperties ? [{ what: within(path, field), value }] : [];
    return [...here, ...parts(one, path, (part, where) => withField(part, where, field))];
  });
}

function within(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

function nameFor({ propertyNames }: Shape): string {
  return String(valid(propertyNames ?? { type: 'string' }));
}

/** The smallest valid value. */
function valid(shape: Shape): unknown {
  const [first] = alternatives(shape) ?? [];
  if (first !== undefined) return valid(first);
  if (shape.const !== undefined) return shape.const;
  if (shape.enum !== undefined) return shape.enum[0];
  switch (shape.type ?? '') {
    case 'object':
      return Object.fromEntries(
        (shape.required ?? []).map((name) => [name, valid(shape.properties?.[name] ?? {})] as const),
      );
    case 'array':
      if (shape.prefixItems) return shape.prefixItems.map(valid);
      return Array.from({ length: shape.minItems ?? 0 }, () => valid(shape.items ?? {}));
    case 'string':
      return 'x'.repeat(Math.max(1, shape.minLength ?? 0));
    case 'number':
    case 'integer':
      return shape.minimum ?? shape.maximum ?? shape.exclusiveMinimum ?? 1;
    case 'boolean':
      return true;
    case 'bytes':
      return new Uint8Array(1);
    default:
      return null;
  }
}

function alternatives(shape: Shape): readonly Shape[] | undefined {
  return shape.anyOf ?? shape.oneOf;
}

/** All alternatives of a value, flattened. */
function choices(shape: Shape): readonly Shape[] {
  return alternatives(shape)?.flatMap(choices) ?? [shape];
}

function typesOf(shape: Shape): ReadonlySet<string> {
  return new Set(
    choices(shape).flatMap((one) => {
      if (one.type === undefined)
        return one.const === undefined ? [] : [one.const === null ? 'null' : typeof one.const];
      return [one.type === 'integer' ? 'number' : one.type];
    }),
  );
}

function unbounded(shape: Shape, path: string): readonly string[] {
  const open =
    ((shape.type === 'string' || shape.type === 'bytes') &&
      shape.maxLength === undefined &&
      shape.enum === undefined &&
      shape.const === undefined) ||
    (shape.type === 'array' && shape.maxItems === undefined && shape.prefixItems === undefined) ||
    ((shape.type === 'number' || shape.type === 'integer') &&
      ((shape.minimum ?? shape.exclusiveMinimum) === undefined ||
        (shape.maximum ?? shape.exclusiveMaximum) === undefined));
  const { properties = {}, additionalProperties: each, items, prefixItems = [] } = shape;
  return [
    // No schema limits the number of names in a record.
    ...(open || each ? [path] : []),
    ...Object.entries(properties).flatMap(([name, one]) => unbounded(one, within(path, name))),
    ...(items ? unbounded(items, `${path}[]`) : []),
    ...prefixItems.flatMap((one, index) => unbounded(one, `${path}[${index}]`)),
    ...(alternatives(shape) ?? []).flatMap((one) => unbounded(one, path)),
  ];
}
