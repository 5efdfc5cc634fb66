/**
 * Returns a value as text, with the types, holes, cycles and identities that JSON would lose. A global function of each
 * check's main process, preload and page; it travels as source text.
 */
export function show(root: unknown): string {
  const seen: object[] = [];
  const one = (value: unknown): string => {
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'function' || typeof value === 'symbol') return typeof value;
    if (Object.is(value, -0)) return '-0';
    if (value === null || typeof value !== 'object') return String(value);
    if (seen.includes(value)) return `#${seen.indexOf(value)}`;
    seen.push(value);
    return object(value, Object.prototype.toString.call(value).slice('[object '.length, -1));
  };
  const object = (value: object, kind: string): string => {
    if (kind === 'Date') return `Date(${(value as Date).getTime()})`;
    if (kind === 'RegExp') return `RegExp(/${(value as RegExp).source}/${(value as RegExp).flags})`;
    if (kind === 'Error') return `Error(${errorText(value as Error)})${own(value)}`;
    if (kind === 'Map') return `Map(${[...(value as Map<unknown, unknown>)].map(one).join()})`;
    if (kind === 'Set') return `Set(${[...(value as Set<unknown>)].map(one).join()})`;
    if (kind === 'ArrayBuffer') return `ArrayBuffer(${new Uint8Array(value as ArrayBuffer).join()})`;
    if (kind === 'DataView') return `DataView(${(value as DataView).byteLength})`;
    if (ArrayBuffer.isView(value)) return `${kind}(${[...(value as Uint8Array)].map(one).join()})`;
    if (Array.isArray(value)) return `[${Array.from(value, (item, i) => (i in value ? one(item) : 'hole')).join()}]`;
    if (['Number', 'String', 'Boolean'].includes(kind))
      return `${kind}(${one((value as { valueOf(): unknown }).valueOf())})`;
    if (kind === 'Promise') return 'promise';
    if (kind !== 'Object') return kind;
    const prototype = Object.getPrototypeOf(value) as { readonly constructor?: { readonly name: string } } | null;
    const name = prototype === null ? 'null' : (prototype.constructor?.name ?? '');
    return `${name === 'Object' ? '' : name}${own(value) || '{}'}`;
  };
  const errorText = ({ name, message }: Error): string => (message === '' ? name : `${name}: ${message}`);
  const own = (value: object): string => {
    const entries = Object.entries(value).map(([key, item]) => `${key}:${one(item)}`);
    return entries.length === 0 ? '' : `{${entries.join()}}`;
  };
  return one(root);
}
