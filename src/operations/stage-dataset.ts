import { availableParallelism } from 'node:os';
import type { CompiledPolicy } from '../anonymize/compile-policy.js';
import { compilePolicy } from '../anonymize/compile-policy.js';
import type { MasterKey } from '../anonymize/keys.js';
import { SafeRoom } from '../anonymize/safe-room.js';
import { startCheck } from '../contract/check.js';
import type { Check, CheckResult } from '../contract/check.js';
import { compileContract } from '../contract/contract.js';
import { judgeResult } from '../contract/judge-result.js';
import type { DatasetDefinition, SourceDefinition } from '../definition/definition.js';
import type { LandedParts } from '../lake/landing-room.js';
import { LandingRoom } from '../lake/landing-room.js';
import { timed, timedSync } from '../ledger/receipts.js';
import type { Project } from '../project.js';
import type { CheckedPage, RawPage } from '../record.js';
import { pullFiles } from '../source/pull-files.js';
import { pullPages } from '../source/pull-pages.js';
import type { PullInput, PullReceipt } from '../source/pull-pages.js';
import type { Pace } from '../source/pace.js';
import type { OpenSource } from './open-source.js';
import type { Journal } from './journal.js';
import { planLanding, planPages } from './landing-plan.js';

/** One dataset and date to be brought into the staging folder. */
export interface StagingWork {
  readonly project: Project;
  readonly journal: Journal;
  readonly dataset: DatasetDefinition;
  readonly source: SourceDefinition;
  readonly from: OpenSource;
  readonly pace: Pace;
  readonly key: MasterKey;
  readonly date: string;
  readonly slot: string | null;
  readonly seed: string;
  readonly stagingDir: string;
  readonly limitPages: number | null;
}

export interface StagedWork {
  readonly policy: CompiledPolicy;
  readonly checked: CheckResult;
  readonly landed: LandedParts;
}

/** Memory of each room, in MB; raw values never spill. */
const ROOM_MB = 400;

/**
 * Fetch, check, mask, land: pages become masked segments in the safe room, segments become proven parts in the
 * landing room. Nothing is visible in the lake yet.
 */
export async function stageDataset(work: StagingWork): Promise<StagedWork> {
  const { dataset, journal } = work;
  const contract = compileContract(dataset.contract, dataset.name);
  const policy = compilePolicy(dataset, work.key.id);
  const check = startCheck(contract, policy.leaves);
  const rooms = await openRooms(work, policy);
  try {
    await pull(work, check, rooms);
    const checked = check.finish();
    judgeResult(checked, dataset.contract, dataset.name);
    const receipt = journal.receipt('land', dataset.name);
    const land = timed(
      async () =>
        rooms.landing.land(planLanding(dataset, policy), await rooms.safe.finish(), checked.rejected),
      receipt,
      {
        in: () => checked.accepted,
        out: (landed) => landed.files.reduce((rows, file) => rows + file.rows, 0),
      },
    );
    return { policy, checked, landed: await land(undefined) };
  } finally {
    await rooms.safe.close();
    rooms.landing.close();
  }
}

interface Rooms {
  readonly safe: SafeRoom;
  readonly landing: LandingRoom;
}

async function openRooms(
  { dataset, project, key, date, stagingDir }: StagingWork,
  policy: CompiledPolicy,
): Promise<Rooms> {
  const shared = { stagingDir, memoryLimitMb: ROOM_MB, threads: availableParallelism() };
  const { compression } = project.config;
  const [safe, landing] = await Promise.all([
    SafeRoom.open({ ...shared, ...planPages(dataset), policy, key, date }),
    LandingRoom.open({ ...shared, compression }),
  ]);
  return { safe, landing };
}

/** Every page is fetched, checked and masked before its slot is free for the next. */
async function pull(work: StagingWork, check: Check, { safe, landing }: Rooms): Promise<void> {
  const { project, journal, dataset } = work;
  const { progress } = project.effects;
  const judge = timedSync((raw: RawPage) => check.page(raw), journal.receipt('check', dataset.name), {
    in: (raw) => raw.records.length,
    out: (checked) => checked.accepted,
  });
  const mask = timed((checked: CheckedPage) => safe.mask(checked), journal.receipt('mask', dataset.name), {
    in: (checked) => checked.accepted,
    out: () => 0,
  });
  const fetched = journal.receipt('fetch', dataset.name);
  const pulled = await pullFrom(work, async (raw) => {
    const checked = judge(raw);
    await landing.quarantine(dataset.name, checked.rejects);
    await mask(checked);
    progress.advance(checked.fetched);
  });
  fetched.rows_in = pulled.declaredTotal ?? pulled.records;
  fetched.rows_out = pulled.records;
  fetched.busy_ms = pulled.busyMs;
}

function pullFrom(work: StagingWork, each: PullInput['each']): Promise<PullReceipt> {
  const { from, project } = work;
  const { effects, config } = project;
  return from.kind === 'file'
    ? pullFiles({ ...work, effects, projectDir: config.projectDir, folder: from.folder, each })
    : pullPages({ ...work, effects, baseUrl: from.baseUrl, each });
}
