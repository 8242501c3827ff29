import { addDays } from '../base/dates/calendar.js';
import { isDatePattern } from '../base/dates/date-formats.js';
import { formatIn, startIn } from '../base/dates/zoned.js';
import { failure } from '../base/errors.js';
import { readPath, splitPath } from '../base/json-values.js';
import type { DatasetDefinition, RequestText } from '../base/types/definition.js';

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** What the requests of a pull are about. */
export interface Moment {
  /** Logical date, `YYYY-MM-DD`. */
  readonly date: string;
  /** The hour, `00` to `23`, of a dataset that lands by the hour; else null. */
  readonly slot: string | null;
  /** Of the date: an IANA name. */
  readonly timezone: string;
  /** What `{last_success}` stands for, an ISO 8601 instant; null where the request does not use it. */
  readonly since: string | null;
  /** The record whose fields placeholders name; null for none. */
  readonly parent: Parent | null;
}

/** A record of another dataset, for which requests are made. Its values are sent, and never shown. */
export interface Parent {
  readonly as: string;
  readonly record: unknown;
}

/**
 * Fills `{date}`, `{next_date}` (`YYYY-MM-DD`) and `{last_success}` (ISO 8601 in UTC) with what the run is about, each also
 * by a pattern such as `{date:epoch}` or `{date:yyyyMMdd}`, `{slot}` with its hour, and `{team.id}` with a field of the
 * parent, through `encode`. Other braces stay as they are. Throws E_DEFINITION on a pattern that is none, and
 * E_SOURCE_SHAPE where the parent has no value.
 */
export function fillText(
  text: RequestText,
  moment: Moment,
  encode: (value: string) => string = (value) => value,
): string {
  return openText(text).replace(PLACEHOLDER, (whole, inner: string) => {
    const { parent, slot } = moment;
    if (inner === 'slot') return slot ?? '';
    const [name = '', ...pattern] = inner.split(':');
    const text = findDate(name, moment);
    if (text !== null) return pattern.length === 0 ? text : formatDate(text, pattern.join(':'), moment);
    const isField = parent !== null && inner.startsWith(`${parent.as}.`);
    return isField ? encode(readField(parent, inner.slice(parent.as.length + 1))) : whole;
  });
}

/** The text itself, to be sent and not to be shown. */
export function openText(text: RequestText): string {
  return typeof text === 'string' ? text : text.reveal();
}

function findDate(name: string, { date, since }: Moment): string | null {
  if (name === 'date') return date;
  if (name === 'next_date') return addDays(date, 1);
  return name === 'last_success' ? since : null;
}

/** A date is its first instant. */
function formatDate(text: string, pattern: string, { timezone }: Moment): string {
  const ms = text.includes('T') ? Date.parse(text) : startIn(text, timezone);
  try {
    if (isDatePattern(pattern)) return formatIn(ms, pattern, timezone);
  } catch {
    // The text of date-fns names the pattern only, but what it says is not ours.
  }
  throw failure('E_DEFINITION', {
    problem: 'a date pattern of the request is not usable',
    fix: 'use `epoch`, `epoch_ms`, or letters of date-fns such as `{date:yyyyMMdd}`; other text in single quotes',
  });
}

function readField({ record }: Parent, path: string): string {
  const value = readPath(record, splitPath(path));
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (isScalar && value !== '') return String(value);
  throw failure('E_SOURCE_SHAPE', { expected: `a value at \`${path}\` in each parent record` });
}

/** Datasets that are made of the same pages, by one request; errors of the pull name the first. */
export type DatasetsOfPages = readonly [DatasetDefinition, ...DatasetDefinition[]];
