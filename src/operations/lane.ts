import { availableParallelism } from 'node:os';
import type { CompiledPolicy } from '../anonymize/compile-policy.js';
import { compilePolicy } from '../anonymize/compile-policy.js';
import type { MasterKey } from '../anonymize/keys.js';
import { SafeRoom } from '../anonymize/safe-room.js';
import { startCheck } from '../contract/check.js';
import type { Check, CheckResult } from '../contract/check.js';
import { compileContract } from '../contract/contract.js';
import { explodeRecords } from '../contract/explode.js';
import { judgeResult } from '../contract/judge-result.js';
import type { DatasetDefinition } from '../definition/definition.js';
import type { LandedParts } from '../lake/landing-room.js';
import { LandingRoom } from '../lake/landing-room.js';
import { timed, timedSync } from '../ledger/receipts.js';
import type { Project } from '../project.js';
import type { CheckedPage, MaskedSegment, RawPage } from '../record.js';
import type { Journal } from './journal.js';
import { planLanding, planPages } from './landing-plan.js';

export interface LaneOptions {
  readonly project: Project;
  readonly journal: Journal;
  readonly dataset: DatasetDefinition;
  readonly key: MasterKey;
  readonly date: string;
  readonly stagingDir: string;
}

export interface StagedWork {
  readonly policy: CompiledPolicy;
  readonly checked: CheckResult;
  readonly landed: LandedParts;
  /** Records whose exploded array was empty. */
  readonly empty: number;
}

/** Memory of each room, in MB; raw values never spill. */
const ROOM_MB = 400;

/**
 * The way of one dataset: check, mask, land. Pages become masked segments in the safe room, segments become proven
 * parts in the landing room.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #policy: CompiledPolicy;
  readonly #check: Check;
  readonly #safe: SafeRoom;
  readonly #landing: LandingRoom;
  readonly #judge: (raw: RawPage) => CheckedPage;
  readonly #mask: (checked: CheckedPage) => Promise<number>;
  readonly #finishMask: (checked: undefined) => Promise<readonly MaskedSegment[]>;
  #empty = 0;

  private constructor(
    options: LaneOptions,
    policy: CompiledPolicy,
    check: Check,
    safe: SafeRoom,
    landing: LandingRoom,
  ) {
    const { journal, dataset } = options;
    this.#options = options;
    this.#policy = policy;
    this.#check = check;
    this.#safe = safe;
    this.#landing = landing;
    this.#judge = timedSync((raw: RawPage) => check.page(raw), journal.receipt('check', dataset.name), {
      in: (raw) => raw.records.length,
      out: (checked) => checked.accepted,
    });
    const masked = journal.receipt('mask', dataset.name);
    this.#mask = timed((checked: CheckedPage) => safe.mask(checked), masked, {
      in: (checked) => checked.accepted,
      out: (rows) => rows,
    });
    // Writing the last segments takes time; their rows have been counted.
    this.#finishMask = timed(() => safe.finish(), masked, { in: () => 0, out: () => 0 });
  }

  static async open(options: LaneOptions): Promise<Lane> {
    const { dataset, project, key, date, stagingDir } = options;
    const policy = compilePolicy(dataset, key.id);
    const check = startCheck(compileContract(dataset.contract, dataset.name), policy.leaves);
    const shared = { stagingDir, memoryLimitMb: ROOM_MB, threads: availableParallelism() };
    const [safe, landing] = await Promise.all([
      SafeRoom.open({ ...shared, ...planPages(dataset), policy, key, date }),
      LandingRoom.open({ ...shared, compression: project.config.compression }),
    ]);
    return new Lane(options, policy, check, safe, landing);
  }

  /** Checks and masks what the page holds for the dataset. */
  async take(raw: RawPage): Promise<void> {
    const { name } = this.#options.dataset;
    const checked = this.#judge(this.#explode(raw));
    await this.#landing.quarantine(name, checked.rejects);
    await this.#mask(checked);
  }

  /** Judges the records as a whole, then joins and proves what was masked. @throws E_REJECTED, E_FROZEN, E_SHAPE, … */
  async land(): Promise<StagedWork> {
    const { dataset, journal } = this.#options;
    const checked = this.#check.finish();
    this.#judgeAll(checked);
    const plan = planLanding(dataset, this.#policy);
    const segments = await this.#finishMask(undefined);
    const land = timed(
      async () => this.#landing.land(plan, segments, checked.rejected),
      journal.receipt('land', dataset.name),
      {
        in: () => checked.accepted,
        out: (landed) => landed.files.reduce((rows, file) => rows + file.rows, 0),
      },
    );
    return { policy: this.#policy, checked, landed: await land(undefined), empty: this.#empty };
  }

  /** A run that lands nothing leaves no quarantine, but its counts are in the ledger. */
  #judgeAll(checked: CheckResult): void {
    const { dataset, journal } = this.#options;
    try {
      judgeResult(checked, dataset.contract, dataset.name);
    } catch (error) {
      journal.noteRefusal(dataset.name, checked, this.#empty);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#safe.close();
    this.#landing.close();
  }

  #explode(raw: RawPage): RawPage {
    const { explode } = this.#options.dataset;
    if (explode === null) return raw;
    const { records, empty } = explodeRecords(raw.records, explode);
    this.#empty += empty;
    return { index: raw.index, records };
  }
}
