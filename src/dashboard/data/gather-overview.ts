import { addDays, countDays } from '../../base/dates/calendar.js';
import type { Definition } from '../../base/types/definition.js';
import { ALL_PIPELINES, type CheckResult, type RunRecord } from '../../base/types/run-record.js';
import { readRun } from '../../ledger/read-runs.js';
import { describeRunLine, kindOf } from './describe-run.js';
import { evaluatePipeline } from './evaluate-pipeline.js';
import type { LandedRow } from './gather-landed.js';
import type { LakeSnapshot } from './lake-snapshot.js';
import type { CheckCounts, DayCount, OverviewModel, PipelineCard } from './models.js';
import { type CheckStreak, findLastResults, findOwnChecks } from './own-checks.js';

const SHOWN_DAYS = 30;
/** Commands that fetch or build. Others, such as `check`, say nothing about the state of a pipeline. */
const RUN_COMMANDS: readonly string[] = ['run', 'ingest', 'backfill', 'transform', 'init-db'];

/** The state of each pipeline, sorted by name. */
export async function gatherOverview(snapshot: LakeSnapshot): Promise<OverviewModel> {
  const definitions = [...snapshot.project.definitions.values()].sort((a, b) =>
    a.pipeline < b.pipeline ? -1 : 1,
  );
  return { pipelines: await Promise.all(definitions.map((definition) => gatherCard(snapshot, definition))) };
}

async function gatherCard(snapshot: LakeSnapshot, definition: Definition): Promise<PipelineCard> {
  const { pipeline, description } = definition;
  const [landedBy, asOf] = await Promise.all([snapshot.landed(), snapshot.asOf()]);
  const landed = landedBy.get(pipeline) ?? [];
  const runs = await findRuns(snapshot, pipeline, landed);
  const relevant = runs.filter(({ command }) => RUN_COMMANDS.includes(command));
  const [last] = relevant;
  const ended = relevant.filter(({ status }) => status !== 'running');
  const newest = landed.at(-1)?.date ?? null;
  const today = asOf?.slice(0, 10) ?? newest;
  const checks = await findChecks(snapshot, definition, runs);
  return {
    pipeline,
    description,
    ...evaluatePipeline({ status: await snapshot.status(pipeline), ended, checks }),
    running: last?.status === 'running' ? last.run_id : null,
    lastRun: last === undefined ? null : describeRunLine(last),
    newest,
    daysBehind: newest === null || today === null ? 0 : countDays(newest, today),
    days: newest === null || today === null ? [] : listDayCounts(landed, newest > today ? newest : today),
    checks: countChecks(checks.map(({ result }) => result)),
  };
}

/** The newest runs of a pipeline. If none of them fetched or built, also the run that landed its newest partition. */
async function findRuns(
  { runs, project }: LakeSnapshot,
  pipeline: string,
  landed: readonly LandedRow[],
): Promise<readonly RunRecord[]> {
  const own = (await runs()).filter(
    (run) => run.pipeline === pipeline || (run.pipeline === ALL_PIPELINES && kindOf(run) === 'build'),
  );
  const before = landed.at(-1)?.runId;
  if (own.some(({ command }) => RUN_COMMANDS.includes(command)) || before === undefined) return own;
  const run = await readRun(project.config.lakeDir, before);
  return run === null || own.some(({ run_id }) => run_id === before) ? own : [...own, run];
}

/** The last check results from any run, because runs of other pipelines check these tables too. */
async function findChecks(
  snapshot: LakeSnapshot,
  definition: Definition,
  own: readonly RunRecord[],
): Promise<readonly CheckStreak[]> {
  const newest = await snapshot.runs();
  const older = own.filter(({ run_id }) => !newest.some((run) => run.run_id === run_id));
  return findLastResults([...newest, ...older], await findOwnChecks(snapshot.project, definition));
}

function countChecks(checks: readonly CheckResult[]): CheckCounts {
  const count = (wanted: (check: CheckResult) => boolean): number => checks.filter(wanted).length;
  return {
    passed: count(({ passed }) => passed),
    warned: count(({ passed, severity }) => !passed && severity === 'warn'),
    failed: count(({ passed, severity }) => !passed && severity === 'error'),
  };
}

function listDayCounts(landed: readonly LandedRow[], last: string): DayCount[] {
  return Array.from({ length: SHOWN_DAYS }, (_, index) => {
    const date = addDays(last, index + 1 - SHOWN_DAYS);
    const own = landed.filter((row) => row.date === date);
    const sum = (key: 'rows' | 'rejected'): number => own.reduce((total, row) => total + row[key], 0);
    return { date, landed: own.length === 0 ? null : sum('rows'), rejected: sum('rejected') };
  });
}
