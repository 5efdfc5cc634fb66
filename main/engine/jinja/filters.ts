/** Jinja's filters that @huggingface/jinja lacks or implements differently. */
import { capitalized, percent, replaced, rounded, stringMethod, stripped } from './strings.ts';
import {
  compare,
  equal,
  floatOf,
  isFloat,
  isList,
  isNumber,
  isTable,
  isText,
  isUndefined,
  itemsOf,
  listOf,
  undefinedValue,
  valueOf,
  written,
  type Value,
} from './values.ts';

/** Arguments of a filter, and the interpreter's functions that it may call. */
interface Call {
  readonly args: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
  readonly filter: (name: string, value: Value, args: readonly Value[]) => Value;
  readonly test: (name: string, value: Value, args: readonly Value[]) => boolean;
}

type Filter = (value: Value, call: Call) => Value;

export function filterOf(name: string): Filter | undefined {
  return Object.hasOwn(filters, name) ? filters[name] : undefined;
}

function argument({ args, named }: Call, at: number, name: string): Value | undefined {
  return args[at] ?? named.get(name);
}

const isTrue = (value: Value | undefined): boolean => value?.__bool__().value === true;

function textArgument(call: Call, at: number, name: string): string | undefined {
  const value = argument(call, at, name);
  return value === undefined ? undefined : written(value);
}

function numberArgument(call: Call, at: number, name: string, fallback: number): number {
  const value = argument(call, at, name);
  return value !== undefined && isNumber(value) ? Number(value.value) : fallback;
}

/** Reads a path such as `a.0.b` from an item. */
function attribute(item: Value, path: Value | undefined): Value {
  if (path === undefined || path.type === 'NullValue') return item;
  let found = item;
  for (const part of written(path).split('.')) {
    if (isTable(found)) found = found.value.get(part) ?? undefinedValue();
    else if (isList(found)) found = found.value[Number(part)] ?? undefinedValue();
    else return undefinedValue();
  }
  return found;
}

const lowered = (value: Value): Value => (isText(value) ? valueOf(value.value.toLowerCase()) : value);

function sorted(items: readonly Value[], key: (item: Value) => Value, reverse: boolean): Value {
  const order = items
    .map((item) => ({ item, key: key(item) }))
    .sort((a, b) => (reverse ? -1 : 1) * compare(a.key, b.key));
  return listOf(order.map(({ item }) => item));
}

/** Returns the item with the smallest or largest key. */
function extreme(value: Value, call: Call, sign: number): Value {
  const key = (item: Value): Value => {
    const own = attribute(item, call.named.get('attribute'));
    return isTrue(argument(call, 0, 'case_sensitive')) ? own : lowered(own);
  };
  return (
    itemsOf(value).reduce<Value | undefined>(
      (best, item) => (best === undefined || sign * compare(key(item), key(best)) > 0 ? item : best),
      undefined,
    ) ?? undefinedValue()
  );
}

/** Implements `select`, `reject` and their forms for attributes, by a test or by truth. */
function selected(value: Value, call: Call, byAttribute: boolean, wanted: boolean): Value {
  const [path, rest] = byAttribute ? [call.args[0], call.args.slice(1)] : [undefined, call.args];
  const [test, ...args] = rest;
  return listOf(
    itemsOf(value).filter((item) => {
      const own = attribute(item, path);
      return (test === undefined ? isTrue(own) : call.test(written(test), own, args)) === wanted;
    }),
  );
}

function indented(text: string, call: Call): string {
  const width = argument(call, 0, 'width');
  const indent = width !== undefined && isText(width) ? width.value : ' '.repeat(numberArgument(call, 0, 'width', 4));
  const [first, blank] = [isTrue(argument(call, 1, 'first')), isTrue(argument(call, 2, 'blank'))];
  return text
    .split('\n')
    .map((line, index) => ((index === 0 ? !first : !blank && line === '') ? line : indent + line))
    .join('\n');
}

function truncated(text: string, call: Call): string {
  const length = numberArgument(call, 0, 'length', 255);
  const end = textArgument(call, 2, 'end') ?? '...';
  const all = Array.from(text);
  if (all.length <= length + numberArgument(call, 3, 'leeway', 5)) return text;
  const kept = all.slice(0, Math.max(0, length - end.length)).join('');
  return (isTrue(argument(call, 1, 'killwords')) ? kept : kept.replace(/ [^ ]*$/, '')) + end;
}

function number(value: Value, call: Call, whole: boolean): Value {
  const fallback = argument(call, 0, 'default') ?? (whole ? valueOf(0) : floatOf(0));
  const text = isText(value) ? stripped(value.value, undefined).replaceAll('_', '') : undefined;
  if (text !== undefined && !/^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+)$/.test(text)) return fallback;
  if (text === undefined && !isNumber(value)) return fallback;
  const read = Number(text ?? value.value);
  return whole ? valueOf(Math.trunc(read) + 0) : floatOf(read);
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};
const escaped: Filter = (value) => valueOf(written(value).replace(/[&<>"']/g, (character) => escapes[character] ?? ''));
const length: Filter = (value) => valueOf(isText(value) ? Array.from(value.value).length : itemsOf(value).length);
const byDefault: Filter = (value, call) =>
  isUndefined(value) || (isTrue(argument(call, 1, 'boolean')) && !isTrue(value))
    ? (argument(call, 0, 'default_value') ?? valueOf(''))
    : value;
const ofText =
  (change: (text: string, call: Call) => string): Filter =>
  (value, call) =>
    valueOf(change(written(value), call));

const filters: Readonly<Record<string, Filter>> = {
  length,
  count: length,
  default: byDefault,
  d: byDefault,
  e: escaped,
  escape: escaped,
  upper: ofText((text) => text.toUpperCase()),
  lower: ofText((text) => text.toLowerCase()),
  // Jinja's rule: a word begins after white space, a hyphen or a bracket.
  title: ofText((text) =>
    text.replace(/[^-\s({[<]+/g, (word) => {
      const [first = '', ...rest] = Array.from(word);
      return first.toUpperCase() + rest.join('').toLowerCase();
    }),
  ),
  capitalize: ofText((text) => capitalized(text)),
  trim: ofText((text, call) => stripped(text, textArgument(call, 0, 'chars'))),
  string: ofText((text) => text),
  replace: ofText((text, call) => {
    const [old, next] = [textArgument(call, 0, 'old') ?? '', textArgument(call, 1, 'new') ?? ''];
    return replaced(text, old, next, numberArgument(call, 2, 'count', -1));
  }),
  indent: ofText(indented),
  truncate: ofText(truncated),
  center: ofText((text, call) => String(stringMethod('center')?.(text, [argument(call, 0, 'width') ?? valueOf(80)]))),
  format: (value, { args }) => valueOf(percent(written(value), args)),
  wordcount: (value) => valueOf(written(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0),
  list: (value) => listOf(itemsOf(value)),
  first: (value) => itemsOf(value)[0] ?? undefinedValue(),
  last: (value) => itemsOf(value).at(-1) ?? undefinedValue(),
  reverse: (value) =>
    isText(value) ? valueOf(Array.from(value.value).reverse().join('')) : listOf([...itemsOf(value)].reverse()),
  join: (value, call) =>
    valueOf(
      itemsOf(value)
        .map((item) => written(attribute(item, argument(call, 1, 'attribute'))))
        .join(textArgument(call, 0, 'd') ?? ''),
    ),
  unique: (value, call) => {
    const key = (item: Value): Value => {
      const own = attribute(item, argument(call, 1, 'attribute'));
      return isTrue(argument(call, 0, 'case_sensitive')) ? own : lowered(own);
    };
    const kept: Value[] = [];
    for (const item of itemsOf(value)) if (!kept.some((other) => equal(key(other), key(item)))) kept.push(item);
    return listOf(kept);
  },
  sort: (value, call) => {
    const key = (item: Value): Value => {
      const own = attribute(item, argument(call, 2, 'attribute'));
      return isTrue(argument(call, 1, 'case_sensitive')) ? own : lowered(own);
    };
    return sorted(itemsOf(value), key, isTrue(argument(call, 0, 'reverse')));
  },
  dictsort: (value, call) => {
    if (!isTable(value)) throw new Error('dictsort wants a table.');
    const pairs = [...value.value].map(([name, item]) => pair(valueOf(name), item));
    const at = textArgument(call, 1, 'by') === 'value' ? 1 : 0;
    return sorted(
      pairs,
      (item) => lowered(itemsOf(item)[at] ?? undefinedValue()),
      isTrue(argument(call, 2, 'reverse')),
    );
  },
  items: (value) => {
    if (isUndefined(value)) return listOf([]);
    if (!isTable(value)) throw new Error('items wants a table.');
    return listOf([...value.value].map(([name, item]) => pair(valueOf(name), item)));
  },
  min: (value, call) => extreme(value, call, -1),
  max: (value, call) => extreme(value, call, 1),
  sum: (value, call) => {
    const items = itemsOf(value).map((item) => attribute(item, argument(call, 0, 'attribute')));
    const total = items.reduce((sum, item) => sum + Number(item.value), numberArgument(call, 1, 'start', 0));
    return items.some(isFloat) ? floatOf(total) : valueOf(total);
  },
  abs: (value) => (isFloat(value) ? floatOf(Math.abs(Number(value.value))) : valueOf(Math.abs(Number(value.value)))),
  round: (value, call) =>
    rounded(Number(value.value), numberArgument(call, 0, 'precision', 0), textArgument(call, 1, 'method') ?? 'common'),
  int: (value, call) => number(value, call, true),
  float: (value, call) => number(value, call, false),
  select: (value, call) => selected(value, call, false, true),
  reject: (value, call) => selected(value, call, false, false),
  selectattr: (value, call) => selected(value, call, true, true),
  rejectattr: (value, call) => selected(value, call, true, false),
  map: (value, call) => {
    const path = call.named.get('attribute');
    const [name, ...args] = call.args;
    return listOf(
      itemsOf(value).map((item) => {
        if (path === undefined) return call.filter(name === undefined ? '' : written(name), item, args);
        const own = attribute(item, path);
        return isUndefined(own) ? (call.named.get('default') ?? own) : own;
      }),
    );
  },
  batch: (value, call) => {
    const size = numberArgument(call, 0, 'linecount', 1);
    const items = itemsOf(value);
    return listOf(
      Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
        listOf(items.slice(at * size, (at + 1) * size)),
      ),
    );
  },
  groupby: (value, call) => {
    const path = argument(call, 0, 'attribute');
    const groups: { readonly key: Value; readonly items: Value[] }[] = [];
    for (const item of itemsOf(sorted(itemsOf(value), (one) => lowered(attribute(one, path)), false))) {
      const key = attribute(item, path);
      const group = groups.find((one) => equal(lowered(one.key), lowered(key)));
      if (group === undefined) groups.push({ key, items: [item] });
      else group.items.push(item);
    }
    return listOf(groups.map(({ key, items }) => pair(key, listOf(items))));
  },
};

function pair(one: Value, other: Value): Value {
  const tuple = listOf([one, other]);
  tuple.type = 'TupleValue';
  return tuple;
}
