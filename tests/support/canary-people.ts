/**
 * People whose every hidden value holds a needle: something that no other text has. The needle lies in the middle of
 * a value, so that a mask which keeps an end too many is caught as well.
 */

/** By leaf, spelled as it is planted. What is kept by right (gender, city, country, birthday, two digits of zip) has none. */
export const PERSON_NEEDLES: ReadonlyMap<string, string> = new Map([
  ['firstname', 'Kanaryfirst'],
  ['lastname', 'Kanärylast'],
  ['email', 'KanaryMail'],
  ['email domain', 'kanaryhost'],
  ['phone', '5550147319'],
  ['street', 'kanarystreet'],
  ['streetName', 'kanaryroad'],
  ['buildingNumber', 'KNRY7714'],
  ['zipcode', 'Q-77315'],
  ['latitude', '8.1372915'],
  ['longitude', '1.5754218'],
  ['website', 'kanaryweb'],
  ['image', 'kanaryimage'],
]);

/** Those, and what is planted besides: in leaves that a person has not, around a record, in the key. */
export const NEEDLES: ReadonlyMap<string, string> = new Map([
  ...PERSON_NEEDLES,
  ['username', 'kanaryuser'],
  ['password', 'kanarypass'],
  ['text', 'kanarytext'],
  ['number', '81375926'],
  ['fraction', '.1372915754'],
  ['undeclared field', 'kanaryssn'],
  ['name of an undeclared field', 'kanarykey'],
  ['thrown error', 'kanaryerror'],
  ['key', 'Y2FuYXJ5S2V5'],
]);

/** The token key of the tests: the needle of `key`, and 32 bytes in all. */
export const CANARY_KEY = 'Y2FuYXJ5S2V5MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG0=';

export interface CanaryPerson extends Record<string, unknown> {
  readonly address: Readonly<Record<string, unknown>>;
}

const PLACES = [
  ['Berlin', 'Germany', 'DE'],
  ['Saint Mary-on-Sea', 'Slovakia (Slovak Republic)', 'SK'],
  ['Ōsaka', 'Japan', 'JP'],
] as const;
const PROVIDERS = ['gmail.com', 'kanaryhost.example', 'yahoo.com'] as const;

/** The n-th person, as the Faker API of today would send it; people differ in every direct leaf. */
export function makeCanary(n: number, changes: Readonly<Record<string, unknown>> = {}): CanaryPerson {
  const [city, country, countryCode] = PLACES[n % 3] ?? PLACES[0];
  const provider = PROVIDERS[n % 3] ?? PROVIDERS[0];
  return {
    id: n + 1,
    firstname: `Xq${n}Kanaryfirst${n}qX`,
    lastname: `Xq${n}Kanärylast${n}qX`,
    email: `xq${n}.KanaryMail.${n}xq@${provider}`,
    phone: `+495550147319${String(n).padStart(4, '0')}`,
    birthday: `19${String(30 + (n % 70)).padStart(2, '0')}-0${1 + (n % 9)}-1${n % 10}`,
    gender: ['male', 'female', 'other'][n % 3],
    address: {
      id: n,
      street: `${n} Xkanarystreet ${n} Lane`,
      streetName: `Xkanaryroad ${n} Lane`,
      buildingNumber: `B-KNRY7714-${n}`,
      city,
      zipcode: `41Q-77315-${n}`,
      country,
      country_code: countryCode,
      latitude: 48.1372915,
      longitude: -11.5754218,
    },
    website: `https://www.kanaryweb${n}.example/kanaryweb?n=${n}`,
    image: `http://placeimg.example/kanaryimage/${n}.png`,
    ...changes,
  };
}

/** The n-th person with other values in the address. */
export function makeMovedCanary(n: number, address: Readonly<Record<string, unknown>>): CanaryPerson {
  const person = makeCanary(n);
  return { ...person, address: { ...person.address, ...address } };
}

export function makeCanaries(count: number, from = 0): CanaryPerson[] {
  return Array.from({ length: count }, (_, i) => makeCanary(from + i));
}
