import { availableParallelism } from 'node:os';
import { type CompiledPolicy, compilePolicy } from '../anonymize/compile-policy.js';
import type { MasterKey } from '../anonymize/keys.js';
import { SafeRoom } from '../anonymize/safe-room.js';
import { failure } from '../base/errors.js';
import { writePath } from '../base/json-values.js';
import type { DatasetDefinition } from '../base/types/definition.js';
import type { CheckedPage, RawPage } from '../base/types/record.js';
import { assertAccepted, type ContractCheck, type ContractResult, startCheck } from '../contract/check.js';
import { compileContract } from '../contract/contract.js';
import { explodeRecords, type ListCounts, makeListCounts } from '../contract/explode.js';
import type { AreSame } from '../lake/duplicates.js';
import { type LandedParts, LandingRoom } from '../lake/landing-room.js';
import type { RunContext } from '../ledger/run-context.js';
import type { Project } from '../project.js';
import { planLanding, planPages } from './plan-landing.js';
import { mayDrift, RecordDigests } from './record-digests.js';

export interface IngestOptions {
  readonly project: Project;
  readonly context: RunContext;
  readonly dataset: DatasetDefinition;
  readonly key: MasterKey;
  readonly date: string;
  readonly stagingDir: string;
}

export interface StagedWork {
  readonly policy: CompiledPolicy;
  readonly checked: ContractResult;
  readonly landed: LandedParts;
  /** Exploded lists that are empty, null or absent. */
  readonly empty: number;
}

/** Memory of the safe room and of the landing room, in MB; raw values never spill. */
const ROOM_MB = 400;

/**
 * Brings one dataset from pages to proven files: check, mask, land. Pages become masked segments in the safe room, segments become proven
 * parts in the landing room.
 */
export class DatasetIngest {
  readonly #options: IngestOptions;
  readonly #policy: CompiledPolicy;
  readonly #check: ContractCheck;
  readonly #safe: SafeRoom;
  readonly #landing: LandingRoom;
  readonly #lists: ListCounts | null;
  readonly #digests: RecordDigests | null;

  private constructor(
    options: IngestOptions,
    policy: CompiledPolicy,
    check: ContractCheck,
    safe: SafeRoom,
    landing: LandingRoom,
  ) {
    this.#options = options;
    this.#policy = policy;
    this.#check = check;
    this.#safe = safe;
    this.#landing = landing;
    this.#lists = options.dataset.explode === null ? null : makeListCounts(options.dataset.explode);
    this.#digests = mayDrift(options.dataset) ? new RecordDigests() : null;
  }

  static async open(options: IngestOptions): Promise<DatasetIngest> {
    const { dataset, project, key, date, stagingDir } = options;
    const policy = compilePolicy(dataset, key.id);
    const check = startCheck(compileContract(dataset.contract, dataset.name), policy.leaves);
    const shared = { stagingDir, memoryLimitMb: ROOM_MB, threads: availableParallelism() };
    const [safe, landing] = await Promise.all([
      SafeRoom.open({ ...shared, ...planPages(dataset), policy, key, date }),
      LandingRoom.open({ ...shared, compression: project.config.compression }),
    ]);
    return new DatasetIngest(options, policy, check, safe, landing);
  }

  /** Checks and masks the records that the page holds for the dataset. */
  async take(raw: RawPage): Promise<void> {
    const { context, dataset } = this.#options;
    const exploded = this.#explode(raw);
    this.#digests?.take(exploded);
    const checked = this.#checkPage(exploded);
    await this.#landing.quarantine(dataset.name, checked.rejects);
    const rows = { in: checked.accepted, out: (masked: number) => masked };
    await context.stage('mask', dataset.name, rows, () => this.#safe.mask(checked));
  }

  #checkPage(raw: RawPage): CheckedPage {
    const { context, dataset } = this.#options;
    const rows = { in: raw.records.length, out: (checked: CheckedPage) => checked.accepted };
    return context.meter('check', dataset.name).runSync(rows, () => this.#check.page(raw));
  }

  /** Evaluates all records, then joins and proves the masked segments. @throws E_REJECTED, E_FROZEN, E_SHAPE, … */
  async land(): Promise<StagedWork> {
    const { dataset, context } = this.#options;
    const checked = this.#addMissingList(this.#check.finish());
    this.#assertAll(checked);
    const plan = planLanding(dataset, this.#policy);
    // Writing the last segments takes time; their rows have been counted.
    const none = { in: 0, out: () => 0 };
    const segments = await context.stage('mask', dataset.name, none, () => this.#safe.finish());
    const rows = { in: checked.accepted, out: countRows };
    const landed = await context.stage('land', dataset.name, rows, () =>
      this.#landing.land(plan, segments, checked.rejected, this.#areSame),
    );
    return { policy: this.#policy, checked, landed, empty: this.#lists?.empty ?? 0 };
  }

  /** A run that lands nothing leaves no quarantine, but its counts are in the ledger. */
  #assertAll(checked: ContractResult): void {
    const { dataset, context } = this.#options;
    try {
      assertAccepted(checked, dataset.contract, dataset.name);
    } catch (error) {
      context.recordRejection(dataset.name, checked, this.#lists?.empty ?? 0);
      throw error;
    }
  }

  get #areSame(): AreSame {
    const digests = this.#digests;
    return digests && ((one, other) => digests.areSame(one, other));
  }

  async close(): Promise<void> {
    await this.#safe.close();
    this.#landing.close();
  }

  #explode(raw: RawPage): RawPage {
    const { explode } = this.#options.dataset;
    if (explode === null || this.#lists === null) return raw;
    return { index: raw.index, records: explodeRecords(raw.records, explode, this.#lists).records };
  }

  /** A list that no record has may have another name: an error where the contract requires it, else drift. */
  #addMissingList(checked: ContractResult): ContractResult {
    const { dataset } = this.#options;
    const depth =
      this.#lists?.holders.findIndex((count, at) => count > 0 && this.#lists?.found[at] === 0) ?? -1;
    if (dataset.explode === null || depth < 0) return checked;
    const count = this.#lists?.holders[depth] ?? 0;
    const path = writePath(dataset.explode.segments.slice(0, depth + 1));
    if (dataset.explode.required[depth] === true) {
      const expected = `\`${path}\` in any record, which \`explode\` needs`;
      throw failure('E_SOURCE_SHAPE', { expected }, { dataset: dataset.name, field: path });
    }
    return { ...checked, drift: [...checked.drift, { kind: 'missing_field', path, count }] };
  }
}

function countRows({ files }: LandedParts): number {
  return files.reduce((sum, { rows }) => sum + rows, 0);
}
