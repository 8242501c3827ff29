import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import {
  openInstance,
  quoteName,
  quoteText,
  readRows,
  STAGING_FOLDER,
  toFailure,
  toNumber,
} from '../base/duckdb.js';
import { failure } from '../base/errors.js';
import { measureUniqueShare } from '../base/unique-share.js';
import { hashFile } from '../base/files/durable.js';
import type { MaskedSegment, Reject } from '../base/types/record.js';
import type { StagedFile } from './commit-plan.js';
import { type AreSame, findLosers, type PageDrift } from './duplicates.js';
import { dropForgotten, type Erased, NO_ONE } from './forgotten-rows.js';
import { type LandingPlan, relationOf, selectPart } from './landing-plan.js';
import { assertProven } from './proof.js';

type Compression = 'zstd' | 'snappy';

interface LandingRoomOptions {
  readonly stagingDir: string;
  readonly compression: Compression;
  readonly memoryLimitMb: number;
  readonly threads: number;
}

export interface LandedParts {
  readonly files: readonly StagedFile[];
  readonly quarantine: StagedFile | null;
  readonly duplicates: number;
  /** Rows of people who were erased. */
  readonly forgotten: number;
  readonly pageDrift: PageDrift | null;
  readonly singledOut: number | null;
  /** Kept cells that land null since they held a direct value of their record; null where that is not looked for. */
  readonly withheld: number | null;
}

/**
 * The second room: sees masked segments only, may spill into the staging folder. It finds duplicate keys, joins
 * segments into parts, and proves the parts against what the safe room counted.
 */
export class LandingRoom {
  readonly #options: LandingRoomOptions;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(options: LandingRoomOptions, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#options = options;
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(options: LandingRoomOptions): Promise<LandingRoom> {
    const spill = join(options.stagingDir, 'spill');
    await mkdir(spill, { mode: 0o700, recursive: true });
    const instance = await openInstance({
      allowedDirectories: [options.stagingDir],
      tempDirectory: spill,
      memoryLimitMb: options.memoryLimitMb,
      threads: options.threads,
    });
    return new LandingRoom(options, instance, await instance.connect());
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** Records the rejected records of a page, without values. */
  async quarantine(dataset: string, rejects: readonly Reject[]): Promise<void> {
    if (rejects.length === 0) return;
    await this.#failing(dataset, async () => {
      await this.#createQuarantine(dataset);
      await this.#connection.run(
        `insert into ${quarantineTable(dataset)} select reject.* from (select unnest(from_json($rejects,
          '[{"page":"INTEGER","position":"INTEGER","code":"VARCHAR","path":"VARCHAR","keyword":"VARCHAR"}]')) as reject)`,
        { rejects: JSON.stringify(rejects) },
      );
    });
  }

  async #createQuarantine(dataset: string): Promise<void> {
    await this.#connection.run(`create table if not exists ${quarantineTable(dataset)}
      ("page" integer, "position" integer, code varchar, path varchar, keyword varchar)`);
  }

  /** Writes the rejected records of a dataset to a file in the staging folder; null if there are none. */
  async saveQuarantine(dataset: string, rejected: number): Promise<string | null> {
    if (rejected === 0) return null;
    return this.#failing(dataset, async () => {
      const { name } = await this.#writeQuarantine(dataset);
      return join(this.#options.stagingDir, name);
    });
  }

  async restoreQuarantine(dataset: string, path: string): Promise<void> {
    await this.#failing(dataset, async () => {
      await this.#createQuarantine(dataset);
      await this.#connection.run(
        `insert into ${quarantineTable(dataset)} from read_parquet(${quoteText(path)})`,
      );
    });
  }

  /**
   * Joins a dataset's segments into parts in page order and proves each: every cell has its shape, and all rows are
   * what the safe room wrote, less the duplicates and the rows of erased people.
   * @throws E_DUPLICATES, E_SHAPE, E_CUSTODY
   */
  async land(
    plan: LandingPlan,
    segments: readonly MaskedSegment[],
    rejected: number,
    areSame: AreSame = null,
    erased: Erased = NO_ONE,
  ): Promise<LandedParts> {
    return this.#failing(plan.dataset, async () => {
      const duplicates = await findLosers(this.#connection, plan, segments, areSame);
      const dropped = await dropForgotten(this.#connection, plan, segments, duplicates, erased);
      const files: StagedFile[] = [];
      for (const part of groupByPart(segments)) files.push(await this.#writePart(plan, part, dropped.table));
      const paths = files.map(({ name }) => join(this.#options.stagingDir, name));
      const reader = await this.#instance.connect();
      try {
        await assertProven(reader, plan, segments, dropped, paths);
        return {
          files,
          quarantine: rejected > 0 ? await this.#writeQuarantine(plan.dataset) : null,
          duplicates: duplicates.count,
          forgotten: dropped.forgotten,
          pageDrift: duplicates.pageDrift,
          withheld: await countWithheld(reader, plan, segments),
          singledOut: await measureUniqueShare(reader, relationOf(paths), plan.quasiColumns),
        };
      } finally {
        reader.closeSync();
      }
    });
  }

  async #writePart(
    plan: LandingPlan,
    part: readonly MaskedSegment[],
    dropped: string | null,
  ): Promise<StagedFile> {
    const number = String(part[0]?.part ?? 0).padStart(4, '0');
    return this.#copy(selectPart(plan.columns, part, dropped), `${plan.dataset}.part-${number}.parquet`);
  }

  async #writeQuarantine(dataset: string): Promise<StagedFile> {
    const sorted = `select * from ${quarantineTable(dataset)} order by "page", "position"`;
    return this.#copy(sorted, `${dataset}.quarantine.parquet`);
  }

  async #copy(query: string, name: string): Promise<StagedFile> {
    const path = join(this.#options.stagingDir, name);
    const format = formatOf(this.#options.compression);
    const copied = await this.#connection.run(`copy (${query}) to ${quoteText(path)} ${format}`);
    const rows = toNumber((await copied.getRows())[0]?.[0]);
    return { name, rows, ...(await hashFile(path)) };
  }

  async #failing<T>(dataset: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const { memoryLimitMb } = this.#options;
      throw toFailure(error, { path: STAGING_FOLDER, memoryLimitMb, where: { dataset } }, (kind) =>
        failure('E_LAND', { dataset, kind }),
      );
    }
  }
}

async function countWithheld(
  connection: DuckDBConnection,
  { withheldColumn }: LandingPlan,
  segments: readonly MaskedSegment[],
): Promise<number | null> {
  if (withheldColumn === null) return null;
  const relation = relationOf(segments.map(({ path }) => path));
  const [row] = await readRows(
    connection,
    `select coalesce(sum(${quoteName(withheldColumn)}), 0)::bigint as cells from ${relation}`,
  );
  return toNumber(row?.['cells']);
}

/** Level 1 of zstd is faster than its default and, on the hex digits of tokens, smaller. */
function formatOf(compression: Compression): string {
  const level = compression === 'zstd' ? ', compression_level 1' : '';
  return `(format parquet, compression ${compression}${level})`;
}

function quarantineTable(dataset: string): string {
  return `"rejects ${dataset}"`;
}

/** Segments by part, parts and segments in page order. */
function groupByPart(segments: readonly MaskedSegment[]): MaskedSegment[][] {
  const parts = new Map<number, MaskedSegment[]>();
  for (const segment of segments.toSorted((a, b) => a.firstPage - b.firstPage)) {
    parts.set(segment.part, [...(parts.get(segment.part) ?? []), segment]);
  }
  return [...parts.values()];
}
