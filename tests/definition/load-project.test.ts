import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LakeveilError } from '../../src/base/errors.js';
import { DocumentCache } from '../../src/base/files/document-cache.js';
import {
  findEntry,
  loadEntries,
  loadPipeline,
  loadProject,
  readDefinitions,
} from '../../src/definition/load-project.js';
import { change, PAGE_TEXT, SPECS } from './page.js';

let projectDir = '';

beforeEach(async () => {
  projectDir = await mkdtemp(join(tmpdir(), 'lakeveil-pages-'));
});

afterEach(async () => {
  await rm(projectDir, { recursive: true });
});

async function write(pages: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(projectDir, 'pipelines'));
  for (const [name, text] of Object.entries(pages))
    await writeFile(join(projectDir, 'pipelines', name), text);
}

function input() {
  return { projectDir, variables: new Map<string, string>(), places: 'the environment', treatments: SPECS };
}

/** A second page, with another dataset. */
const OTHER = PAGE_TEXT.replaceAll('people:', 'others:').replace('pipeline: people', 'pipeline: others');

describe('a project', () => {
  it('reports the problems of all its definitions at once', async () => {
    const broken = OTHER.replace('timeout: 45s', 'timeout: never');
    await write({ 'people.yaml': change('drop: [note]', 'drop: [note, no]'), 'others.yaml': broken });
    const error = await loadProject(input()).catch((thrown: unknown) => thrown);
    const problems = error instanceof LakeveilError ? error.problems : [];
    expect(problems.map(({ where }) => [where.file, where.field])).toEqual([
      ['pipelines/others.yaml', 'source.timeout'],
      ['pipelines/people.yaml', 'datasets.people.drop.1'],
    ]);
  });

  it('gives its definitions by pipeline, in the order of their names', async () => {
    await write({ 'people.yaml': PAGE_TEXT, 'others.yaml': OTHER, 'README.md': 'not a page' });
    const definitions = await loadProject(input());
    expect([...definitions].map(([name, { file }]) => [name, file])).toEqual([
      ['others', 'pipelines/others.yaml'],
      ['people', 'pipelines/people.yaml'],
    ]);
  });

  it('loads one page though another one lacks a variable', async () => {
    await write({ 'people.yaml': PAGE_TEXT, 'others.yaml': OTHER.replace(':-none', '') });
    expect((await loadPipeline(input(), 'people')).pipeline).toBe('people');
    await expect(loadPipeline(input(), 'others')).rejects.toMatchObject({
      code: 'E_ENV_MISSING',
      where: { file: 'pipelines/others.yaml', line: 10 },
    });
  });

  it('names what there is when a pipeline is not known', async () => {
    await write({ 'people.yaml': PAGE_TEXT, 'others.yaml': OTHER });
    const unknown = { code: 'E_UNKNOWN', exit: 2, remedy: 'available: others, people' };
    await expect(loadPipeline(input(), 'persons')).rejects.toMatchObject(unknown);
  });

  it('loads the pipelines that are asked for, whatever is wrong with the others', async () => {
    await write({ 'people.yaml': PAGE_TEXT, 'others.yaml': OTHER.replace('timeout: 45s', 'timeout: never') });
    expect([...(await loadProject(input(), new Set(['people']))).keys()]).toEqual(['people']);
  });

  it.each([
    ['a block', 'datasets:\n  people:\n    a: 1\n  # no: 1\n  cards:\n    b: |\n      no:\nlast: 1\n'],
    ['keys with comments', 'datasets: # all\n    people: # one\n        a: 1\n\n    cards:\n        b: 1\n'],
    ['lines of another system', 'datasets:\r\n  people:\r\n    a: 1\r\n  cards:\r\n    b: 1\r\n'],
    ['a flow map', 'datasets: { people: { a: 1 }, cards: { b: 1 } }\n'],
    ['a quoted key', '"datasets":\n  people:\n    a: 1\n  cards:\n    b: 1\n'],
    ['quoted names', "datasets:\n  'people':\n    a: 1\n  cards:\n    b: 1\n"],
    ['values beside the names', 'datasets:\n  people: { a: 1 }\n  cards:\n    b: 1\n'],
    ['an alias', 'x: &all\n  people: 1\n  cards: 2\ndatasets: *all\n'],
    [
      'a text that looks like one',
      'a: |\n  datasets:\n    no: 1\ndatasets:\n  people:\n    a: "\n     no:"\n  cards:\n    b: 1\n',
    ],
    ['a mark at the head', '\ufeffdatasets:\n  people:\n    a: 1\n  cards:\n    b: 1\n'],
    ['a mark between documents', '---\ndatasets:\n  people:\n    a: 1\n  cards:\n    b: 1\n'],
  ])('knows the names of datasets without loading their definition: %s', async (_, text) => {
    await write({ 'people.yaml': text });
    const [entry] = await readDefinitions(projectDir);
    expect(entry?.datasets).toEqual(['people', 'cards']);
  });

  it('is the same from data that is known, with the same places of problems', async () => {
    await write({
      'people.yaml': PAGE_TEXT,
      'others.yaml': OTHER.replace('drop: [note]', 'drop: [note, no]'),
    });
    const path = join(projectDir, 'definitions.jsonl');
    const later = () => Date.now() + 60_000;
    const load = async () => {
      const cache = DocumentCache.open<unknown>(path, '1', later);
      const entries = await readDefinitions(projectDir, cache);
      const people = await loadEntries(input(), [findEntry(entries, 'people')]);
      const error: unknown = await loadEntries(input(), entries).catch((thrown: unknown) => thrown);
      await cache.save(entries.map(({ file }) => file));
      return { people, problems: error instanceof LakeveilError ? error.problems : [] };
    };
    const [parsed, known] = [await load(), await load()];
    expect(known).toEqual(parsed);
    expect(known.problems.map(({ where }) => where.field)).toEqual(['datasets.others.drop.1']);
    // The data of the cache is what is used, as long as the file is the same.
    await writeFile(path, '');
    const cache = DocumentCache.open<unknown>(path, '1', later);
    const file = join(projectDir, 'pipelines', 'people.yaml');
    cache.add('pipelines/people.yaml', cache.look(file), { pipeline: 'people', datasets: 'known' });
    const entry = async () => findEntry(await readDefinitions(projectDir, cache), 'people').parse().data;
    expect(await entry()).toMatchObject({ datasets: 'known' });
    await writeFile(file, `${PAGE_TEXT}\n`);
    expect(await entry()).not.toMatchObject({ datasets: 'known' });
  });

  it('may have no page', async () => {
    expect(await readDefinitions(projectDir)).toEqual([]);
    await expect(loadPipeline(input(), 'x')).rejects.toMatchObject({
      remedy: 'available: none (pipelines/ has no definitions)',
    });
  });

  it('refuses a dataset that is met in two pages and names both', async () => {
    await write({ 'people.yaml': PAGE_TEXT, 'others.yaml': change('pipeline: people', 'pipeline: others') });
    await expect(loadPipeline(input(), 'others')).rejects.toMatchObject({
      code: 'E_DEFINITION',
      message: 'dataset people is defined twice: in pipelines/others.yaml and in pipelines/people.yaml',
      where: { file: 'pipelines/people.yaml', line: 12, column: 3 },
    });
  });

  it.each([
    ['another name than its page', 'persons.yaml', 'E_DEFINITION', /write `pipeline: persons`/],
    ['a name that is none', 'Bad-Name.yaml', 'E_NAME', /lowercase/],
    ['another ending', 'people.yml', 'E_DEFINITION', /rename the file/],
  ])('refuses a file with %s', async (_, name, code, remedy) => {
    await write({ [name]: PAGE_TEXT });
    const error = await loadProject(input()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, exit: 2, where: { file: `pipelines/${name}` } });
    expect(error instanceof LakeveilError ? error.remedy : '').toMatch(remedy);
  });

  it('says that it cannot read a page', async () => {
    await write({});
    await mkdir(join(projectDir, 'pipelines', 'people.yaml'));
    await expect(readDefinitions(projectDir)).rejects.toMatchObject({
      code: 'E_DISK_READ',
      message: 'cannot read pipelines/people.yaml (a folder)',
    });
  });
});
