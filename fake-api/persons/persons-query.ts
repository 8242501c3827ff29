import { readDayRange } from './birthdays.js';
import type { PeopleQuery } from './people.js';
import { resolveLocale } from './vocabulary.js';

/** What a request for people asks, as the Faker API understands it: what makes no sense is passed over, never refused. */
export interface PersonsQuery extends PeopleQuery {
  /** 1 to 1,000. */
  readonly quantity: number;
  /** As sent, and sent back as text; null for new people at every call. */
  readonly seed: string | null;
  readonly locale: string;
}

const DEFAULT_QUANTITY = 10;
const MAX_QUANTITY = 1_000;

export function readPersonsQuery(params: URLSearchParams): PersonsQuery {
  const gender = params.get('_gender');
  return {
    quantity: readQuantity(params.get('_quantity')),
    seed: params.get('_seed') || null,
    locale: resolveLocale(params.get('_locale')),
    gender: gender === 'male' || gender === 'female' ? gender : null,
    birthdays: readDayRange(params.get('_birthday_start'), params.get('_birthday_end')),
  };
}

/** More than 1,000 becomes 1,000 in silence. */
function readQuantity(text: string | null): number {
  if (text === null || !/^\d{1,15}$/.test(text) || Number(text) === 0) return DEFAULT_QUANTITY;
  return Math.min(Number(text), MAX_QUANTITY);
}
