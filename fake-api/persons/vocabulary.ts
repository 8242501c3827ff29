import type { Faker } from '@faker-js/faker';

/** A name, and what of it fits the local part of an email address (`[a-z0-9]`, '' if nothing does). */
export interface Name {
  readonly text: string;
  readonly slug: string;
}

/** What people of a locale are made from: lists drawn from faker once, since a call for each person is 40 times slower. */
export interface Vocabulary {
  readonly firstnames: Readonly<Record<'male' | 'female', readonly Name[]>>;
  readonly lastnames: readonly Name[];
  readonly cities: readonly string[];
  readonly streets: readonly string[];
}

type FakerModule = Promise<{ readonly faker: Faker }>;

const LOADERS = new Map<string, () => FakerModule>([
  ['cs_CZ', () => import('@faker-js/faker/locale/cs_CZ')],
  ['de_AT', () => import('@faker-js/faker/locale/de_AT')],
  ['de_CH', () => import('@faker-js/faker/locale/de_CH')],
  ['de_DE', () => import('@faker-js/faker/locale/de')],
  ['en_GB', () => import('@faker-js/faker/locale/en_GB')],
  ['en_US', () => import('@faker-js/faker/locale/en_US')],
  ['es_ES', () => import('@faker-js/faker/locale/es')],
  ['fr_FR', () => import('@faker-js/faker/locale/fr')],
  ['it_IT', () => import('@faker-js/faker/locale/it')],
  ['ja_JP', () => import('@faker-js/faker/locale/ja')],
  ['nl_NL', () => import('@faker-js/faker/locale/nl')],
  ['pl_PL', () => import('@faker-js/faker/locale/pl')],
  ['pt_BR', () => import('@faker-js/faker/locale/pt_BR')],
  ['ru_RU', () => import('@faker-js/faker/locale/ru')],
  ['sv_SE', () => import('@faker-js/faker/locale/sv')],
  ['tr_TR', () => import('@faker-js/faker/locale/tr')],
]);

export const DEFAULT_LOCALE = 'en_US';

/** The locale that answers: the one asked for, or en_US without a word, as the Faker API does. */
export function resolveLocale(asked: string | null): string {
  return asked !== null && LOADERS.has(asked) ? asked : DEFAULT_LOCALE;
}

const loaded = new Map<string, Promise<Vocabulary>>();

/** The vocabulary of a locale that `resolveLocale` gave, made once a process and the same in every process. */
export function loadVocabulary(locale: string): Promise<Vocabulary> {
  const vocabulary = loaded.get(locale) ?? makeVocabulary(locale);
  loaded.set(locale, vocabulary);
  return vocabulary;
}

const SEED = 20_250_101;

/** Places that faker makes up may hold digits or a slash; a kept city has the form of the contract. */
const PLACE = /^[\p{L}\p{M} .,&()'’-]{1,80}$/u;

async function makeVocabulary(locale: string): Promise<Vocabulary> {
  const load = LOADERS.get(locale);
  if (load === undefined) throw new RangeError('not a locale of the embedded server');
  const { faker } = await load();
  faker.seed(SEED);
  return {
    firstnames: {
      male: drawNames(() => faker.person.firstName('male'), 1_200),
      female: drawNames(() => faker.person.firstName('female'), 1_200),
    },
    lastnames: drawNames(() => faker.person.lastName(), 1_200),
    cities: drawDistinct(() => faker.location.city(), 1_000).filter((city) => PLACE.test(city)),
    streets: drawDistinct(() => faker.location.street(), 600),
  };
}

function drawNames(draw: () => string, tries: number): readonly Name[] {
  return drawDistinct(draw, tries).map((text) => ({ text, slug: slugify(text) }));
}

/** As many tries as said rather than as many results: some locales know twenty cities. */
function drawDistinct(draw: () => string, tries: number): readonly string[] {
  return [...new Set(Array.from({ length: tries }, draw))];
}

function slugify(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]/g, '');
}
