import { DAY_MS } from '../../src/base/dates/calendar.js';
import { drawBirthday } from '../persons/birthdays.js';
import { COUNTRIES } from '../persons/countries.js';
import { drawEmail } from '../persons/people.js';
import type { Vocabulary } from '../persons/vocabulary.js';
import { formatDay } from '../server/day.js';
import { createRandom, drawFrom, drawInteger, drawPattern, type Random } from '../server/random.js';

export const TIERS = ['bronze', 'silver', 'gold', 'platinum'] as const;

/** A customer as they are on a day. What is not known is null. */
export interface ShopCustomer {
  readonly customer_id: number;
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly birth_date: string | null;
  readonly address: {
    readonly street: string;
    readonly city: string;
    readonly postal_code: string;
    readonly country_code: string;
  };
  /** Changes every quarter of a year, for some. */
  readonly loyalty_tier: (typeof TIERS)[number];
  readonly store_credit: number;
  readonly marketing_consent: boolean;
  readonly signed_up_on: string;
}

/** Another one signs up each day after this one. */
export const OPENING_DAY = Date.UTC(2024, 0, 1) / DAY_MS;
const CUSTOMERS_AT_OPENING = 900;
const MOST_CUSTOMERS = 20_000;
const FIRST_ID = 10_001;
const DAYS_OF_A_TIER = 90;
const DAYS_BEFORE_OPENING = 700;

/** How many customers there are on a day, in the order in which they signed up. */
export function countCustomers(day: number): number {
  return Math.min(CUSTOMERS_AT_OPENING + Math.max(0, day - OPENING_DAY), MOST_CUSTOMERS);
}

export function customerIdAt(index: number): number {
  return FIRST_ID + index;
}

export function makeCustomer(seed: string, index: number, day: number, words: Vocabulary): ShopCustomer {
  const random = createRandom(`shop:customer:${seed}:${index}`);
  const first = drawFrom(random, words.firstnames[random() < 0.5 ? 'male' : 'female']);
  const last = drawFrom(random, words.lastnames);
  const country = drawFrom(random, COUNTRIES);
  return {
    customer_id: customerIdAt(index),
    first_name: first.text,
    last_name: last.text,
    email: drawEmail(random, first, last, country.code),
    phone: random() < 0.08 ? null : drawPattern(random, country.phone),
    birth_date: random() < 0.2 ? null : drawBirthday(random, null),
    address: {
      street: `${String(1 + drawInteger(random, 999))} ${drawFrom(random, words.streets)}`,
      city: drawFrom(random, words.cities),
      postal_code: drawPattern(random, country.zipcode),
      country_code: country.code,
    },
    loyalty_tier: drawTier(seed, index, day, random),
    store_credit: random() < 0.6 ? 0 : drawInteger(random, 30_000) / 100,
    marketing_consent: random() < 0.55,
    signed_up_on: drawSignUp(random, index),
  };
}

/** Around a tier of one's own, one up or down in some quarters, each customer's beginning on another day. */
function drawTier(seed: string, index: number, day: number, random: Random): ShopCustomer['loyalty_tier'] {
  const usual = drawFrom(random, [0, 0, 0, 0, 1, 1, 1, 2, 2, 3]);
  const quarter = Math.floor((day + index * 7) / DAYS_OF_A_TIER);
  const step = drawFrom(createRandom(`shop:tier:${seed}:${index}:${quarter}`), [-1, 0, 0, 0, 1]);
  return TIERS[Math.min(Math.max(usual + step, 0), TIERS.length - 1)] ?? 'bronze';
}

function drawSignUp(random: Random, index: number): string {
  const isEarly = index < CUSTOMERS_AT_OPENING;
  const daysBefore = 1 + drawInteger(random, DAYS_BEFORE_OPENING);
  return formatDay(OPENING_DAY + (isEarly ? -daysBefore : index - CUSTOMERS_AT_OPENING + 1));
}
