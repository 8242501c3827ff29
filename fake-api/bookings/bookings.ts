import { DEFAULT_LOCALE, loadVocabulary } from '../persons/vocabulary.js';
import { readDay, today } from '../server/day.js';
import { type Answer, answerJson, type RouteRequest } from '../server/route.js';
import { renderCsv, renderJson } from './booking-body.js';
import { listEvents } from './booking-lives.js';
import { makeBookingRow } from './booking-rows.js';

const DEFAULT_COUNT = 1_000;
const MAX_COUNT = 5_000;
const HOURS = 24;

/**
 * Flight bookings as a Mockaroo endpoint gives them: `X-API-Key` is asked for, `count` rows come (1,000 if not said,
 * 5,000 at most), as JSON or CSV by the ending of the path. `date` and `slot` (an hour, `13` or `T13`; 0 if not said)
 * say which rows; without a date it is now. A booking comes again in later slots, with a newer status.
 */
export async function answerBookings({ path, params, headers, settings }: RouteRequest): Promise<Answer> {
  if ((headers['x-api-key'] ?? '') === '') return answerJson(401, '{"error":"Invalid API Key"}');
  const hour = readHour(params.get('date'), params.get('slot'));
  if (hour === null) return answerJson(400, '{"error":"date is YYYY-MM-DD, slot an hour from 00 to 23"}');
  const words = await loadVocabulary(DEFAULT_LOCALE);
  const events = listEvents(hour, readCount(params.get('count')));
  const rows = events.map((event) => makeBookingRow(settings.seed, event, words));
  if (!path.endsWith('.csv')) return answerJson(200, renderJson(rows));
  return { status: 200, contentType: 'text/csv; charset=utf-8', body: renderCsv(rows) };
}

/** Hours since 1970-01-01T00 UTC; null if date or slot say something else than one. */
function readHour(date: string | null, slot: string | null): number | null {
  const day = date === null ? today() : readDay(date);
  const hour = readSlot(slot ?? (date === null ? String(new Date().getUTCHours()) : '0'));
  return day === null || hour === null ? null : day * HOURS + hour;
}

function readSlot(slot: string): number | null {
  const [, digits] = /^T?(\d{1,2})$/.exec(slot) ?? [];
  return digits !== undefined && Number(digits) < HOURS ? Number(digits) : null;
}

function readCount(text: string | null): number {
  if (text === null || !/^\d{1,15}$/.test(text) || Number(text) === 0) return DEFAULT_COUNT;
  return Math.min(Number(text), MAX_COUNT);
}
