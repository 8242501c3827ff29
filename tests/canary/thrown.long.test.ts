import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../src/base/catalogue.js';
import { toLakeveilError } from '../../src/base/defect.js';
import type { Effects, FetchResponse } from '../../src/base/effects.js';
import { formatError, toErrorDocument } from '../../src/base/terminal/print-error.js';
import { run } from '../../src/pipeline.js';
import { createFetch, type HttpFetch } from '../../src/source/http.js';
import { makeCanaries, makeMovedCanary } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { failFirst, page, startStubApi, status, type StubApi } from '../support/stub-api.js';
import { readTree } from './lake-tree.js';
import { openHere, requestFor } from './open-here.js';
import { runHere } from './run-here.js';

const DATE = '2026-03-01';
const RECORDS = 20;

/** An error that tells a person in every way that an error can. */
class Hostile extends RangeError {
  override readonly name = 'Kanaryerror';
  readonly code = 'KANARYERROR';
  readonly data = makeCanaries(1);

  constructor() {
    super('Malformed: "xKanaryMail@kanaryhost.example"\n    at Kanaryfirst (src/kanaryerror.ts:1:1)', {
      cause: new Error('Kanärylast', { cause: makeCanaries(1) }),
    });
  }

  override toString(): string {
    return 'Kanaryerror';
  }

  toJSON(): unknown {
    return this.data;
  }
}

function throwHostile(): never {
  throw new Hostile();
}

let sandbox: Sandbox;
let api: StubApi;
let http: HttpFetch;
let before: Readonly<Record<string, string>>;

beforeAll(async () => {
  sandbox = await makeSandbox();
  http = createFetch({ connections: 4 });
  const right = page(makeCanaries(RECORDS));
  api = await startStubApi(({ path }) =>
    path.startsWith('/twice') ? failFirst(1, status(500), right) : right,
  );
  const project = await openHere(sandbox, {}, { RECORDS: String(RECORDS) });
  await run(project, requestFor({ date: DATE, source: api.url }));
  before = await readRaw();
});
afterAll(async () => {
  await http.close();
  await api.close();
  await sandbox.remove();
});

async function readRaw(): Promise<Readonly<Record<string, string>>> {
  return await readTree(join(sandbox.lake, 'raw'));
}

interface HostileCase {
  readonly moment: string;
  readonly effects: () => Partial<Effects>;
  readonly path?: string;
}

/** Effects that throw, each at its own moment; under `/twice…` a page has to be fetched twice. */
const HOSTILE: readonly HostileCase[] = [
  { moment: 'fetch, at once', effects: () => ({ fetch: throwHostile }) },
  { moment: 'fetch, later', effects: () => ({ fetch: () => wait(5).then(throwHostile) }) },
  {
    moment: 'fetch, with a value that is not an Error',
    effects: () => ({ fetch: () => Promise.reject(nothing()) }),
  },
  { moment: 'the stream of a body', effects: () => ({ fetch: withBody(breakAfterABit) }) },
  { moment: 'the first byte of a body', effects: () => ({ fetch: withBody(breakAtOnce) }) },
  {
    moment: 'giving a body up',
    effects: () => ({ fetch: withResponse((response) => ({ ...response, discard: throwHostile })) }),
  },
  { moment: 'the clock', effects: () => ({ now: onceIn(8, () => new Date()) }) },
  {
    moment: 'the wait before the next try',
    effects: () => ({ sleep: () => Promise.reject(new Hostile()) }),
    path: 'twice-sleep',
  },
  { moment: 'the randomness of that wait', effects: () => ({ random: throwHostile }), path: 'twice-random' },
  {
    moment: 'the log',
    effects: () => ({
      log: {
        info: throwHostile,
        warn: throwHostile,
        debug: throwHostile,
        reported: throwHostile,
        setRun: throwHostile,
      },
    }),
    path: 'twice-log',
  },
  { moment: 'progress, at the start', effects: () => ({ progress: progressThat({ start: throwHostile }) }) },
  { moment: 'progress, on the way', effects: () => ({ progress: progressThat({ advance: throwHostile }) }) },
  { moment: 'progress, at the end', effects: () => ({ progress: progressThat({ stop: throwHostile }) }) },
  { moment: 'the signal', effects: () => ({ signal: abortedBy(new Hostile()) }) },
];

describe.each(HOSTILE)('what is thrown by $moment', ({ effects, path = '' }) => {
  it('is told by its class or a code, and is in no output and no file', async () => {
    const base = { fetch: http, sleep: () => Promise.resolve() };
    const project = await openHere(
      sandbox,
      { ...base, ...effects() },
      { RECORDS: String(RECORDS), RETRIES: '2' },
    );
    const request = requestFor({ date: DATE, seed: 'other', source: `${api.url}/${path}` });
    const thrown = await run(project, request).then(
      () => null,
      (error: unknown) => error,
    );
    expect(thrown).not.toBeNull();
    const told = toLakeveilError(thrown);
    const outputs = {
      person: formatError(told, true),
      program: JSON.stringify(toErrorDocument(told)),
      properties: JSON.stringify([Object.entries(told), told.cause]),
    };
    expect(outputs.person).toContain(told.code);
    expect(await scanForCanaries([sandbox.root], outputs)).toEqual([]);
    expect(await readRaw()).toEqual(before);
    expect(await readTree(join(sandbox.lake, '_staging'))).toEqual({});
  });
});

function nothing(): Error {
  return Object.assign(Object.create(null) as Error, { message: 'Kanaryerror', code: 'Kanaryerror' });
}

function withResponse(change: (response: FetchResponse) => FetchResponse): Effects['fetch'] {
  return async (url, init) => change(await http(url, init));
}

function withBody(change: (body: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>): Effects['fetch'] {
  return withResponse((response) => ({ ...response, body: change(response.body) }));
}

async function* breakAfterABit(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    yield chunk.subarray(0, 100);
    throwHostile();
  }
}

function breakAtOnce(): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: throwHostile };
}

function onceIn<T>(count: number, right: () => T): () => T {
  let calls = 0;
  return () => (++calls % count === 0 ? throwHostile() : right());
}

function progressThat(part: Partial<Effects['progress']>): Effects['progress'] {
  const rest = (): void => undefined;
  return { start: rest, advance: rest, stop: rest, ...part };
}

function abortedBy(reason: unknown): AbortSignal {
  const controller = new AbortController();
  controller.abort(reason);
  return controller.signal;
}

describe('SQL of a project that fails on a cell and would quote it', () => {
  let quoting: Sandbox;
  let people: StubApi;
  const args = ['run', '--date', DATE, '--records', '5'];
  const SQL = 'cast(city as integer)';

  beforeAll(async () => {
    quoting = await makeSandbox();
    // A city is kept by right: it lies in the tables, and may still not stand in an error.
    people = await startStubApi(() =>
      page(Array.from({ length: 5 }, (_, n) => makeMovedCanary(n, { city: 'Kanarykey' }))),
    );
    expect((await runHere(quoting, [...args, '--source', people.url])).exit).toBe(0);
  });
  afterAll(async () => {
    await people.close();
    await quoting.remove();
  });

  const FILES = [
    [
      'model',
      'silver/odd.sql',
      `-- description: Odd.\n-- materialize: table\nselect ${SQL} as n from bronze.persons\n`,
    ],
    [
      'check',
      'checks/odd.sql',
      `-- description: Odd.\n-- severity: error\nselect city from silver.persons_anonymized where ${SQL} = 1\n`,
    ],
    [
      'report',
      'reports/odd.sql',
      `-- title: Odd\n-- people: n\nselect count(distinct person_token) as n, sum(${SQL}) as m from silver.persons_anonymized order by n\n`,
    ],
  ] as const;

  it.each(FILES)('%s', async (kind, file, sql) => {
    const path = join(quoting.project, 'sql', 'persons', file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, sql);
    try {
      const command = kind === 'report' ? ['report', 'odd'] : ['transform', '--all'];
      await expectQuiet(command, 'E_SQL_RUN');
      await expectQuiet([...command, '--json'], 'E_SQL_RUN');
    } finally {
      await rm(path);
    }
  });

  it('query', async () => {
    await expectQuiet(['query', `select ${SQL} as n from persons_anonymized`], 'E_QUERY');
    await expectQuiet(['query', `select ${SQL} as n from persons_anonymized`, '--json'], 'E_QUERY');
  });

  async function expectQuiet(command: readonly string[], code: 'E_SQL_RUN' | 'E_QUERY'): Promise<void> {
    const { exit, stdout, stderr } = await runHere(quoting, command, { LOG_LEVEL: 'debug' });
    expect(exit).toBe(CATALOGUE[code][0]);
    expect(stdout + stderr).toContain(code);
    expect(stdout + stderr).toContain('Conversion');
    const ledger = join(quoting.lake, '_runs');
    expect((await readdir(ledger)).length).toBeGreaterThan(0);
    expect(await scanForCanaries([ledger, join(quoting.root, 'tmp')], { stdout, stderr })).toEqual([]);
  }
});

describe('a process in which something is thrown that nobody catches', () => {
  /** As it was built for the sandbox. */
  const GUARD = new URL('../../dist/bundle/guard.js', import.meta.url).href;
  const ERROR = `Object.assign(new RangeError('Kanaryerror', { cause: new Error('Kanaryerror') }), { data: 'Kanaryerror' })`;

  it.each([
    ['sync', `throw ${ERROR};`],
    ['async', `await Promise.reject(${ERROR});`],
    [
      'worker',
      `const { Worker } = await import('node:worker_threads');
      new Worker(${JSON.stringify(`throw ${ERROR}`)}, { eval: true });`,
    ],
    [
      'stream',
      `const { Readable } = await import('node:stream');
      Readable.from((function* () { throw ${ERROR}; })()).resume();`,
    ],
    ['callback', `setImmediate(() => { throw ${ERROR}; });`],
    ['event', `process.emit('error', ${ERROR});`],
  ])('%s: says the class alone, exit 1', async (name, body) => {
    const path = join(sandbox.root, 'tmp', `${name}.mjs`);
    await writeFile(
      path,
      `import { guardProcess } from ${JSON.stringify(GUARD)};\nguardProcess();\n${body}\nsetTimeout(() => {}, 9000);\n`,
    );
    for (const form of [[], ['--json']]) {
      const env = { PATH: process.env['PATH'] };
      const end = spawnSync(process.execPath, [path, ...form], { encoding: 'utf8', env });
      expect(end.status).toBe(1);
      expect(end.stdout + end.stderr).toContain('unexpected RangeError');
      if (form.length > 0) await rm(path);
      expect(await scanForCanaries([], { stdout: end.stdout, stderr: end.stderr })).toEqual([]);
    }
  });
});
