import { DAY_MS } from '../../src/base/dates/calendar.js';
import { COUNTRIES } from '../persons/countries.js';
import { drawEmail } from '../persons/people.js';
import type { Vocabulary } from '../persons/vocabulary.js';
import { createRandom, drawFrom, drawInteger, drawPattern, type Random } from '../server/random.js';

/** A user as the Fake Store API gives one: a degree is a text, and so is the password, in plain. */
export interface StoreUser {
  readonly address: {
    readonly geolocation: { readonly lat: string; readonly long: string };
    readonly city: string;
    readonly street: string;
    readonly number: number;
    readonly zipcode: string;
  };
  readonly id: number;
  readonly email: string;
  readonly username: string;
  readonly password: string;
  readonly name: { readonly firstname: string; readonly lastname: string };
  readonly phone: string;
  readonly __v: 0;
}

/** Two more people sign up each day after this one. */
const OPENING_DAY = Date.UTC(2024, 0, 1) / DAY_MS;
const USERS_AT_OPENING = 500;
const USERS_A_DAY = 2;
const MOST_USERS = 5_000;

/** How many users there are on a day; their ids count from 1 in the order in which they signed up. */
export function countUsers(day: number): number {
  const grown = USERS_AT_OPENING + USERS_A_DAY * (day - OPENING_DAY);
  return Math.min(Math.max(grown, USERS_AT_OPENING), MOST_USERS);
}

export function makeUser(seed: string, id: number, words: Vocabulary): StoreUser {
  const random = createRandom(`user:${seed}:${id}`);
  const firstname = drawFrom(random, words.firstnames[random() < 0.5 ? 'male' : 'female']);
  const lastname = drawFrom(random, words.lastnames);
  return {
    address: {
      geolocation: { lat: drawDegrees(random, 90), long: drawDegrees(random, 180) },
      city: drawFrom(random, words.cities).toLowerCase(),
      street: drawFrom(random, words.streets),
      number: 1 + drawInteger(random, 9_999),
      zipcode: drawPattern(random, '#####-####'),
    },
    id,
    email: drawEmail(random, firstname, lastname, drawFrom(random, COUNTRIES).code),
    username: `${firstname.slug}${lastname.slug.slice(0, 3)}${String(id)}`,
    password: drawPassword(random),
    name: { firstname: firstname.text.toLowerCase(), lastname: lastname.text.toLowerCase() },
    phone: drawPattern(random, '1-!##-!##-####'),
    __v: 0,
  };
}

/** Four decimals, as a text: `-37.3159`. */
function drawDegrees(random: Random, limit: number): string {
  return ((random() * 2 - 1) * limit).toFixed(4);
}

const PASSWORD_MARKS = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789$_!';

function drawPassword(random: Random): string {
  const length = 6 + drawInteger(random, 6);
  return Array.from({ length }, () => PASSWORD_MARKS.charAt(drawInteger(random, PASSWORD_MARKS.length))).join(
    '',
  );
}
