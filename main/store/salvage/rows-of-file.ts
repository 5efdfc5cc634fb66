/** Which rows of which tables a damaged file still has. */
import { DatabaseSync } from 'node:sqlite';
import { migrate } from '../database.ts';
import { messageDamaged, messageStates } from '../message-row.ts';
import type { PageImage } from './page-image.ts';
import { readPage } from './table-rows.ts';
import type { RawRow, Value } from './table-rows.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** Rows from before the column was added do not have it. */
  readonly optional: boolean;
  /** It is the number of the row, which the row itself does not hold. */
  readonly isRowid: boolean;
  /** Names a row: its own, or one of another table. */
  readonly isKey: boolean;
}

interface Table {
  readonly name: string;
  readonly withoutRowid: boolean;
  /** In the order they are stored in. */
  readonly columns: readonly Column[];
}

export interface FoundRow {
  readonly table: Table;
  readonly values: readonly Value[];
  readonly pages: readonly number[];
}

export interface FileRows {
  /** The version of the schema that the file had. */
  readonly version: number;
  readonly rows: readonly FoundRow[];
  /** Rows that are there but make no sense. */
  readonly unreadable: number;
  /** Ids of messages that an index of the file names. */
  readonly indexedMessages: ReadonlySet<string>;
}

/** @param steps The migrations: what versions there are, and what their tables look like. */
export function rowsOfFile(image: PageImage, steps: readonly string[]): FileRows {
  // Pages that the schema leads to: what they hold is known.
  const seen = new Set<number>();
  const entries = [...pagesBelow(image, 1, seen)]
    .flatMap(({ rows: found }) => found.map(toSchemaEntry))
    .filter((entry) => entry !== undefined);
  const version = versionOfFile(image, entries, steps);
  const tables = tablesOf(version, steps);
  const rows: FoundRow[] = [];
  const indexedMessages = new Set<string>();
  let unreadable = 0;

  for (const { type, name, root } of entries) {
    const table = tables.find((one) => type === 'table' && one.name === name);
    for (const page of pagesBelow(image, root, seen)) {
      if (name === 'sqlite_autoindex_messages_1')
        for (const { values } of page.rows) if (typeof values[0] === 'string') indexedMessages.add(values[0]);
      if (!table) continue;
      unreadable += page.unreadable;
      for (const row of page.rows) {
        const values = mended(row, table);
        if (values) rows.push({ table, values, pages: row.pages });
        else unreadable += 1;
      }
    }
  }
  // Pages that nothing leads to any more: told by what their rows look like.
  for (let number = 2; number <= image.pageCount; number++) {
    if (seen.has(number)) continue;
    const page = readPage(image, number);
    for (const row of page?.rows ?? []) {
      const table = tables.find(
        (one) => one.withoutRowid === (page?.kind === 'index') && looksLike(one, fit(row, one)),
      );
      const values = table && fit(row, table);
      if (values) rows.push({ table, values, pages: row.pages });
    }
  }
  return { version, rows, unreadable, indexedMessages };
}

interface SchemaEntry {
  readonly type: string;
  readonly name: string;
  readonly root: number;
  readonly sql: Value;
}

function toSchemaEntry({ values: [type, name, , root, sql = null] }: RawRow): SchemaEntry | undefined {
  if (typeof type !== 'string' || typeof name !== 'string' || typeof root !== 'number' || root < 2) return undefined;
  return { type, name, root, sql };
}

function* pagesBelow(image: PageImage, root: number, seen: Set<number>) {
  const waiting = [root];
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (seen.has(number)) continue;
    const page = readPage(image, number);
    if (!page) continue;
    seen.add(number);
    waiting.push(...page.children);
    yield page;
  }
}

/** The number that the header has, unless the schema that follows it is another version's. */
function versionOfFile(image: PageImage, entries: readonly SchemaEntry[], steps: readonly string[]): number {
  const stated = image.page(1)?.readUInt32BE(60) ?? 0;
  const likeness = schemasOf(steps).map(
    (known) => entries.filter(({ sql }) => typeof sql === 'string' && known.has(sql)).length,
  );
  const best = Math.max(0, ...likeness);
  return likeness[stated - 1] === best && best > 0 ? stated : likeness.lastIndexOf(best) + 1;
}

/** Of each version, what it creates. */
function schemasOf(steps: readonly string[]): readonly ReadonlySet<string>[] {
  return inMemory((database) =>
    steps.map((step) => {
      database.exec(step);
      const created = database.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').all();
      return new Set(created.map(({ sql }) => String(sql)));
    }),
  );
}

function inMemory<T>(read: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(':memory:');
  try {
    return read(database);
  } finally {
    database.close();
  }
}

function tablesOf(version: number, steps: readonly string[]): readonly Table[] {
  return inMemory((database) => {
    migrate(database, steps.slice(0, version));
    return database
      .prepare("SELECT name, wr FROM pragma_table_list WHERE type = 'table' AND strict = 1")
      .all()
      .map(({ name, wr }): Table => {
        const columns = database.prepare('SELECT * FROM pragma_table_xinfo(?)').all(name ?? null);
        const withoutRowid = wr === 1;
        const keys = columns.filter(({ pk }) => Number(pk) > 0).sort((a, b) => Number(a['pk']) - Number(b['pk']));
        const inOrder = withoutRowid ? [...keys, ...columns.filter(({ pk }) => pk === 0)] : columns;
        return {
          name: String(name),
          withoutRowid,
          columns: inOrder.map((column) => ({
            name: String(column['name']),
            type: String(column['type']),
            required: column['notnull'] === 1 || Number(column['pk']) > 0,
            optional: column['notnull'] === 0 || column['dflt_value'] !== null,
            isKey: Number(column['pk']) > 0 || String(column['name']).endsWith('_id'),
            isRowid: !withoutRowid && keys.length === 1 && Number(column['pk']) > 0 && column['type'] === 'INTEGER',
          })),
        };
      });
  });
}

/** The values of a row, if it can be one of this table: as far as it has them. */
function fit(row: RawRow, { columns }: Table): readonly Value[] | undefined {
  const values = valuesOf(row, columns);
  return columns.every((column, index) => fits(values[index], column)) && values.length > 0 ? values : undefined;
}

/** The same of a row that is known to be of this table: a value that cannot be is left out, if there is a row without it. */
function mended(row: RawRow, { name, columns }: Table): readonly Value[] | undefined {
  const values = valuesOf(row, columns);
  if (values.length === 0) return undefined;
  const whole = columns.every((column, index) => fits(values[index], column));
  const mending = columns.map((column, index) => {
    const value = values[index];
    if (fits(value, column)) return value;
    return column.required ? (column.isKey ? undefined : neutral[column.type]) : null;
  });
  const made = mending.slice(0, Math.max(values.length, mending.findLastIndex((value) => value !== undefined) + 1));
  if (made.some((value, index) => value === undefined && !columns[index]?.optional)) return undefined;
  const result = made.map((value) => value ?? null);
  return name === 'messages' ? withDamageSaid(result, columns, whole) : result;
}

const neutral: Readonly<Record<string, Value>> = { TEXT: '', INTEGER: 0, REAL: 0 };

/** A message that says nothing, or nothing that can be, is said to be damaged. */
function withDamageSaid(values: readonly Value[], columns: readonly Column[], whole: boolean): readonly Value[] {
  const at = (name: string): number => columns.findIndex((column) => column.name === name);
  const isRole = values[at('role')] === 'user' || values[at('role')] === 'assistant';
  const isState = messageStates.some((state) => state === values[at('state')]);
  if (isRole && isState && (whole || values[at('text')] !== '')) return values;
  return values
    .with(at('role'), isRole ? (values[at('role')] ?? null) : 'assistant')
    .with(at('state'), 'failed')
    .with(at('error'), JSON.stringify(messageDamaged));
}

function valuesOf({ rowid, values }: RawRow, columns: readonly Column[]): readonly Value[] {
  return values.length > columns.length ? [] : values.map((value, index) => (columns[index]?.isRowid ? rowid : value));
}

function fits(value: Value | undefined, { type, required, optional }: Column): boolean {
  if (value === undefined) return optional;
  if (value === null) return !required;
  const found = typeOf(value);
  // A whole number is kept as an integer in a column of reals too.
  return found === type || type === 'ANY' || (type === 'REAL' && found === 'INTEGER');
}

function typeOf(value: Exclude<Value, null>): string {
  if (typeof value === 'string') return 'TEXT';
  if (value instanceof Uint8Array) return 'BLOB';
  return typeof value === 'bigint' || Number.isInteger(value) ? 'INTEGER' : 'REAL';
}

/** Tables and indexes whose rows have the same types are told apart by what is in them. */
function looksLike({ name }: Table, values: readonly Value[] | undefined): boolean {
  if (!values) return false;
  const last = values.at(-1);
  if (name === 'settings') return isJson(last) && isSettingName(values[0]);
  if (name === 'model_templates') return isJson(last, '{') && !isSettingName(values[0]);
  if (name === 'model_facts') return isJson(last, '{') && /^\d/.test(String(values[1]));
  if (name === 'presets') return isJson(last, '{');
  if (name === 'crashes') return /^[0-9a-f]{64}$/.test(String(values[0]));
  if (name === 'drafts') return last === null || isJson(last, '[');
  return true;
}

/** Ids have digits. */
function isSettingName(value: Value | undefined): boolean {
  return typeof value === 'string' && /^[a-z][A-Za-z]*$/.test(value);
}

function isJson(value: Value | undefined, beginning = ''): boolean {
  if (typeof value !== 'string' || !value.startsWith(beginning)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
