import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeReference } from '../../scripts/docs/reference.js';
import { VARIABLES } from '../../src/base/config/variables.js';
import { ROOT } from './pages.js';

describe('pages that are made from the code', () => {
  it('are as checked in (`npm run docs` writes them)', async () => {
    for (const { file, text } of await makeReference()) {
      await expect(text, file).toMatchFileSnapshot(join(ROOT, file));
    }
  });
});

describe('environment variables', () => {
  it('that the code reads are all in VARIABLES', () => {
    const read = ['src', 'commands'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
        .flatMap((text) => [...text.matchAll(/(?:variables\.(?:get|has)|addresses)\('([A-Z_]+)'\)/g)])
        .map(([, name = '']) => name),
    );
    expect(new Set(read).size).toBeGreaterThan(5);
    expect(read.filter((name) => !Object.hasOwn(VARIABLES, name))).toEqual([]);
  });

  it('are in .env.example, except those that every program has', () => {
    const example = readFileSync(join(ROOT, '.env.example'), 'utf8');
    const shared = ['HOME', 'NO_COLOR', 'TERM', 'PGPASSFILE'];
    const missing = Object.keys(VARIABLES).filter(
      (name) => !example.includes(name) && !shared.includes(name),
    );
    expect(missing).toEqual([]);
  });
});
