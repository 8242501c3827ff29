import { failure, type LakeveilError } from '../../base/errors.js';
import { countOf } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import { type RecoveryKeys, toRecoveryKeys } from '../../base/types/result.js';
import type { Landing } from '../../base/types/landed.js';
import { type Problem, problemOf } from '../../lake/inspect-file.js';
import { FIX_MONTH, LANDED } from '../../lake/landed-file.js';
import { manifestPath } from '../../lake/paths.js';
import { findForgotten, type Loss, type LossKind, type Survey } from '../../lake/survey.js';
import { landingsOf } from '../../ledger/landings.js';
import { listRuns } from '../../ledger/read-runs.js';
import type { Project } from '../../project.js';
import { describeRecovery } from '../run/found.js';
import { shapesOfManifest } from './manifest-shapes.js';

/** What `pipeline verify --json` prints. */
interface VerifyReport extends RecoveryKeys {
  readonly status: 'clean' | 'newer' | 'damaged' | 'lost' | 'unsafe';
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
  newer: 'written by a newer version',
} as const;

/**
 * Compares the lake's files with their manifests, under the lake's lock: rows, bytes, hashes, column order, the shape of
 * every cell, and files that belong to no manifest. First completes interrupted commits and removes the staged files of
 * killed runs. Also compares the manifests with what has landed. An empty lake is clean.
 * @throws E_LOCKED, E_DISK; problems are in the report (`evaluateVerify` turns them into an error)
 */
export async function verifyLake(project: Project, { date }: VerifyRequest): Promise<VerifyReport> {
  return project.lake.exclusively('verify', async (recovery) => {
    const { problems: inside, ...checked } = await project.lake.inspect(date, shapesOfManifest);
    const survey = await project.lake.survey(true);
    const problems = [
      ...inside,
      ...survey.unreadable.filter(({ path }) => path.startsWith(LANDED)).map(problemOf),
      ...survey.losses.filter(({ landing }) => date === null || landing.date === date).map(describeLoss),
      ...(date === null ? await inspectLedger(project, survey) : []),
    ];
    return { status: evaluateProblems(problems), date, ...checked, problems, ...toRecoveryKeys(recovery) };
  });
}

/** The error of a report: exit 5 if private data may be exposed, else 6; null if the lake is clean. */
export function evaluateVerify({ status, problems }: VerifyReport): LakeveilError | null {
  const [first] = problems;
  if (first === undefined) return null;
  if (status === 'newer') return failure('E_LAKE_NEWER', { path: first.path, what: first.problem });
  if (status === 'unsafe' || status === 'lost') {
    return failure('E_VERIFY', { found: countOf(problems.length, 'problem'), fix: FIXES[status] });
  }
  const { path, problem: kind } = first;
  // A date can be landed again; nothing else can.
  if (/^(?:raw|quarantine)\//.test(path)) return failure('E_LAKE_DAMAGED', { path, kind });
  const fix = path.startsWith(`${LANDED}/`) ? FIX_MONTH : 'restore the files of the list above from a backup';
  return failure('E_LAKE_FILE', { path, kind, fix });
}

function evaluateProblems(problems: readonly Problem[]): VerifyReport['status'] {
  if (problems.length === 0) return 'clean';
  if (problems.some(({ risk }) => risk === 'privacy')) return 'unsafe';
  if (problems.some(({ risk }) => risk === 'loss')) return 'lost';
  return problems.every(({ risk }) => risk === 'newer') ? 'newer' : 'damaged';
}

const FIXES = {
  unsafe: 'see the list above; replace a date with `pipeline run --date DATE`',
  lost: 'see the list above: restore the files or land the dates again; `pipeline transform --accept-loss` builds the tables without them',
} as const;

const LOSSES = {
  gone: 'gone',
  older: 'replaced by older data',
  changed: 'not the manifest that it wrote',
} as const satisfies Record<LossKind, string>;

function describeLoss({ kind, landing }: Loss): Problem {
  const problem = `${countOf(landing.rows, 'row')} landed by run ${landing.run_id}, ${LOSSES[kind]}`;
  return { path: manifestPath(landing), problem, risk: kind === 'changed' ? 'damage' : 'loss' };
}

/** The entries that cannot be read, and what the others have landed that is nowhere. */
async function inspectLedger({ config }: Project, survey: Survey): Promise<Problem[]> {
  const problems: Problem[] = [];
  const landings: Landing[] = [];
  for await (const entry of listRuns(config.lakeDir)) {
    if (entry.kind === 'run') landings.push(...landingsOf(entry.run));
    else {
      const risk = entry.why === 'newer' ? 'newer' : 'damage';
      problems.push({ path: entry.path, problem: LEDGER_PROBLEMS[entry.why], risk });
    }
  }
  return [...problems, ...findForgotten(survey, landings).map(describeLoss)];
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
