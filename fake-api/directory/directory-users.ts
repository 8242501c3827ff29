import { DAY_MS } from '../../src/base/dates/calendar.js';
import { COUNTRIES } from '../persons/countries.js';
import { drawEmail } from '../persons/people.js';
import type { Name, Vocabulary } from '../persons/vocabulary.js';
import { createRandom, drawFrom, drawInteger, drawPattern, type Random } from '../server/random.js';
import { type Company, drawCompany } from './directory-companies.js';
import { drawCoordinates } from './directory-places.js';

/** A user as JSONPlaceholder gives one; what is not known is null or not there. */
export interface DirectoryUser {
  readonly id: number;
  /** In full: `Mrs. Dennis Schulist`; a few go by one word. */
  readonly name: string;
  readonly username: string;
  readonly email: string | null;
  readonly address: {
    readonly street: string;
    readonly suite: string;
    readonly city: string;
    readonly zipcode: string;
    /** Degrees are texts. */
    readonly geo?: { readonly lat: string; readonly lng: string };
  };
  readonly phone?: string;
  readonly website: string;
  readonly company: Company | null;
}

/** A member joins each day after this one, and stays for years. */
const OPENING_DAY = Date.UTC(2024, 0, 1) / DAY_MS;
const MEMBERS_AT_OPENING = 1_200;
const MOST_MEMBERS = 5_000;
const SHARE_THAT_LEAVES = 0.2;
const DAYS_STAYED = 900;

/** Ids of who is in the directory on a day, in the order in which they joined. */
export function listMembers(seed: string, day: number): readonly number[] {
  const joined = MEMBERS_AT_OPENING + Math.max(0, day - OPENING_DAY);
  const ids = Array.from({ length: Math.min(joined, MOST_MEMBERS) }, (_, index) => index + 1);
  return ids.filter((id) => !hasLeft(seed, id, day));
}

function hasLeft(seed: string, id: number, day: number): boolean {
  const random = createRandom(`stay:${seed}:${id}`);
  const joined = OPENING_DAY + Math.max(0, id - MEMBERS_AT_OPENING);
  return random() < SHARE_THAT_LEAVES && day >= joined + 1 + drawInteger(random, DAYS_STAYED);
}

/** A member as they are on a day: people move between companies, and keep the rest. */
export function makeDirectoryUser(seed: string, id: number, day: number, words: Vocabulary): DirectoryUser {
  const random = createRandom(`member:${seed}:${id}`);
  const first = drawFrom(random, words.firstnames[random() < 0.5 ? 'male' : 'female']);
  const last = drawFrom(random, words.lastnames);
  const name = drawFullName(random, first, last);
  const email = drawMixedCase(random, drawEmail(random, first, last, drawFrom(random, COUNTRIES).code));
  const geo = drawCoordinates(random);
  const phone = drawPhone(random);
  return {
    id,
    name,
    username: `${first.slug}.${last.slug}${String(id)}`,
    email: random() < 0.02 ? null : email,
    address: {
      street: drawFrom(random, words.streets),
      suite: `${drawFrom(random, ['Apt.', 'Suite'])} ${drawPattern(random, '###')}`,
      city: drawFrom(random, words.cities),
      zipcode: drawPattern(random, '#####-####'),
      ...(random() < 0.03 ? {} : { geo }),
    },
    ...(random() < 0.04 ? {} : { phone }),
    website: `${last.slug || 'example'}.org`,
    company: drawCompany(seed, id, day, words),
  };
}

function drawFullName(random: Random, first: Name, last: Name): string {
  const chance = random();
  if (chance < 0.01) return first.text;
  if (chance < 0.06) return `${drawFrom(random, ['Mr.', 'Mrs.', 'Ms.', 'Dr.'])} ${first.text} ${last.text}`;
  return chance < 0.09 ? `${first.text} ${last.text} V` : `${first.text} ${last.text}`;
}

/** `Sincere@april.biz`: some write their address with capitals. */
function drawMixedCase(random: Random, email: string): string {
  return random() < 0.4 ? `${email.charAt(0).toUpperCase()}${email.slice(1)}` : email;
}

/** `1-770-736-8031 x56442`, `(254)954-1289`: no two write it alike. */
function drawPhone(random: Random): string {
  const form = drawFrom(random, [
    '1-!##-!##-#### x#####',
    '(!##)!##-####',
    '!##.!##.#### x###',
    '!##-!##-####',
  ]);
  return drawPattern(random, form);
}
