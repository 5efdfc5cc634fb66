/** Writes, compares and distinguishes values of @huggingface/jinja as Python does. */
import { Environment, type Value } from './upstream.ts';

export type { Value };

export const valueOf = (content: unknown): Value => new Environment().set('value', content);

/** A number that keeps its decimal point, e.g. `4.0`. */
export function floatOf(content: number): Value {
  const value = valueOf(0.5);
  value.value = content;
  return value;
}

export function listOf(items: readonly Value[]): Value {
  const list = valueOf([]);
  list.value = [...items];
  return list;
}

export const undefinedValue = (): Value => new Environment().lookupVariable('missing');

export const isText = (value: Value): value is Value & { value: string } => value.type === 'StringValue';
export const isList = (value: Value): value is Value & { value: Value[] } =>
  value.type === 'ArrayValue' || value.type === 'TupleValue';
export const isTable = (value: Value): value is Value & { value: Map<string, Value> } =>
  value.type === 'ObjectValue' || value.type === 'KeywordArgumentsValue';
export const isUndefined = (value: Value): boolean => value.type === 'UndefinedValue';
export const isNumber = (value: Value): value is Value & { value: number | boolean } =>
  ['IntegerValue', 'FloatValue', 'BooleanValue'].includes(value.type);
export const isFloat = (value: Value): boolean => value.type === 'FloatValue';

/** Returns the items of a list, a table, a text or an undefined value. @throws Error for a value that is not iterable */
export function itemsOf(value: Value): readonly Value[] {
  if (isList(value)) return value.value;
  if (isText(value)) return Array.from(value.value, valueOf);
  if (isTable(value)) return [...value.value.keys()].map(valueOf);
  if (isUndefined(value)) return [];
  throw new Error(`“${written(value)}” is no list.`);
}

/** Writes a value like `str()`. */
export function written(value: Value): string {
  if (isText(value)) return value.value;
  return isUndefined(value) ? '' : represented(value);
}

/** Writes a value like `repr()`. */
export function represented(value: Value): string {
  if (isText(value)) return quoted(value.value);
  if (isList(value)) {
    const items = value.value.map(represented).join(', ');
    if (value.type === 'ArrayValue') return `[${items}]`;
    return value.value.length === 1 ? `(${items},)` : `(${items})`;
  }
  if (isTable(value)) {
    return `{${[...value.value].map(([key, item]) => `${quoted(key)}: ${represented(item)}`).join(', ')}}`;
  }
  if (value.type === 'BooleanValue') return value.value === true ? 'True' : 'False';
  if (value.type === 'NullValue') return 'None';
  return isUndefined(value) ? 'Undefined' : value.toString();
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };
  const inside = text.replace(/[\\\p{C}\p{Zl}\p{Zp}'"]|(?! )\p{Zs}/gu, (character) => {
    if (character === '"' || character === "'") return character === quote ? `\\${character}` : character;
    const named = names[character];
    if (named !== undefined) return named;
    const code = character.codePointAt(0) ?? 0;
    const [letter, width] = code < 0x100 ? ['x', 2] : code < 0x10000 ? ['u', 4] : ['U', 8];
    return `\\${letter}${code.toString(16).padStart(width, '0')}`;
  });
  return quote + inside + quote;
}

/** Compares like Python's `==`: by content, and `True` equals 1. */
export function equal(one: Value, other: Value): boolean {
  if (isNumber(one) && isNumber(other)) return Number(one.value) === Number(other.value);
  if (one.type !== other.type) return false;
  if (isList(one) && isList(other)) {
    return (
      one.value.length === other.value.length && one.value.every((item, index) => equalAt(item, other.value[index]))
    );
  }
  if (isTable(one) && isTable(other)) {
    return (
      one.value.size === other.value.size && [...one.value].every(([key, item]) => equalAt(item, other.value.get(key)))
    );
  }
  return one.value === other.value;
}

function equalAt(one: Value, other: Value | undefined): boolean {
  return other !== undefined && equal(one, other);
}

/** Returns a negative number if `one` comes first. @throws Error for values without an order */
export function compare(one: Value, other: Value): number {
  if (isNumber(one) && isNumber(other)) return Number(one.value) - Number(other.value);
  if (isText(one) && isText(other)) return one.value === other.value ? 0 : one.value < other.value ? -1 : 1;
  if (isList(one) && isList(other)) {
    for (const [index, item] of one.value.entries()) {
      const against = other.value[index];
      const order = against === undefined ? 1 : compare(item, against);
      if (order !== 0) return order;
    }
    return one.value.length - other.value.length;
  }
  throw new Error(`“${written(one)}” and “${written(other)}” have no order.`);
}
