import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCanaries } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import { type CliEnd, makeSandbox, type Sandbox } from '../support/cli.js';
import { type Answer, page, startStubApi, type StubApi, type StubRequest } from '../support/stub-api.js';
import { readTree } from './lake-tree.js';
import { runHere } from './run-here.js';

/** A lake in which a date has landed, and a source of canaries that answers in any wrong way. */

export const DATE = '2026-03-01';
export const RECORDS = 30;
const TIMEOUT_MS = 1500;

/** What a source that is well would send. */
export const PEOPLE = { status: 'OK', code: 200, total: RECORDS, data: makeCanaries(RECORDS) };

export interface Fault {
  readonly answer: () => Answer;
  readonly code: string;
}

type Ends = Readonly<Record<string, Pick<CliEnd, 'stdout' | 'stderr'>>>;

export interface FaultyScene {
  sandbox: Sandbox;
  api: StubApi;
  /** Another origin, which nobody may ask for anything. */
  elsewhere: StubApi;
  /** A run of the date against what the source says under `path`. */
  readonly argsFor: (path: string, ...more: string[]) => string[];
  /** That nothing has changed but the ledger, and that nothing personal is in what was written or printed. */
  readonly expectUntouched: (ends: Ends) => Promise<void>;
}

/** For all tests of a file. @param answer says how the source answers, by the name under which it is asked */
export function useFaultySource(answer: (name: string, request: StubRequest) => Answer): FaultyScene {
  let before: Readonly<Record<string, string>>;
  const scene = { argsFor, expectUntouched } as FaultyScene;

  beforeAll(async () => {
    scene.sandbox = await makeSandbox((yaml) => yaml.replace('timeout: 30s', `timeout: ${TIMEOUT_MS}ms`));
    scene.elsewhere = await startStubApi(() => page(makeCanaries(RECORDS)));
    scene.api = await startStubApi((request) => {
      const name = decodeURIComponent(request.path.split('/')[1] ?? '');
      return name === 'right' ? page(PEOPLE.data, request.query.get('_seed')) : answer(name, request);
    });
    const landed = await runHere(scene.sandbox, argsFor('right', '--seed', 'old'));
    expect(landed.stderr).not.toContain('E_');
    expect(landed.exit).toBe(0);
    before = await readState();
    expect(await scanForCanaries([scene.sandbox.root], { ...landed })).toEqual([]);
  });
  afterAll(async () => {
    await scene.api.close();
    await scene.elsewhere.close();
    await scene.sandbox.remove();
  });

  function argsFor(path: string, ...more: string[]): string[] {
    const source = `${scene.api.url}/${encodeURIComponent(path)}`;
    return ['run', '--date', DATE, '--records', String(RECORDS), '--source', source, ...more];
  }

  /** All but the ledger, in which a failed run has its entry. */
  async function readState(): Promise<Readonly<Record<string, string>>> {
    const all = await readTree(scene.sandbox.project);
    return Object.fromEntries(
      Object.entries(all).filter(([path]) => !/^(?:data_lake\/_runs|logs)\//.test(path)),
    );
  }

  /** What is as it was has been scanned already; the ledger, the user's folders and the outputs are new. */
  async function expectUntouched(ends: Ends): Promise<void> {
    expect(await readState()).toEqual(before);
    expect(scene.elsewhere.requests).toEqual([]);
    const folders = ['project/data_lake/_runs', 'tmp', 'config', 'home'].map((name) =>
      join(scene.sandbox.root, name),
    );
    const outputs: Record<string, string> = {};
    for (const [name, { stdout, stderr }] of Object.entries(ends)) outputs[name] = `${stdout}\n${stderr}`;
    expect(await scanForCanaries(folders, outputs)).toEqual([]);
    expect(await readTree(join(scene.sandbox.root, 'tmp'))).toEqual({});
  }

  return scene;
}

/** Makes each answer once, since some take a while to make. */
export function answerFrom(faults: Readonly<Record<string, Fault>>): (name: string) => Answer {
  const made = new Map<string, Answer>();
  return (name) => {
    const fault = faults[name];
    if (fault === undefined) throw new Error(`no fault is called ${name}`);
    const answer = made.get(name) ?? fault.answer();
    made.set(name, answer);
    return answer;
  };
}

/** @param alone faults that are tried in a process of their own */
export function tryFaults(
  scene: FaultyScene,
  faults: Readonly<Record<string, Fault>>,
  alone: ReadonlySet<string> = new Set(),
): void {
  describe.each(Object.entries(faults))('%s', (name, { code }) => {
    it('fails the run, changes nothing, and tells nothing of anybody', async () => {
      const { sandbox, argsFor } = scene;
      const exit = code === 'E_REJECTED' ? 4 : 3;
      const environment = { RETRIES: '0', LOG_LEVEL: 'debug' };
      const forProgram = alone.has(name)
        ? await sandbox.run(argsFor(name, '--json'), environment)
        : await runHere(sandbox, argsFor(name, '--json'), environment);
      const forPerson = await runHere(sandbox, argsFor(name), environment);
      expect({ exit: forProgram.exit, ...readError(forProgram) }).toMatchObject({
        exit,
        error: { code, exit, where: { dataset: 'persons' } },
      });
      expect(forPerson).toMatchObject({ exit, stdout: '' });
      expect(forPerson.stderr).toContain(code);
      await scene.expectUntouched({ forProgram, forPerson });
    });
  });
}

export function readError({ stdout }: Pick<CliEnd, 'stdout'>): object {
  const document: unknown = JSON.parse(stdout);
  return typeof document === 'object' && document !== null ? document : {};
}
