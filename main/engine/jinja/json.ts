/** Python's `json.dumps`, which `transformers` gives to templates as the filter `tojson`. */
import { isList, isNumber, isTable, isText, isUndefined, itemsOf, type Value } from './values.ts';

export interface JsonOptions {
  readonly indent: string | undefined;
  readonly ensureAscii: boolean;
  readonly sortKeys: boolean;
  readonly separators: readonly [item: string, key: string];
}

export function jsonOptions(named: ReadonlyMap<string, Value>, args: readonly Value[]): JsonOptions {
  const option = (name: string, at: number): Value | undefined => named.get(name) ?? args[at];
  const isTrue = (value: Value | undefined): boolean => value?.value === true;
  const indent = option('indent', 1);
  const width = indent === undefined || !isNumber(indent) ? undefined : ' '.repeat(Number(indent.value));
  const text = indent !== undefined && isText(indent) ? indent.value : width;
  const given = option('separators', 2);
  const [item, key] = given === undefined || given.type === 'NullValue' ? [] : itemsOf(given);
  return {
    indent: text,
    ensureAscii: isTrue(option('ensure_ascii', 0)),
    sortKeys: isTrue(option('sort_keys', 3)),
    separators: [textOr(item, text === undefined ? ', ' : ','), textOr(key, ': ')],
  };
}

export function json(value: Value, options: JsonOptions, before = '\n'): string {
  if (isText(value)) return jsonText(value.value, options);
  if (value.type === 'NullValue') return 'null';
  if (value.type === 'BooleanValue') return String(value.value);
  if (isNumber(value)) return value.toString();
  const inner = before + (options.indent ?? '');
  const [item, key] = options.separators;
  const block = (open: string, parts: readonly string[], close: string): string => {
    if (options.indent === undefined || parts.length === 0) return open + parts.join(item) + close;
    return open + inner + parts.join(item + inner) + before + close;
  };
  if (isList(value))
    return block(
      '[',
      value.value.map((one) => json(one, options, inner)),
      ']',
    );
  if (!isTable(value) || isUndefined(value)) throw new Error('A value cannot be written as JSON.');
  const entries = [...value.value];
  if (options.sortKeys) entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return block(
    '{',
    entries.map(([name, one]) => jsonText(name, options) + key + json(one, options, inner)),
    '}',
  );
}

function jsonText(text: string, { ensureAscii }: JsonOptions): string {
  const written = JSON.stringify(text);
  if (!ensureAscii) return written;
  return written.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function textOr(value: Value | undefined, fallback: string): string {
  return value !== undefined && isText(value) ? value.value : fallback;
}
