import { failure, type LakeveilError } from '../../base/errors.js';
import { countOf } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import { type RecoveryKeys, toRecoveryKeys } from '../../base/types/result.js';
import type { Problem } from '../../lake/inspect-file.js';
import { listRuns } from '../../ledger/read-runs.js';
import type { Project } from '../../project.js';
import { describeRecovery } from '../run/found.js';
import { shapesOfManifest } from './manifest-shapes.js';

/** What `pipeline verify --json` prints. */
interface VerifyReport extends RecoveryKeys {
  readonly status: 'clean' | 'damaged' | 'unsafe';
  /** Null for all dates. */
  readonly date: string | null;
  readonly partitions: number;
  readonly files: number;
  readonly rows: number;
  readonly problems: readonly Problem[];
}

interface VerifyRequest {
  /** One date without the ledger; null for all dates and the ledger. */
  readonly date: string | null;
}

const LEDGER_PROBLEMS = {
  link: 'a link',
  torn: 'incomplete file',
  foreign: 'not a ledger entry',
} as const;

/**
 * Compares the lake's files with their manifests, under the lake's lock: rows, bytes, hashes, column order, the shape of
 * every cell, and files that belong to no manifest. First completes interrupted commits and removes the staged files of
 * killed runs. An empty lake is clean.
 * @throws E_LOCKED, E_DISK; problems are in the report (`evaluateVerify` turns them into an error)
 */
export async function verifyLake(project: Project, { date }: VerifyRequest): Promise<VerifyReport> {
  return project.lake.exclusively('verify', async (recovery) => {
    const { problems: inside, ...checked } = await project.lake.inspect(date, shapesOfManifest);
    const problems = [...inside, ...(date === null ? await inspectLedger(project) : [])];
    return { status: evaluateProblems(problems), date, ...checked, problems, ...toRecoveryKeys(recovery) };
  });
}

/** The error of a report: exit 5 if private data may be exposed, else 6; null if the lake is clean. */
export function evaluateVerify({ status, problems }: VerifyReport): LakeveilError | null {
  const [first] = problems;
  if (first === undefined) return null;
  if (status === 'unsafe') return failure('E_VERIFY', { count: problems.length });
  return failure('E_LAKE_DAMAGED', { path: first.path, kind: first.problem });
}

function evaluateProblems(problems: readonly Problem[]): VerifyReport['status'] {
  if (problems.length === 0) return 'clean';
  return problems.some(({ risk }) => risk === 'privacy') ? 'unsafe' : 'damaged';
}

async function inspectLedger({ config }: Project): Promise<Problem[]> {
  const problems: Problem[] = [];
  for await (const entry of listRuns(config.lakeDir)) {
    if (entry.kind === 'run') continue;
    problems.push({ path: entry.path, problem: LEDGER_PROBLEMS[entry.why], risk: 'damage' });
  }
  return problems;
}

/** What was checked, what was recovered, and every problem with its path. */
export function formatVerify(report: VerifyReport): string {
  const { date, partitions, files, rows, problems } = report;
  const checked = [countOf(partitions, 'partition'), countOf(files, 'file'), countOf(rows, 'row')].join(', ');
  return [
    `Checked ${checked}${date === null ? '' : ` of ${date}`}.`,
    ...describeRecovery(report),
    ...(problems.length === 0 ? ['No problems found.'] : [`${countOf(problems.length, 'problem')}:`]),
    ...problems.map(({ path, problem }) => `  ${scrub(path)}: ${scrub(problem)}`),
  ].join('\n');
}
