import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';

/** What can happen to a JSON file of a lake. New shapes are added by a line. */
export interface Damage {
  readonly name: string;
  /** Makes the damaged file at `path`, where there is none. */
  readonly make: (path: string) => void;
}

type Random = () => number;

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const DEEP = 100_000;
const WRONG: readonly unknown[] = [
  ...[null, true, -1, 0, 1e308, 9007199254740992, 1.5, '', 'x', '../../../etc/passwd', "'; drop table x; --"],
  ...['2026-02-30', '9999-12-31', 'a'.repeat(5000), [], {}, [[]], [null], { format: 1 }],
];

const TEXTS: readonly (readonly [name: string, change: (text: string) => string])[] = [
  ['empty', () => ''],
  ['a blank', () => ' '],
  ['not JSON', () => 'PAR1'],
  ['null', () => 'null'],
  ['a list', () => '[]'],
  ['an object', () => '{}'],
  ['nested lists', () => '['.repeat(DEEP) + ']'.repeat(DEEP)],
  ['nested objects', () => '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP)],
  ['a byte order mark', (text) => `\uFEFF${text}`],
  ['a null byte at its end', (text) => `${text}\0`],
  ['itself twice', (text) => text + text],
  ['an unknown key', (text) => text.replace('{', '{"unknown":1,')],
  ['a prototype', (text) => text.replace('{', '{"__proto__":{"format":1},"constructor":1,')],
  ['a second format', (text) => text.replace('{', '{"format":2,')],
  ['a format of the future', (text) => text.replace(/"format": ?1/, '"format":99')],
  ['a format that is a text', (text) => text.replace(/"format": ?1/, '"format":"1"')],
  ['numbers too large', (text) => text.replace(/: ?(\d{2,})([,}\s])/g, ': 1e999$2')],
  ['other digits', (text) => text.replace(/[0-8]/g, (digit) => String(Number(digit) + 1))],
];

const FILES: readonly Damage[] = [
  { name: 'a named pipe', make: (path) => execFileSync('mkfifo', [path]) },
  {
    name: 'a folder',
    make: (path) => {
      mkdirSync(path);
    },
  },
  {
    name: 'a link',
    make: (path) => {
      symlinkSync('/etc/hostname', path);
    },
  },
  {
    name: 'a file of 3 GB',
    make: (path) => {
      writeFileSync(path, '{');
      truncateSync(path, 3 * 1024 ** 3);
    },
  },
];

/** Every damage of a file with this content: all of the lists above, and `count` each of cuts, bytes and values. */
export function listDamages(content: Buffer, count: number, random: Random): Damage[] {
  const text = content.toString('utf8');
  return [
    ...FILES,
    ...TEXTS.map(([name, change]) => writes(name, change(text))),
    ...Array.from({ length: count }, () => cut(content, random)),
    ...Array.from({ length: count }, () => flip(content, random)),
    ...Array.from({ length: count * 2 }, () => replaceValue(text, random)),
  ];
}

function writes(name: string, content: string | Buffer): Damage {
  return {
    name,
    make: (path) => {
      writeFileSync(path, content);
    },
  };
}

function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function cut(content: Buffer, random: Random): Damage {
  const length = Math.floor(random() * content.length);
  return writes(`cut after ${length} bytes`, content.subarray(0, length));
}

function flip(content: Buffer, random: Random): Damage {
  const damaged = Buffer.from(content);
  const [at, bit] = [Math.floor(random() * content.length), Math.floor(random() * 8)];
  damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
  return writes(`bit ${bit} of byte ${at} flipped`, damaged);
}

/** Another value in place of one, or none. */
function replaceValue(text: string, random: Random): Damage {
  const places: (readonly [holder: object, key: string, path: string])[] = [];
  const json: unknown = JSON.parse(text);
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      places.push([value, key, `${path}/${key}`]);
      walk(child, `${path}/${key}`);
    }
  };
  walk(json, '');
  const [holder = {}, key = '', path = ''] = pick(places, random) ?? [];
  if (random() < 0.2) {
    Reflect.deleteProperty(holder, key);
    return writes(`${path} absent`, JSON.stringify(json));
  }
  const value = pick(WRONG, random);
  Reflect.set(holder, key, value);
  return writes(`${path} = ${JSON.stringify(value).slice(0, 30)}`, JSON.stringify(json));
}
