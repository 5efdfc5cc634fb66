/** Formats of numbers, times and lists in one language. */

/** Words for the plural categories of a language. Categories that it does not have are absent. */
type Forms = Partial<Readonly<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string };

export interface Formats {
  readonly count: (value: number) => string;
  /** A number and its word: `1 token`, `2,048 tokens`. */
  readonly plural: (value: number, forms: Forms) => string;
  /** 0 to 1 as a percentage. */
  readonly fraction: (value: number) => string;
  /** With the given number of significant digits, including zeros. */
  readonly significant: (value: number, figures: number) => string;
  /** Tokens per second: three significant digits below a hundred, whole numbers above. */
  readonly rate: (perSecond: number) => string;
  /** Microseconds as `840 µs`, `12.4 ms`, `212 ms` or `3.20 s`. */
  readonly duration: (us: number) => string;
  /** Bytes in decimal units, as disks use: `4.1 GB`, `135 MB`. */
  readonly bytes: (value: number) => string;
  /** A count with three significant digits, as in model names in every language: `135M`, `1.24B`. */
  readonly short: (value: number) => string;
  /** Day of a time in ms: `Nov 25, 2026`. */
  readonly day: (at: number) => string;
  readonly dayAndTime: (at: number) => string;
  /** Time of day of a time in ms: `3:04:05 PM`. */
  readonly time: (at: number) => string;
  /** Month of a time in ms: `November`, or with its year. */
  readonly month: (at: number, withYear: boolean) => string;
  /** `a, b, c` */
  readonly list: (items: readonly string[]) => string;
  /** A number for a text field: all digits, no group separators. */
  readonly editable: (value: number) => string;
  /** Parses a typed number with this language's separators or a decimal point; NaN if invalid. */
  readonly parse: (text: string) => number;
}

export function formatsOf(locale: string): Formats {
  const whole = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const ungrouped = new Intl.NumberFormat(locale, { useGrouping: false, maximumFractionDigits: 20 });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
  const dateAndTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const timeOnly = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const monthOnly = new Intl.DateTimeFormat(locale, { month: 'long' });
  const monthAndYear = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' });
  const lists = new Intl.ListFormat(locale, { type: 'conjunction', style: 'narrow' });
  const rules = new Intl.PluralRules(locale);
  const parse = parserOf(whole, tenths);

  const count = (value: number): string => whole.format(value);
  const significant = (value: number, figures: number): string =>
    value.toLocaleString(locale, { minimumSignificantDigits: figures, maximumSignificantDigits: figures });
  return {
    count,
    plural: (value, forms) => `${count(value)} ${forms[rules.select(value)] ?? forms.other}`,
    fraction: (value) => percent.format(value),
    significant,
    rate: (perSecond) => (perSecond >= 100 ? count(Math.round(perSecond)) : significant(perSecond, 3)),
    duration: (us) => {
      if (us < 1000) return `${Math.round(us)} µs`;
      const ms = us / 1000;
      if (ms < 100) return `${significant(ms, 3)} ms`;
      if (ms < 1000) return `${Math.round(ms)} ms`;
      return `${significant(ms / 1000, 3)} s`;
    },
    bytes: (value) => {
      if (value < 1e6) return `${count(Math.ceil(value / 1e3))} KB`;
      if (value < 1e9) return `${count(Math.round(value / 1e6))} MB`;
      return `${tenths.format(value / 1e9)} GB`;
    },
    short: (value) => compact.format(value),
    day: (at) => date.format(at),
    dayAndTime: (at) => dateAndTime.format(at),
    time: (at) => timeOnly.format(at),
    month: (at, withYear) => (withYear ? monthAndYear : monthOnly).format(at),
    list: (items) => lists.format(items),
    editable: (value) => ungrouped.format(value),
    parse,
  };
}

/** Group separators are recognised by position: in German, `1.000` is a thousand and `0.7` is less than one. */
function parserOf(whole: Intl.NumberFormat, decimal: Intl.NumberFormat): (text: string) => number {
  const mark = (format: Intl.NumberFormat, type: 'group' | 'decimal'): string =>
    format.formatToParts(1_000_000.5).find((part) => part.type === type)?.value ?? '';
  const group = mark(whole, 'group');
  const point = mark(decimal, 'decimal');
  const grouped = new RegExp(`^[1-9]\\d{0,2}(?:\\${group}\\d{3})+(?:\\${point}\\d+)?$`);
  return (text) => {
    const written = text.trim();
    if (written === '') return Number.NaN;
    return Number((grouped.test(written) ? written.replaceAll(group, '') : written).replace(point, '.'));
  };
}
