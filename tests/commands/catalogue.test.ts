import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { EXAMPLES } from '../../scripts/docs/errors.js';
import { CATALOGUE } from '../../src/base/catalogue.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

it('every code without a text of its own has examples', () => {
  const bare = Object.entries(CATALOGUE).filter(([, [, message]]) => /^(?:\{[a-z_]+\} ?)+$/.test(message));
  expect(Object.keys(EXAMPLES).sort()).toEqual(bare.map(([code]) => code).sort());
});

it('every code is used: the page documents no dead one', () => {
  const sources = ['src', 'commands', 'fake-api'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'catalogue.ts')
      .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
  );
  const text = sources.join('\n');
  expect(Object.keys(CATALOGUE).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
});
