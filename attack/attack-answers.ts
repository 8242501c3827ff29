import { isObject, readPath } from '../src/base/json-values.js';
import { readTree } from '../tests/canary/lake-tree.js';
import { scanForCanaries } from '../tests/support/canary.js';
import { type CliEnd, type Environment, makeSandbox, type Sandbox } from '../tests/support/cli.js';
import { startStubApi } from '../tests/support/stub-api.js';
import { type AnswerVerdict, HOSTILE_ANSWERS, RECORDS } from './answers.js';
import type { AttackResult } from './attack-result.js';

const DATE = '2026-03-01';

type RunCommand = (
  sandbox: Sandbox,
  args: readonly string[],
  environment: Environment,
) => Promise<Pick<CliEnd, 'exit' | 'stdout' | 'stderr'>>;

/**
 * Pulls each hostile answer into a lake. It must land with every record accounted for, or be refused with an error of the
 * source, the contract or privacy and an unchanged lake; and no value of a record may be in any file or output.
 * @param run runs a command line in a sandbox; by default the built command in a process of its own
 */
export async function attackAnswers(
  run: RunCommand = (sandbox, args, environment) => sandbox.run(args, environment),
): Promise<AttackResult> {
  const sandbox = await makeSandbox((yaml) => yaml.replace('timeout: 30s', 'timeout: 3s'));
  const api = await startStubApi(({ path }) => {
    const name = decodeURIComponent(path.split('/')[1] ?? '');
    return HOSTILE_ANSWERS[name]?.answer ?? ((response) => void response.destroy());
  });
  const verdicts: Record<AnswerVerdict, number> = { landed: 0, refused: 0 };
  const failures: string[] = [];
  const outputs: Record<string, string> = {};
  try {
    for (const [name, { verdict }] of Object.entries(HOSTILE_ANSWERS)) {
      const before = await readLake(sandbox);
      const end = await run(sandbox, describePull(`${api.url}/${encodeURIComponent(name)}`), {
        RETRIES: '0',
      });
      const isUnchanged = JSON.stringify(before) === JSON.stringify(await readLake(sandbox));
      const problem = verdict === 'landed' ? missLanding(end) : missRefusal(end, isUnchanged);
      if (problem !== null) failures.push(`${name}\n    ${problem}`);
      verdicts[verdict] += 1;
      outputs[name] = `${end.stdout}\n${end.stderr}`;
    }
    const findings = await scanForCanaries([sandbox.root], outputs);
    failures.push(...findings.map(({ needle, where }) => `a value of ${needle} is in ${where}`));
  } finally {
    await api.close();
    await sandbox.remove();
  }
  return { tried: Object.keys(HOSTILE_ANSWERS).length, verdicts, failures };
}

function describePull(source: string): string[] {
  const flags = ['--date', DATE, '--records', String(RECORDS), '--force', '--json', '--quiet'];
  return ['ingest', 'persons', '--source', source, ...flags];
}

/** All but the ledger, in which a failed run has its entry. */
async function readLake({ lake }: Sandbox): Promise<[string, string][]> {
  return Object.entries(await readTree(lake)).filter(([path]) => !path.startsWith('_runs/'));
}

function missLanding({ exit, stdout }: Pick<CliEnd, 'exit' | 'stdout'>): string | null {
  if (exit !== 0) return `exit ${String(exit)}: ${readCode(stdout)}`;
  const dataset = readPath(JSON.parse(stdout), ['datasets', '0']);
  if (!isObject(dataset)) return 'no dataset in the result';
  const [fetched, ...ends] = ['fetched', 'landed', 'rejected', 'duplicates', 'forgotten'].map((key) =>
    Number(dataset[key]),
  );
  const accounted = ends.reduce((sum, count) => sum + count, 0);
  return fetched === RECORDS && accounted === RECORDS
    ? null
    : `${accounted} of ${RECORDS} records are accounted for`;
}

function missRefusal({ exit, stdout }: Pick<CliEnd, 'exit' | 'stdout'>, isUnchanged: boolean): string | null {
  if (exit === null || ![3, 4, 5].includes(exit)) return `exit ${String(exit)}: ${readCode(stdout)}`;
  return isUnchanged ? null : `exit ${String(exit)}, but the lake has changed`;
}

function readCode(stdout: string): string {
  return /"code":"(E_[A-Z_]+)"/.exec(stdout)?.[1] ?? 'no error';
}
