/** Finds the rows that a damaged file still has, and their tables. */
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
  /** Absent in rows that are older than the column. */
  readonly optional: boolean;
  /** The row number, which is not part of the record. */
  readonly isRowid: boolean;
  /** An id: of this row, or of a row in another table. */
  readonly isKey: boolean;
}

interface Table {
  readonly name: string;
  readonly withoutRowid: boolean;
  /** In stored order. */
  readonly columns: readonly Column[];
}

export interface FoundRow {
  readonly table: Table;
  readonly values: readonly Value[];
  readonly pages: readonly number[];
}

export interface FileRows {
  /** Version of the file's schema. */
  readonly version: number;
  readonly rows: readonly FoundRow[];
  /** Rows that exist but are unreadable. */
  readonly unreadable: number;
  /** Ids of messages in an index of the file. */
  readonly indexedMessages: ReadonlySet<string>;
}

/** @param steps the migrations, which give the tables of each version */
export function rowsOfFile(image: PageImage, steps: readonly string[]): FileRows {
  // The schema leads to these pages and names their table.
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
  // Nothing leads to these pages. The form of their rows shows the table.
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

/** The version in the header, unless the schema belongs to another version. */
function versionOfFile(image: PageImage, entries: readonly SchemaEntry[], steps: readonly string[]): number {
  const stated = image.page(1)?.readUInt32BE(60) ?? 0;
  const likeness = schemasOf(steps).map(
    (known) => entries.filter(({ sql }) => typeof sql === 'string' && known.has(sql)).length,
  );
  const best = Math.max(0, ...likeness);
  return likeness[stated - 1] === best && best > 0 ? stated : likeness.lastIndexOf(best) + 1;
}

/** The tables of each version. */
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

/** The values of a row if it can belong to this table. */
function fit(row: RawRow, { columns }: Table): readonly Value[] | undefined {
  const values = valuesOf(row, columns);
  return columns.every((column, index) => fits(values[index], column)) && values.length > 0 ? values : undefined;
}

/** The values of a row that belongs to this table. An impossible value is left out if the column may be empty. */
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

/** A message without usable content becomes a damaged message. */
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
  // SQLite stores a whole number as an integer, also in a column of reals.
  return found === type || type === 'ANY' || (type === 'REAL' && found === 'INTEGER');
}

function typeOf(value: Exclude<Value, null>): string {
  if (typeof value === 'string') return 'TEXT';
  if (value instanceof Uint8Array) return 'BLOB';
  return typeof value === 'bigint' || Number.isInteger(value) ? 'INTEGER' : 'REAL';
}

/** Distinguishes tables and indexes with equal column types by their values. */
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
