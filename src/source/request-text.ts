import { format } from 'date-fns/format';
import { addDays } from '../base/dates/calendar.js';
import { failure } from '../base/errors.js';
import type { DatasetDefinition, RequestText } from '../base/types/definition.js';

const PLACEHOLDER = /\{(slot|(?:date|next_date)(?::([^{}]+))?)\}/g;
const QUOTED = /''|'(?:''|[^'])*'/g;
/**
 * Letters of date-fns patterns that speak of days and longer, which a date alone determines in any time zone; without
 * `Y` and `D`, which date-fns refuses with a warning on stderr.
 */
const DATE_LETTERS = new Set('GyRuQqMLwIdiEec');

/** What a run is about. */
export interface Moment {
  /** Logical date, `YYYY-MM-DD`. */
  readonly date: string;
  /** The hour, `00` to `23`, of a dataset that lands by the hour; else null. */
  readonly slot: string | null;
}

/**
 * Fills `{date}`, `{next_date}` (`YYYY-MM-DD`) and `{date:yyyyMMdd}`, `{next_date:…}` (a pattern of date-fns) with the
 * run's logical date, and `{slot}` with its hour. Other braces stay as they are. Throws E_DEFINITION on a pattern that date-fns refuses, or that
 * asks for a time of day.
 */
export function fillText(text: RequestText, { date, slot }: Moment): string {
  return openText(text).replace(PLACEHOLDER, (_, name: string, pattern: string | undefined) => {
    if (name === 'slot') return slot ?? '';
    const day = name.startsWith('date') ? date : addDays(date, 1);
    return pattern === undefined ? day : formatDay(day, pattern);
  });
}

/** The text itself, to be sent and not to be shown. */
export function openText(text: RequestText): string {
  return typeof text === 'string' ? text : text.reveal();
}

function formatDay(day: string, pattern: string): string {
  const letters = pattern.replace(QUOTED, '').match(/[A-Za-z]/g) ?? [];
  if (!letters.every((letter) => DATE_LETTERS.has(letter))) throw patternFailure();
  const [year = 0, month = 1, dayOfMonth = 1] = day.split('-').map(Number);
  try {
    // date-fns reads local fields: the same calendar day in local time gives the same text in every zone.
    return format(new Date(year, month - 1, dayOfMonth), pattern);
  } catch {
    throw patternFailure();
  }
}

function patternFailure(): Error {
  return failure('E_DEFINITION', {
    problem: 'a date pattern of the request is not usable',
    fix: 'use letters of date-fns for days and longer, such as `{date:yyyyMMdd}`; other text in single quotes',
  });
}

/** Datasets that are made of the same pages, by one request; errors of the pull name the first. */
export type DatasetsOfPages = readonly [DatasetDefinition, ...DatasetDefinition[]];
