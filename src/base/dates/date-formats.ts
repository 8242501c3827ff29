/**
 * Dates and times that the schema's format *and* the database take with the same meaning (RFC 3339, section 5.6, less
 * what DuckDB reads as null or as another moment: year 0, leap seconds, lower-case `t` and `z`, clock times with an
 * offset other than Z). What passes here is never changed by the cast, but for fractions below a microsecond.
 */
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;
const MOMENT =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-5]):[0-5]\d)$/;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const FIRST_MOMENT_MS = Date.parse('0001-01-01T00:00:00Z');
const END_OF_MOMENTS_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether a text is a real day, year 1 to 9999. */
export function isDate(text: string): boolean {
  if (text.length !== 10 || text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH) return false;
  const [year, month, day] = [readDigits(text, 0, 4), readDigits(text, 5, 7), readDigits(text, 8, 10)];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= countDays(year, month);
}

/** Whether a text is a time of day in UTC, such as `10:00:00Z`. */
export function isTime(text: string): boolean {
  return CLOCK.test(text);
}

/** Whether a text is a moment with an offset whose UTC form lies in the years 1 to 9999. */
export function isDateTime(text: string): boolean {
  const parts = MOMENT.exec(text);
  if (parts?.[1] === undefined || !isDate(parts[1])) return false;
  const ms = Date.parse(text);
  return ms >= FIRST_MOMENT_MS && ms <= END_OF_MOMENTS_MS;
}

const DASH = 0x2d;

/** The number that a part of a text is; NaN if not all of it are digits. Faster than a pattern, for every birthday. */
function readDigits(text: string, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return NaN;
    number = 10 * number + digit;
  }
  return number;
}

function countDays(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
}

const QUOTED = /''|'(?:''|[^'])*'/g;
/** Letters of date-fns; without `Y` and `D`, which date-fns refuses with a warning on stderr. */
const LETTERS = new Set('GyRuQqMLwIdiEecaHhKkmsSXxOztT');

/** Whether `formatIn` of zoned.ts takes a pattern. */
export function isDatePattern(pattern: string): boolean {
  if (pattern === 'epoch' || pattern === 'epoch_ms') return true;
  const letters = pattern.replace(QUOTED, '').match(/[A-Za-z]/g) ?? [];
  if (pattern === '' || pattern.replace(QUOTED, '').includes("'")) return false;
  return letters.length > 0 && letters.every((letter) => LETTERS.has(letter)) && !/[{}]/.test(pattern);
}

/** Whether a name is a time zone of the IANA database. */
export function isTimezone(name: string): boolean {
  if (name === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}
