import { COUNTRIES } from '../persons/countries.js';
import { drawEmail } from '../persons/people.js';
import type { Vocabulary } from '../persons/vocabulary.js';
import { createRandom, drawFrom, drawInteger, type Random, spreadByWeight } from '../server/random.js';

/** Somebody who books, the same at every booking. */
export interface Passenger {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly gender: Gender;
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
}

const GENDERS = spreadByWeight([
  ['Female', 49],
  ['Male', 48],
  ['Non-binary', 3],
] as const);
type Gender = (typeof GENDERS)[number];

const PASSENGERS = 20_000;

/** The number of one of the passengers; low ones book far more often, as frequent flyers do. */
export function drawPassengerNumber(random: Random): number {
  return drawInteger(random, Math.ceil(PASSENGERS * random()));
}

/** The passenger of a number, made from the server's seed. */
export function makePassenger(seed: string, number: number, words: Vocabulary): Passenger {
  const random = createRandom(`passenger:${seed}:${number}`);
  const gender = drawFrom(random, GENDERS);
  const firstname = drawFrom(random, words.firstnames[drawNameList(random, gender)]);
  const lastname = drawFrom(random, words.lastnames);
  const { code } = drawFrom(random, COUNTRIES);
  return {
    id: `P${String(100_000 + number)}`,
    name: `${firstname.text} ${lastname.text}`,
    email: drawEmail(random, firstname, lastname, code),
    gender,
    countryCode: code,
  };
}

function drawNameList(random: Random, gender: Gender): 'male' | 'female' {
  if (gender === 'Non-binary') return random() < 0.5 ? 'male' : 'female';
  return gender === 'Male' ? 'male' : 'female';
}
