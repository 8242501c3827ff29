import { failure, type LakeveilError } from '../../base/errors.js';
import { countOf } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import type { Problem } from '../../lake/inspect-file.js';
import { listRuns } from '../../ledger/read-runs.js';
import type { Project } from '../../project.js';
import { describeFound } from '../run/found.js';
import { shapesOfManifest } from './manifest-shapes.js';

/** What `pipeline verify --json` prints. */
interface VerifyReport {
  readonly status: 'clean' | 'damaged' | 'unsafe';
  /** Null for all dates. */
  readonly date: string | null;
  readonly partitions: number;
  readonly files: number;
  readonly rows: number;
  readonly problems: readonly Problem[];
  /** Runs whose commit was found half done, and finished. */
  readonly healed: readonly string[];
  /** Runs that were killed, and whose staging was removed. */
  readonly swept: readonly string[];
}

interface VerifyRequest {
  /** One date only, without the ledger; null for all. */
  readonly date: string | null;
}

const LEDGER_PROBLEMS = {
  link: 'a link',
  torn: 'it is torn',
  foreign: 'it is no entry of the ledger',
} as const;

/**
 * Holds the lake against its manifests, under its lock: rows, bytes, hashes, columns in order, the shape of every cell
 * by the manifest's own columns, and that nothing else lies there. A commit that was stopped half way is finished
 * first, and dead staging is swept up. An empty lake is clean.
 * @throws E_LOCKED, E_DISK; what is wrong with the lake is in the report (`evaluateVerify` makes an error of it)
 */
export async function verifyLake(project: Project, { date }: VerifyRequest): Promise<VerifyReport> {
  return project.lake.exclusively('verify', async ({ healed, swept }) => {
    const { problems: inside, ...checked } = await project.lake.inspect(date, shapesOfManifest);
    const problems = [...inside, ...(date === null ? await inspectLedger(project) : [])];
    return { status: judge(problems), date, ...checked, problems, healed, swept };
  });
}

/** The error that a report amounts to: exit 5 where something may be told that should not, else 6; null if clean. */
export function evaluateVerify({ status, problems }: VerifyReport): LakeveilError | null {
  const [first] = problems;
  if (first === undefined) return null;
  if (status === 'unsafe') return failure('E_VERIFY', { count: problems.length });
  return failure('E_LAKE_DAMAGED', { path: first.path, kind: first.problem });
}

function judge(problems: readonly Problem[]): VerifyReport['status'] {
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

/** What was held against the manifests, what was mended on the way, and every problem with its place. */
export function formatVerify(report: VerifyReport): string {
  const { date, partitions, files, rows, problems } = report;
  const checked = [countOf(partitions, 'partition'), countOf(files, 'file'), countOf(rows, 'row')].join(', ');
  return [
    `Checked ${checked}${date === null ? '' : ` of ${date}`}.`,
    ...describeFound(report),
    ...(problems.length === 0
      ? ['Everything is as the manifests say.']
      : [`${countOf(problems.length, 'problem')}:`]),
    ...problems.map(({ path, problem }) => `  ${scrub(path)}: ${scrub(problem)}`),
  ].join('\n');
}
