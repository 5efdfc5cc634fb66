/**
 * Wrong inputs for every call of the contract, made from its schemas: a new call or field is tried without anyone
 * remembering to.
 */
import { z } from 'zod';
import { callInputs } from '../../preload/contract.ts';
import type { CallName } from '../../preload/contract.ts';

/** The part of JSON Schema that the contract's schemas become. */
interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
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

export interface Violation {
  readonly call: CallName;
  /** Path of the field that is wrong, and how. */
  readonly what: string;
  readonly input: unknown;
}

/** One value of every JSON type; whatever a shape is, some of them are not it. */
const ofEveryType: Readonly<Record<string, unknown>> = {
  null: null,
  boolean: true,
  number: -7.5,
  string: 'text',
  array: ['text'],
  object: { toString: 'text' },
};

function callShapes(): readonly (readonly [CallName, Shape])[] {
  const entries = Object.entries(callInputs) as readonly (readonly [CallName, z.ZodType])[];
  return entries.map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input' }) as Shape]);
}

/** Every way in which an input of any call can be wrong: a wrong type, a missing field, a size beyond its bound. */
export function contractViolations(): readonly Violation[] {
  return callShapes().flatMap(([call, shape]) =>
    wrongs(shape, '').map(({ what, value }) => ({ call, what, input: value })),
  );
}

/** Fields that a hostile page could fill without end, as `call: path`. */
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
  const inside = alternatives(shape).length > 1 ? [] : [...sizes(shape, path), ...fields(shape, path)];
  return [...foreign, ...inside];
}

function sizes(shape: Shape, path: string): readonly Wrong[] {
  const found: Wrong[] = [];
  const add = (what: string, value: unknown): void => void found.push({ what: `${path} is ${what}`, value });
  if (shape.enum !== undefined) add('not one of its names', 'none of them');
  if (shape.minLength !== undefined && shape.minLength > 0) add('empty', '');
  if (shape.maxLength !== undefined) add('too long', 'x'.repeat(shape.maxLength + 1));
  if (shape.pattern !== undefined) add('no name', '../\0');
  if (shape.minItems !== undefined && shape.minItems > 0) add('without items', []);
  if (shape.maxItems !== undefined) {
    add('too many items', Array<unknown>(shape.maxItems + 1).fill(valid(shape.items ?? {})));
  }
  const least = shape.minimum ?? shape.exclusiveMinimum;
  const most = shape.maximum ?? shape.exclusiveMaximum;
  if (least !== undefined) add('too small', least - 1);
  if (most !== undefined) add('too large', most + 1);
  if (shape.type === 'integer') add('a fraction', (least ?? 0) + 0.5);
  if (shape.type === 'number' || shape.type === 'integer') {
    add('not a number', Number.NaN);
    add('infinite', Number.POSITIVE_INFINITY);
  }
  return found;
}

function fields(shape: Shape, path: string): readonly Wrong[] {
  const within = (name: string): string => (path ? `${path}.${name}` : name);
  const properties = Object.entries(shape.properties ?? {});
  const whole = valid(shape) as Readonly<Record<string, unknown>>;
  const missing = (shape.required ?? []).map((name) => ({
    what: `${within(name)} is missing`,
    value: Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name)),
  }));
  const wrong = properties.flatMap(([name, property]) =>
    wrongs(property, within(name)).map(({ what, value }) => ({ what, value: { ...whole, [name]: value } })),
  );
  const items = shape.items;
  const wrongItems =
    items === undefined
      ? []
      : wrongs(items, `${path}[]`).map(({ what, value }) => ({ what, value: [valid(items), value] }));
  return [...missing, ...wrong, ...wrongItems];
}

/** The smallest value that fits. */
function valid(shape: Shape): unknown {
  const [first] = alternatives(shape);
  if (first !== undefined && first !== shape) return valid(first);
  if (shape.const !== undefined) return shape.const;
  if (shape.enum !== undefined) return shape.enum[0];
  switch (shape.type ?? '') {
    case 'object':
      return Object.fromEntries(
        (shape.required ?? []).map((name) => [name, valid(shape.properties?.[name] ?? {})] as const),
      );
    case 'array':
      return Array.from({ length: shape.minItems ?? 0 }, () => valid(shape.items ?? {}));
    case 'string':
      return 'x'.repeat(Math.max(1, shape.minLength ?? 0));
    case 'number':
    case 'integer':
      return shape.minimum ?? shape.maximum ?? 1;
    case 'boolean':
      return true;
    default:
      return null;
  }
}

function alternatives(shape: Shape): readonly Shape[] {
  return shape.anyOf ?? shape.oneOf ?? [shape];
}

function typesOf(shape: Shape): ReadonlySet<string> {
  return new Set(
    alternatives(shape).flatMap((one) => {
      if (one.type === undefined)
        return one.const === undefined ? [] : [one.const === null ? 'null' : typeof one.const];
      return [one.type === 'integer' ? 'number' : one.type];
    }),
  );
}

function unbounded(shape: Shape, path: string): readonly string[] {
  const open =
    (shape.type === 'string' &&
      shape.maxLength === undefined &&
      shape.enum === undefined &&
      shape.const === undefined) ||
    (shape.type === 'array' && shape.maxItems === undefined) ||
    ((shape.type === 'number' || shape.type === 'integer') &&
      ((shape.minimum ?? shape.exclusiveMinimum) === undefined ||
        (shape.maximum ?? shape.exclusiveMaximum) === undefined));
  return [
    ...(open ? [path] : []),
    ...Object.entries(shape.properties ?? {}).flatMap(([name, one]) => unbounded(one, `${path}.${name}`)),
    ...(shape.items ? unbounded(shape.items, `${path}[]`) : []),
    ...(shape.anyOf ?? shape.oneOf ?? []).flatMap((one) => unbounded(one, path)),
  ];
}
