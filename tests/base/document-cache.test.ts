import {
  appendFile,
  link,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DocumentCache } from '../../src/base/files/document-cache.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lakeveil-cache-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const LATER = () => Date.now() + 60_000;
const at = (name: string) => join(dir, name);
const open = (version = '1', nowMs = LATER) => DocumentCache.open<string>(at('cache.jsonl'), version, nowMs);

async function keep(name: string, text: string): Promise<void> {
  await writeFile(at(name), text);
  const cache = open();
  cache.add(name, cache.look(at(name)), `parsed ${text}`);
  await cache.save([name]);
}

describe('a document cache', () => {
  it('has what an unchanged file held, and nothing else', async () => {
    await keep('a', 'one');
    expect(open().find('a', at('a'))).toBe('parsed one');
    expect(open().find('b', at('b'))).toBeUndefined();
  });

  it.each([
    ['another text', () => writeFile(at('a'), 'longer')],
    ['another text of the same size and time', () => rewrite('two')],
    ['another file', () => writeFile(at('x'), 'one').then(() => rename(at('x'), at('a')))],
    ['a link', () => rename(at('a'), at('x')).then(() => symlink(at('x'), at('a')))],
    ['no file', () => rm(at('a'))],
    ['another name besides, which may have been written to', () => link(at('a'), at('x'))],
  ])('does not know a file that became %s', async (_, change) => {
    await keep('a', 'one');
    await change();
    expect(open().find('a', at('a'))).toBeUndefined();
  });

  it.each([
    ['a torn last line', (text: string) => text.slice(0, -20)],
    ['a changed value', (text: string) => text.replace('parsed one', 'parsed two')],
    ['no line at all', () => '\0\n{'],
  ])('with %s parses the file again, and can be added to', async (_, damage) => {
    await keep('a', 'one');
    await writeFile(at('cache.jsonl'), damage(await readFile(at('cache.jsonl'), 'utf8')));
    expect(open().find('a', at('a'))).toBeUndefined();
    await keep('a', 'one');
    expect(open().find('a', at('a'))).toBe('parsed one');
  });

  it('of another version is none', async () => {
    await keep('a', 'one');
    expect(open('2').find('a', at('a'))).toBeUndefined();
  });

  it('goes on after a line that a killed process did not end', async () => {
    await keep('a', 'one');
    await appendFile(at('cache.jsonl'), '0123 ["b"');
    await keep('b', 'two');
    expect(open().find('a', at('a'))).toBe('parsed one');
    expect(open().find('b', at('b'))).toBe('parsed two');
  });

  it('does not keep a file that was written just now', async () => {
    await writeFile(at('a'), 'one');
    const cache = open('1', Date.now);
    cache.add('a', cache.look(at('a')), 'parsed one');
    expect(cache.find('a', at('a'))).toBeUndefined();
  });

  it('does not grow with files that come and go', async () => {
    for (let round = 0; round < 60; round += 1) await keep('a', `text ${round}`);
    expect((await readFile(at('cache.jsonl'), 'utf8')).split('\n').length).toBeLessThan(45);
    expect(open().find('a', at('a'))).toBe('parsed text 59');
  });

  it('that cannot be written stops no command', async () => {
    await writeFile(at('a'), 'one');
    const cache = DocumentCache.open<string>(at('a/cache.jsonl'), '1', LATER);
    cache.add('a', cache.look(at('a')), 'parsed one');
    await expect(cache.save(['a'])).resolves.toBeUndefined();
  });
});

async function rewrite(text: string): Promise<void> {
  const old = new Date('2026-01-01T00:00:00Z');
  await utimes(at('a'), old, old);
  await keep('a', 'one');
  await utimes(at('a'), old, old);
  await writeFile(at('a'), text);
  await utimes(at('a'), old, old);
}
