/** Every format of C's `strftime` in the C locale, for which templates were written. */

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
const dayMs = 86_400_000;

/** @param format a format of Python's `datetime.strftime`, with the flags of glibc */
export function strftime(date: Date, format: string): string {
  return format.replace(/%([-_0^#]?)([A-Za-z%])/g, (whole: string, flag: string, letter: string) => {
    const text = Object.hasOwn(fields, letter) ? fields[letter]?.(date) : undefined;
    return text === undefined ? whole : flagged(text, flag);
  });
}

function flagged(text: string, flag: string): string {
  switch (flag) {
    case '-':
      return text.replace(/^[ 0]+(?=\d)/, '');
    case '_':
      return text.replace(/^0+(?=\d)/, (zeros) => ' '.repeat(zeros.length));
    case '0':
      return text.replace(/^ +/, (spaces) => '0'.repeat(spaces.length));
    case '^':
      return text.toUpperCase();
    case '#':
      return text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase();
    default:
      return text;
  }
}

const two = (value: number): string => String(value).padStart(2, '0');
const spaced = (value: number): string => String(value).padStart(2);
const hour12 = (date: Date): number => date.getHours() % 12 || 12;
const dayOfYear = (date: Date): number =>
  Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 0)) / dayMs,
  );
/** Weeks begin on a Sunday (0) or a Monday (1). Days before the first such day are in week 0. */
const week = (date: Date, first: number): number =>
  Math.floor((dayOfYear(date) + 6 - ((date.getDay() - first + 7) % 7)) / 7);

function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  return { year, week: Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / dayMs + 1) / 7) };
}

const fields: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => (days[date.getDay()] ?? '').slice(0, 3),
  A: (date) => days[date.getDay()] ?? '',
  b: (date) => (months[date.getMonth()] ?? '').slice(0, 3),
  B: (date) => months[date.getMonth()] ?? '',
  c: (date) => strftime(date, '%a %b %e %H:%M:%S %Y'),
  C: (date) => two(Math.floor(date.getFullYear() / 100)),
  d: (date) => two(date.getDate()),
  D: (date) => strftime(date, '%m/%d/%y'),
  e: (date) => spaced(date.getDate()),
  f: (date) => String(date.getMilliseconds() * 1000).padStart(6, '0'),
  F: (date) => strftime(date, '%Y-%m-%d'),
  g: (date) => two(isoWeek(date).year % 100),
  G: (date) => String(isoWeek(date).year),
  h: (date) => strftime(date, '%b'),
  H: (date) => two(date.getHours()),
  I: (date) => two(hour12(date)),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  k: (date) => spaced(date.getHours()),
  l: (date) => spaced(hour12(date)),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  n: () => '\n',
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  P: (date) => (date.getHours() < 12 ? 'am' : 'pm'),
  r: (date) => strftime(date, '%I:%M:%S %p'),
  R: (date) => strftime(date, '%H:%M'),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  S: (date) => two(date.getSeconds()),
  t: () => '\t',
  T: (date) => strftime(date, '%H:%M:%S'),
  u: (date) => String(date.getDay() || 7),
  U: (date) => two(week(date, 0)),
  V: (date) => two(isoWeek(date).week),
  w: (date) => String(date.getDay()),
  W: (date) => two(week(date, 1)),
  x: (date) => strftime(date, '%m/%d/%y'),
  X: (date) => strftime(date, '%H:%M:%S'),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  // Python's `datetime.now()` has no time zone.
  z: () => '',
  Z: () => '',
  '%': () => '%',
};
