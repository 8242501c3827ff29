import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { DatasetDefinition, Definition, Leaf } from '../../src/base/types/definition.js';
import { NEEDLES } from './canary-people.js';
import { rewriteRecords, type SentRecord } from './page-records.js';

/** Plants canaries in the answers of a pipeline's source, wherever its definition says that nothing may show. */
export interface Planter {
  /** The body as a source would send it that knows canaries only; as it was at an address of another's. */
  readonly plant: (address: URL, body: string, tampering?: Tampering) => string;
  /** Leaves that may not show and have been met, but in which no canary ever found room. */
  readonly listBare: () => string[];
  readonly countPlanted: () => number;
}

/** What is done to records besides. */
export interface Tampering {
  /** Adds a field that no contract declares. */
  readonly drift: boolean;
  /** Leaves out every second record of a body that is nothing but records. */
  readonly halve: boolean;
}

export const UNTAMPERED: Tampering = { drift: false, halve: false };

/** Its name is met so often that it is told; its value never is. */
const NEW_FIELD = { nickname: 'kanaryssn' };
/** Treatments that show a value as it is. */
const OPEN = new Set(['keep', 'first_present']);

const ajv = new Ajv2020({ strict: false, allErrors: false });
addFormats.default(ajv);

/** The pages of a dataset, and of those that are made of the same ones. */
interface Pages {
  readonly request: DatasetDefinition['request'];
  readonly hidden: readonly HiddenLeaf[];
}

interface HiddenLeaf {
  readonly leaf: Leaf;
  readonly needle: string;
  readonly fits: ValidateFunction;
}

export function createPlanter({ datasets }: Pick<Definition, 'datasets'>): Planter {
  const pages = [...datasets.values()]
    .filter(({ of }) => of === null)
    .map((own) => describePages(own, datasets));
  const met = new Set<string>();
  const planted = new Map<string, number>();
  const plantIn = ({ leaf, needle, fits }: HiddenLeaf, value: unknown): unknown => {
    if (value === null || value === '') return value;
    met.add(leaf.path);
    const spelled = spellCanary(value, needle).find((one) => fits(one));
    if (spelled === undefined) return value;
    planted.set(leaf.path, (planted.get(leaf.path) ?? 0) + 1);
    return spelled;
  };
  return {
    plant: (address, body, { drift, halve } = UNTAMPERED) => {
      const own = findPages(pages, address);
      if (own === undefined) return body;
      return rewriteRecords(own.request, body, (records) => {
        const kept = halve && own.request.records === '' ? records.filter((_, n) => n % 2 === 0) : records;
        for (const record of kept) {
          for (const hidden of own.hidden)
            change(record, hidden.leaf.segments, (value) => plantIn(hidden, value));
        }
        return drift ? kept.map((record) => ({ ...record, ...NEW_FIELD })) : kept;
      });
    },
    listBare: () => [...met].filter((path) => !planted.has(path)).sort(),
    countPlanted: () => [...planted.values()].reduce((sum, count) => sum + count, 0),
  };
}

/** Of several that an address may be of, as of two APIs that share a path, the one that asks for most of what it says. */
function findPages(pages: readonly Pages[], address: URL): Pages | undefined {
  const namesOf = ({ query, pagination, paramsIn }: Pages['request']): string[] => {
    const isPaged = pagination.type === 'page' && paramsIn === 'query';
    return [...query.keys(), ...(isPaged ? [pagination.pageParam] : [])];
  };
  return pages
    .filter(({ request }) => isAt(request.path, address))
    .filter(({ request }) => namesOf(request).every((name) => address.searchParams.has(name)))
    .toSorted((a, b) => namesOf(b.request).length - namesOf(a.request).length)[0];
}

/** A source's address may have a path of its own in front; `{date}` and the like stand for anything. */
function isAt(template: string, { pathname }: URL): boolean {
  const wanted = template.split('/').filter((part) => part !== '');
  const asked = pathname.split('/').filter((part) => part !== '');
  const last = asked.slice(-wanted.length);
  return last.length === wanted.length && wanted.every((part, n) => part.includes('{') || part === last[n]);
}

function describePages(own: DatasetDefinition, datasets: Definition['datasets']): Pages {
  const all = [own, ...[...datasets.values()].filter(({ of }) => of === own.name)];
  const shown = new Set(
    all.flatMap(({ landing }) =>
      landing.flatMap(({ treatment, from }) => (OPEN.has(treatment) ? from.map(({ path }) => path) : [])),
    ),
  );
  const leaves = new Map(all.flatMap(({ contract }) => [...contract.leaves]));
  const hidden = [...leaves.values()].filter(({ path, bound }) => !shown.has(path) && bound?.kind !== 'enum');
  return {
    request: own.request,
    hidden: hidden.map((leaf) => ({
      leaf,
      needle: chooseNeedle(leaf),
      fits: ajv.compile(leaf.schema),
    })),
  };
}

/** By the leaf's name where it has one of its own, so that what is found says where it comes from. */
function chooseNeedle({ segments }: Leaf): string {
  const name = segments.at(-1)?.toLowerCase();
  const own = [...NEEDLES].find(([leaf, needle]) => leaf.toLowerCase() === name && /^\p{L}+$/u.test(needle));
  return own?.[1] ?? 'kanarytext';
}

/** Own properties only, through every element of an array on the way. */
function change(holder: unknown, segments: readonly string[], by: (value: unknown) => unknown): void {
  const [segment, ...rest] = segments;
  if (typeof holder !== 'object' || holder === null || segment === undefined) return;
  if (Array.isArray(holder)) {
    for (const element of holder) change(element, segments, by);
    return;
  }
  const record = holder as SentRecord;
  if (!Object.hasOwn(record, segment)) return;
  if (rest.length === 0) record[segment] = by(record[segment]);
  else change(record[segment], rest, by);
}

/**
 * Ways to hide a needle in a value; equal values stay equal, and different identifiers different. The first that the
 * contract takes is sent.
 */
function spellCanary(value: unknown, needle: string): (string | number)[] {
  if (typeof value === 'number') {
    // The last seven digits tell identifiers apart, and all fifteen are exact.
    return Number.isInteger(value)
      ? [Number(`81375926${String(value).slice(-7)}`)]
      : [Number(spellFraction(String(value)))];
  }
  if (typeof value !== 'string') return [];
  const [local = '', domain, ...more] = value.split('@');
  const ways: string[] = [];
  // Some addresses are of a provider that is on no list.
  if (domain !== undefined && more.length === 0)
    ways.push(`${insert(local, needle)}@${local.length % 3 === 0 ? 'kanaryhost.example' : domain}`);
  if (/^-?\d+\.\d+$/.test(value)) ways.push(spellFraction(value));
  if (/\d/.test(value) && !/\p{L}/u.test(value)) ways.push(insert(value, '5550147319'));
  ways.push(
    value.replace(/[^\s\u00a0]+/g, (word) => insert(word, needle)),
    insert(value, needle),
    insert(value, 'KNRY7714'),
    value.replace(/[0-9a-f]{10}$/i, '5550147319'),
  );
  return ways;
}

/** Behind the third character, since a treatment may keep an end. */
function insert(text: string, needle: string): string {
  const characters = Array.from(text);
  return [...characters.slice(0, 3), needle, ...characters.slice(3)].join('');
}

function spellFraction(number: string): string {
  return `${number.split('.')[0] ?? ''}.1372915754`;
}
