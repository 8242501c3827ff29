import { DEFAULT_LOCALE, loadVocabulary } from '../persons/vocabulary.js';
import { readDay, today } from '../server/day.js';
import { type Answer, answerJson, type RouteRequest } from '../server/route.js';
import { listCarts } from './store-carts.js';
import { listProducts } from './store-products.js';
import { countUsers, makeUser } from './store-users.js';

const MOST_DAYS = 31;

/** The Fake Store API's products, as they are on `date`; without one, as they are today. */
export function answerProducts({ params, settings }: RouteRequest): Answer {
  const day = readDate(params, 'date');
  return day === null ? refuse() : answerList(listProducts(settings.seed, day));
}

/** Its users, as many as there are on `date`; without one, today. */
export async function answerUsers({ params, settings }: RouteRequest): Promise<Answer> {
  const day = readDate(params, 'date');
  if (day === null) return refuse();
  const words = await loadVocabulary(DEFAULT_LOCALE);
  return answerList(
    Array.from({ length: countUsers(day) }, (_, index) => makeUser(settings.seed, index + 1, words)),
  );
}

/** Its carts from `startdate` to `enddate`, both inclusive and at most 31 days apart; without them, today's. */
export function answerCarts({ params, settings }: RouteRequest): Answer {
  const first = readDate(params, 'startdate');
  const last = readDate(params, 'enddate');
  if (first === null || last === null || last - first >= MOST_DAYS) return refuse();
  const days = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  return answerList(days.flatMap((day) => listCarts(settings.seed, day)));
}

/** The day that a parameter names, today if it is not there; null if it is no date. */
function readDate(params: URLSearchParams, name: string): number | null {
  const text = params.get(name);
  return text === null ? today() : readDay(text);
}

function answerList(records: readonly unknown[]): Answer {
  return answerJson(200, JSON.stringify(records));
}

function refuse(): Answer {
  return answerJson(400, '{"status":"error","message":"dates are YYYY-MM-DD, at most 31 days apart"}');
}
