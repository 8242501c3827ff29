import type { Vocabulary } from '../persons/vocabulary.js';
import { createRandom, drawFrom, drawInteger, type Random, spreadByWeight } from '../server/random.js';

/** Where a member works, as JSONPlaceholder tells it. */
export interface Company {
  readonly name: string;
  readonly catchPhrase: string;
  readonly bs: string;
}

/** How companies are called after surnames, and how often. */
const FORMS = spreadByWeight([
  ['# Inc', 18],
  ['# LLC', 18],
  ['# Group', 18],
  ['# and Sons', 14],
  ['#-#', 20],
  ['#, # and #', 12],
] as const);

const LOOKS = ['Multi-layered', 'Proactive', 'User-centric', 'Switchable', 'Configurable', 'Seamless'];
const KINDS = ['client-server', 'didactic', 'fault-tolerant', 'contextual', 'multimedia', 'zero-tolerance'];
const THINGS = ['neural-net', 'contingency', 'interface', 'productivity', 'task-force', 'model'];
const DEEDS = ['harness', 'synergize', 'generate', 'transition', 'revolutionize', 'target'];

const SHARE_WITHOUT = 0.05;
const SHORTEST_STAY = 200;
const STAYS = 1_000;

/** The company of a member on a day; null between two, and for those who have none. A stay lasts 200 to 1,199 days. */
export function drawCompany(seed: string, id: number, day: number, words: Vocabulary): Company | null {
  const random = createRandom(`stays:${seed}:${id}`);
  const length = SHORTEST_STAY + drawInteger(random, STAYS);
  const stay = Math.floor((day + drawInteger(random, length)) / length);
  const stayed = createRandom(`company:${seed}:${id}:${stay}`);
  return stayed() < SHARE_WITHOUT ? null : makeCompany(stayed, words);
}

function makeCompany(random: Random, words: Vocabulary): Company {
  const name = drawFrom(random, FORMS).replaceAll('#', () => drawFrom(random, words.lastnames).text);
  const thing = drawFrom(random, THINGS);
  return {
    name,
    catchPhrase: `${drawFrom(random, LOOKS)} ${drawFrom(random, KINDS)} ${thing}`,
    bs: `${drawFrom(random, DEEDS)} ${drawFrom(random, KINDS)} ${thing}s`,
  };
}
