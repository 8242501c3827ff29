/** When the scheduler runs a pipeline, in the time zone of the definition. */
export interface ScheduleDefinition {
  /** In the five fields of crontab. */
  readonly cron: string;
  /** Whether a run lands the date or hour in which it is scheduled, or the one before. */
  readonly date: 'current' | 'previous';
  readonly onMissed: 'skip' | 'latest' | 'all';
}

/** Names that crontab takes for months and days of the week, by the number of the first. */
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Of a leap year. */
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const FIELDS: readonly Field[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 7, names: WEEKDAYS },
];

/**
 * Whether a text is a schedule in the five fields of crontab (POSIX): minute, hour, day of the month, month, day of the
 * week, each `*`, a number, a range, a step (`*`, or a range, and `/n`) or a list of those; and some day has it.
 */
export function isCron(text: string): boolean {
  const parts = text.split(/ +/);
  if (parts.length !== FIELDS.length) return false;
  const fields = FIELDS.flatMap((field, at) => {
    const numbers = readField(parts[at] ?? '', field);
    return numbers === null ? [] : [numbers];
  });
  if (fields.length !== FIELDS.length) return false;
  // With a day of the week, either of the two is enough.
  if (parts[4] !== '*') return true;
  const [, , days = [], months = []] = fields;
  return months.some((month) => days.some((day) => day <= (LONGEST_MONTHS[month - 1] ?? 0)));
}

/** The numbers that a field stands for; null for what is none. */
function readField(text: string, field: Field): number[] | null {
  const numbers: number[] = [];
  for (const part of text.toLowerCase().split(',')) {
    const range = readRange(part, field);
    if (range === null) return null;
    for (let number = range.from; number <= range.to; number += range.step) numbers.push(number);
  }
  return numbers;
}

const RANGE = /^(?:(\*)|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d{1,2}))?$/;

function readRange(text: string, field: Field): { from: number; to: number; step: number } | null {
  const [whole, any, first = '', last, steps] = RANGE.exec(text) ?? [];
  if (whole === undefined) return null;
  const isRange = any !== undefined || last !== undefined;
  if (steps !== undefined && !isRange) return null;
  const from = any === undefined ? readNumber(first, field) : field.min;
  const to = any === undefined ? readNumber(last ?? first, field) : field.max;
  const step = Number(steps ?? 1);
  if (from === null || to === null || from > to || step < 1 || step > field.max) return null;
  return { from, to, step };
}

function readNumber(text: string, { min, max, names }: Field): number | null {
  const named = names.indexOf(text);
  if (named >= 0) return named + min;
  if (!/^\d{1,2}$/.test(text)) return null;
  const number = Number(text);
  return number >= min && number <= max ? number : null;
}
