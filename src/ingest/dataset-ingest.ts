import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type CompiledPolicy, compilePolicy } from '../anonymize/compile-policy.js';
import { deriveKey, hashShort, type MasterKey } from '../anonymize/keys.js';
import { SafeRoom } from '../anonymize/safe-room.js';
import { failure } from '../base/errors.js';
import { pickPaths, writePath } from '../base/json-values.js';
import type { DatasetDefinition } from '../base/types/definition.js';
import type { CheckedPage, RawPage } from '../base/types/record.js';
import type { DatasetState, SegmentState } from '../base/types/resume.js';
import { assertAccepted, type ContractCheck, type ContractResult, startCheck } from '../contract/check.js';
import { compileContract } from '../contract/contract.js';
import { explodeRecords, type ListCounts, makeListCounts } from '../contract/explode.js';
import type { AreSame } from '../lake/duplicates.js';
import type { ForgottenColumn } from '../lake/forgotten-rows.js';
import { type LandedParts, LandingRoom } from '../lake/landing-room.js';
import type { RunContext } from '../ledger/run-context.js';
import type { Project } from '../project.js';
import type { FormerPeople } from './former-people.js';
import { assertFewWithheld, planLanding, planPages } from './plan-landing.js';
import { describeFile } from './resume.js';
import { mayDrift, RecordDigests } from './record-digests.js';
import { addListCounts, moveFull, type SharedIngest } from './shared-ingest.js';

export interface IngestOptions {
  readonly project: { readonly config: Pick<Project['config'], 'compression'> };
  readonly context: Pick<RunContext, 'meter' | 'stage' | 'recordRejection'>;
  readonly dataset: DatasetDefinition;
  readonly key: MasterKey;
  readonly date: string;
  readonly stagingDir: string;
  /** Fields of its records by which other datasets are requested; null if none is. */
  readonly parentFields: readonly (readonly string[])[] | null;
  /** Where people were erased under an earlier key. */
  readonly former?: FormerPeople;
}

export interface StagedWork {
  readonly policy: CompiledPolicy;
  readonly checked: ContractResult;
  readonly landed: LandedParts;
  /** Exploded lists that are empty, null or absent. */
  readonly empty: number;
  /** What other datasets are requested by, in the order of the records; in memory only. */
  readonly parents: readonly unknown[];
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
  /** Pages with a list of its own, and pages with records and without one. */
  readonly #own = { found: 0, missing: 0 };
  readonly #digests: RecordDigests | null;
  readonly #parents = new Map<number, readonly unknown[]>();

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
    this.#digests = mayDrift(options.dataset)
      ? new RecordDigests(deriveKey(options.key, 'resume', 'digests'))
      : null;
  }

  static async open(options: IngestOptions): Promise<DatasetIngest> {
    const { dataset, project, key, date, stagingDir } = options;
    const policy = compilePolicy(dataset, key.id);
    const nameKey = deriveKey(key, 'name', 'undeclared');
    const hideName = (path: string) => `<undeclared ${hashShort(nameKey, path)}>`;
    const check = startCheck(compileContract(dataset.contract, dataset.name), policy.leaves, { hideName });
    const shared = { stagingDir, memoryLimitMb: ROOM_MB, threads: availableParallelism() };
    const [safe, landing] = await Promise.all([
      SafeRoom.open({ ...shared, ...planPages(dataset), policy, key, date }),
      LandingRoom.open({ ...shared, compression: project.config.compression }),
    ]);
    return new DatasetIngest(options, policy, check, safe, landing);
  }

  /**
   * Checks the records that the page holds for the dataset, and has them masked: resolves when there is a place for
   * another page. A page that is not masked fails the next one, or `land`.
   */
  async take(raw: RawPage): Promise<void> {
    const { context, dataset, former } = this.#options;
    const exploded = this.#explode(this.#readOwn(raw));
    this.#digests?.take(exploded);
    const checked = this.#checkPage(exploded);
    this.#collectParents(exploded, checked);
    await former?.take(checked);
    await this.#landing.quarantine(dataset.name, checked.rejects);
    const rows = { in: checked.accepted, out: (masked: number) => masked };
    const nothing = { in: 0, out: () => 0 };
    const rowsMasked = context.meter('mask', dataset.name).runSync(nothing, () => this.#safe.mask(checked));
    // What waits is not the page: its values would be in memory for longer.
    const masked = context.stage('mask', dataset.name, rows, () => rowsMasked);
    masked.catch(() => undefined); // `hasPlace` and `land` throw it
    await this.#safe.hasPlace();
  }

  /** Of rejected records, nothing is sent. */
  #collectParents({ index, records }: RawPage, { rejects }: CheckedPage): void {
    const { parentFields } = this.#options;
    if (parentFields === null) return;
    const rejected = new Set(rejects.map(({ position }) => position));
    const accepted = records.filter((_, position) => !rejected.has(position));
    this.#parents.set(
      index,
      accepted.map((record) => pickPaths(record, parentFields)),
    );
  }

  /** Each once, however often its record came. */
  #listParents(): readonly unknown[] {
    const inOrder = [...this.#parents].sort(([one], [other]) => one - other).flatMap(([, picked]) => picked);
    return [...new Map(inOrder.map((parent) => [JSON.stringify(parent), parent])).values()];
  }

  #checkPage(raw: RawPage): CheckedPage {
    const { context, dataset } = this.#options;
    const rows = { in: raw.records.length, out: (checked: CheckedPage) => checked.accepted };
    return context.meter('check', dataset.name).runSync(rows, () => this.#check.page(raw));
  }

  /** What is masked so far, with its files in the staging folder; null if it cannot be kept. The ingest takes no more. */
  async save(): Promise<DatasetState | null> {
    const check = this.#check.save();
    if (check === null) return null;
    const { name } = this.#options.dataset;
    const saved = await this.#safe.save();
    const segments: SegmentState[] = [];
    for (const { path, index, pages, custody } of saved) {
      const counts = custody === null ? null : { rows: custody.rows, columns: [...custody.columns] };
      segments.push({ file: await describeFile(path), index, pages, custody: counts });
    }
    const rejected = await this.#landing.saveQuarantine(name, check.fetched - check.accepted);
    return {
      name,
      check,
      lists: this.#lists,
      own: { ...this.#own },
      segments,
      digests: this.#digests?.save() ?? null,
      quarantine: rejected === null ? null : await describeFile(rejected),
    };
  }

  /** Goes on from what an ingest of the same dataset has saved; its files are in the staging folder. */
  async restore(state: DatasetState): Promise<void> {
    const { stagingDir, dataset } = this.#options;
    this.#check.restore(state.check);
    this.#addCounts(state);
    this.#digests?.restore(state.digests ?? []);
    await this.#safe.restore(
      state.segments.map(({ file, custody, ...segment }) => ({
        ...segment,
        path: join(stagingDir, file.name),
        custody: custody && { rows: custody.rows, columns: new Map(custody.columns) },
      })),
    );
    if (state.quarantine !== null) {
      await this.#landing.restoreQuarantine(dataset.name, join(stagingDir, state.quarantine.name));
    }
  }

  /** What was found and masked, for the process that joins it; its files are in the staging folder. Takes no more. */
  async share(): Promise<SharedIngest> {
    const { name } = this.#options.dataset;
    const segments = await this.#safe.save();
    const check = this.#check.share();
    const { fetched, accepted } = check.counts;
    return {
      check,
      lists: this.#lists,
      own: this.#own,
      segments,
      digests: this.#digests?.share() ?? [],
      quarantine: await this.#landing.saveQuarantine(name, fetched - accepted),
    };
  }

  /** Adds what an ingest of the same dataset has shared, of other pages. */
  async absorb({ check, segments, digests, quarantine, ...counts }: SharedIngest): Promise<void> {
    this.#check.absorb(check);
    this.#addCounts(counts);
    this.#digests?.absorb(digests);
    await this.#safe.restore(await moveFull(segments, this.#options.stagingDir));
    if (quarantine !== null) await this.#landing.restoreQuarantine(this.#options.dataset.name, quarantine);
  }

  #addCounts({ own, lists }: Pick<DatasetState, 'own' | 'lists'>): void {
    this.#own.found += own.found;
    this.#own.missing += own.missing;
    if (this.#lists !== null && lists !== null) addListCounts(this.#lists, lists);
  }

  /** Evaluates all records, then joins and proves the masked segments. @throws E_REJECTED, E_FROZEN, E_SHAPE, … */
  async land(columns: readonly ForgottenColumn[]): Promise<StagedWork> {
    const { dataset, context, former } = this.#options;
    this.#assertOwn();
    const checked = this.#addMissingList(this.#check.finish());
    this.#assertAll(checked);
    const plan = planLanding(dataset, this.#policy);
    // Writing the last segments takes time; their rows have been counted.
    const none = { in: 0, out: () => 0 };
    const segments = await context.stage('mask', dataset.name, none, () => this.#safe.finish());
    const rows = { in: checked.accepted, out: countRows };
    const erased = { columns, places: former?.places ?? [] };
    const landed = await context.stage('land', dataset.name, rows, () =>
      this.#landing.land(plan, segments, checked.rejected, this.#areSame, erased),
    );
    assertFewWithheld(dataset, landed.withheld, checked.accepted);
    const parents = this.#listParents();
    return { policy: this.#policy, checked, landed, empty: this.#lists?.empty ?? 0, parents };
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

  /** The page as this dataset has it: with a list of records of its own. */
  #readOwn(raw: RawPage): RawPage {
    const { place, name } = this.#options.dataset;
    if (place === null) return raw;
    const own = raw.others?.get(name) ?? null;
    if (own !== null) this.#own.found++;
    else if (raw.records.length > 0) this.#own.missing++;
    return { index: raw.index, records: own ?? [] };
  }

  /** A list that no page has may have another name. @throws E_SOURCE_SHAPE */
  #assertOwn(): void {
    const { place, name } = this.#options.dataset;
    if (place === null || this.#own.found > 0 || this.#own.missing === 0) return;
    const expected = `a list at \`${place.records}\` on any page`;
    throw failure('E_SOURCE_SHAPE', { expected }, { dataset: name });
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
