import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { addDays, HOUR } from '../../src/base/dates/calendar.js';
import { isDate } from '../../src/base/dates/date-formats.js';
import { failure } from '../../src/base/errors.js';
import { NAME } from '../../src/base/names.js';
import { formatCount } from '../../src/base/text/numbers.js';
import { looksSecret } from '../../src/base/text/personal-text.js';
import { UsageError } from './usage-error.js';

/** Flags and arguments that several commands share. Each validates its input before any work starts. */

const EXAMPLE_DATE = '2026-11-20';

/** A calendar date, `YYYY-MM-DD`; `resolveDate` supplies the default, today. */
export const dateFlag = Flags.custom({
  helpValue: 'YYYY-MM-DD',
  parse: (input) => Promise.resolve(parseDate(input)),
});

/** The same with the hour of an hourly dataset: `YYYY-MM-DDTHH`. */
export const momentFlag = Flags.custom({
  helpValue: 'YYYY-MM-DD[THH]',
  parse: (input) => Promise.resolve(parseMoment(input)),
});

export const allowFutureFlag = Flags.boolean({ summary: 'Accept a date later than tomorrow.' });

/** A whole number from `min` to `max`. */
export const integerFlag = Flags.custom<number, { min: number; max: number }>({
  helpValue: 'N',
  parse: (input, _, options) => Promise.resolve(parseInteger(input, options)),
});

/** An age such as `90d`, in whole days from 1 on. */
export const daysFlag = Flags.custom<number, { name: string }>({
  helpValue: 'Nd',
  parse: (input, _, { name }) => Promise.resolve(parseDays(input, name)),
});

/** `embedded`, or an http(s) URL without userinfo, query or fragment, as typed. */
export const sourceFlag = Flags.custom({
  helpValue: 'URL',
  parse: (input) => Promise.resolve(parseSource(input)),
});

/** Where a sample is: an http(s) URL without userinfo, query or fragment, or the path of a file; as typed. */
export const sampleFlag = Flags.custom({
  helpValue: 'URL|FILE',
  parse: (input) => Promise.resolve(parseSample(input)),
});

/** One of a few words. */
export const choiceFlag = Flags.custom<string, { choices: readonly string[] }>({
  parse: (input, _, options) => Promise.resolve(parseChoice(input, options)),
});

export const pipelineArg = Args.custom({
  description: 'Name of the pipeline; default: persons, or the only one.',
  parse: (input) => Promise.resolve(parseName(input, 'pipeline')),
});

/**
 * The logical date of a command: the given date, else today.
 * @param today in the time zone of the pipeline
 * @throws E_DATE_FUTURE if it is later than tomorrow and `allowFuture` is false
 */
export function resolveDate(date: string | undefined, allowFuture: boolean, today: string): string {
  const chosen = date ?? today;
  if (!allowFuture && chosen > addDays(today, 1)) throw failure('E_DATE_FUTURE', { date: chosen });
  return chosen;
}

/**
 * Validates the name of a pipeline, dataset, model or report before it is used in a path.
 * @throws UsageError of E_NAME
 */
export function parseName(input: string, kind: string): string {
  if (!NAME.test(input)) throw new UsageError(failure('E_NAME', { kind }));
  return input;
}

function parseDate(input: string): string {
  if (!isDate(input)) throw new UsageError(failure('E_DATE', { example: EXAMPLE_DATE }));
  return input;
}

function parseMoment(input: string): string {
  const [date = '', slot] = input.split('T', 2);
  if (slot !== undefined && !(HOUR.test(slot) && input === `${date}T${slot}`)) {
    throw new UsageError(failure('E_DATE', { example: `${EXAMPLE_DATE}T13` }));
  }
  parseDate(date);
  return input;
}

interface IntegerOptions {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

function parseInteger(input: string, { name, min, max }: IntegerOptions): number {
  const number = /^\d{1,15}$/.test(input) ? Number(input) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw usageError(
    `--${name} must be a whole number from ${formatCount(min)} to ${formatCount(max)}`,
    `for example: \`--${name} ${Math.min(max, Math.max(min, 1000))}\``,
  );
}

function parseDays(input: string, name: string): number {
  const days = Number(/^(\d{1,5})d$/.exec(input)?.[1] ?? 0);
  if (days >= 1) return days;
  throw usageError(`--${name} must be a number of days from 1 to 99999`, `for example: \`--${name} 90d\``);
}

function parseSource(input: string): string {
  if (input === 'embedded') return input;
  const url = URL.canParse(input) ? new URL(input) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw usageError(
      '--source must be `embedded` or an http(s) URL',
      'for example: `--source https://fakerapi.it`',
    );
  }
  const part = findForbiddenPart(url, input);
  if (part !== null) throw new UsageError(failure('E_URL', { part, variable: 'FAKER_API_URL' }));
  return input;
}

function parseSample(input: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(input)) return input;
  const url = URL.canParse(input) ? new URL(input) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const hint = 'for example: `--from https://api.example.org/v1/orders`';
    throw usageError('--from must be an http(s) URL or a file path', hint);
  }
  const part = findForbiddenPart(url, input) ?? findPersonalPart(url.pathname);
  if (part !== null) throw new UsageError(failure('E_SAMPLE_URL', { part }));
  return input;
}

/** The part of a URL that may hold a password or key, which would end up in the shell history and process lists. */
function findForbiddenPart(url: URL, input: string): string | null {
  if (url.username !== '' || url.password !== '') return 'a user name or password';
  if (input.includes('#')) return 'a fragment';
  return input.includes('?') ? 'a query' : null;
}

/** The part of a path that looks personal or secret; the draft would contain it. */
function findPersonalPart(path: string): string | null {
  if (/@|%40/i.test(path)) return 'an email address';
  return path.split('/').some(looksSecret) ? 'text that looks like a key' : null;
}

interface ChoiceOptions {
  readonly name: string;
  readonly choices: readonly string[];
}

function parseChoice(input: string, { name, choices }: ChoiceOptions): string {
  if (choices.includes(input)) return input;
  throw usageError(
    `--${name} must be one of ${choices.join(', ')}`,
    `for example: \`--${name} ${choices[0] ?? ''}\``,
  );
}

function usageError(what: string, hint: string): UsageError {
  return new UsageError(failure('E_USAGE', { what, hint }));
}
