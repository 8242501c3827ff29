import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../canary/run-here.js';
import { makeCanaries } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { json, startStubApi, type StubApi } from '../support/stub-api.js';

let sandbox: Sandbox;
let api: StubApi;

beforeAll(async () => {
  sandbox = await makeSandbox();
  const people = makeCanaries(40);
  const byMail = Object.fromEntries(people.map((person) => [String(person['email']), person]));
  const nested = [
    { id: 1, friends: byMail },
    { id: 2, friends: byMail },
  ];
  api = await startStubApi(({ path }) => json({ '/people': people, '/keyed': byMail }[path] ?? nested));
});

afterAll(async () => {
  await api.close();
  await sandbox.remove();
});

describe('a sample full of canaries', () => {
  it.each(['people', 'keyed', 'nested'])('leaves none: %s', async (name) => {
    for (const more of [[], ['--json']]) {
      const verb = `${name}${more.length === 0 ? '' : '_json'}`;
      const told = await runHere(sandbox, ['new', verb, '--from', `${api.url}/${name}`, ...more]);
      expect(told).toMatchObject({ exit: 0 });
      const page = await readFile(join(sandbox.project, 'pipelines', `${verb}.yaml`), 'utf8');
      expect(await scanForCanaries([sandbox.root], { page, ...told })).toEqual([]);
    }
  });
});
