import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { custodyQuery, readCustody } from '../base/custody.js';
import { openInstance, quoteText, readRows, STAGING_FOLDER, toFailure } from '../base/duckdb.js';
import { failure, type LakeveilError } from '../base/errors.js';
import type { CheckedPage, Custody, MaskedSegment } from '../base/types/record.js';
import type { CompiledPolicy } from './compile-policy.js';
import { toMaskFailure } from './echo.js';
import type { MasterKey } from './keys.js';
import { PageQueue, type WaitingPage } from './page-queue.js';
import {
  makeParameterValues,
  planPage,
  planSegments,
  SEGMENT_ROWS,
  type SavedSegment,
  type SegmentPlan,
  type WritePage,
} from './segment-plan.js';
import { copyTable, createTable, insertInto, type OpenSegment, tableName } from './segment-table.js';

export interface SafeRoomOptions {
  readonly policy: CompiledPolicy;
  readonly key: MasterKey;
  /** The partition's date, `YYYY-MM-DD`. */
  readonly date: string;
  /** This run's staging folder, the only one that the room can write to. */
  readonly stagingDir: string;
  /** Records that a page is expected to hold. */
  readonly pageSize: number;
  /** Pages in a part: a part is a range of pages, not of surviving rows. */
  readonly pagesPerPart: number;
  readonly memoryLimitMb: number;
  /** Statements that run side by side. */
  readonly threads: number;
}

/**
 * The room that sees raw values: an in-memory DuckDB without spill, which runs three kinds of statement (the compiled
 * one, the proof, COPY) and can write to one folder. What it gives is masked segments in page order.
 */
export class SafeRoom {
  readonly #options: SafeRoomOptions;
  readonly #instance: DuckDBInstance;
  readonly #idle: DuckDBConnection[];
  readonly #running = new Map<DuckDBConnection, Promise<void>>();
  readonly #writer: DuckDBConnection;
  readonly #values: Readonly<Record<string, DuckDBValue>>;
  readonly #plan: SegmentPlan;
  readonly #write: WritePage;
  readonly #queue = new PageQueue(() => {
    this.#dispatch();
  });
  readonly #segments = new Map<number, Promise<OpenSegment>>();
  readonly #flushed: MaskedSegment[] = [];
  #flushing = Promise.resolve();
  #isClosed = false;

  private constructor(
    options: SafeRoomOptions,
    instance: DuckDBInstance,
    connections: DuckDBConnection[],
    writer: DuckDBConnection,
    values: Readonly<Record<string, DuckDBValue>>,
  ) {
    this.#options = options;
    this.#instance = instance;
    this.#idle = connections;
    this.#writer = writer;
    this.#values = values;
    this.#plan = planSegments(options.pageSize, options.pagesPerPart);
    this.#write = planPage(options.policy, options.key);
  }

  /** @throws E_SAFE_ROOM if a setting that keeps raw values in memory did not take */
  static async open(options: SafeRoomOptions): Promise<SafeRoom> {
    const instance = await openInstance({
      allowedDirectories: [options.stagingDir],
      tempDirectory: '',
      memoryLimitMb: options.memoryLimitMb,
      threads: 1, // each connection works on a thread of its own; a pool beside them costs a tenth
    });
    const connections = await Promise.all(Array.from({ length: options.threads }, () => instance.connect()));
    const values = await makeParameterValues(options.policy, options.key, options.date);
    return new SafeRoom(options, instance, connections, await instance.connect(), values);
  }

  /**
   * Masks a page; resolves when its rows are masked, with how many its statement has made: pages that wait share a
   * statement, the first of them is told the rows of all, the others none. `hasPlace` says when to bring another page.
   */
  async mask(page: CheckedPage): Promise<number> {
    const { index } = page;
    return new Promise((done, failed) => {
      try {
        const text = this.#write(page);
        this.#queue.push({ index, segment: this.#plan.segmentOf(index), text, done, failed });
        this.#dispatch();
      } catch (error) {
        this.#queue.fail([{ failed }], this.#toFailure(error));
      }
    });
  }

  /** Resolves when so few pages wait that another one may come. @throws E_MASK and its like, if any page has failed */
  async hasPlace(): Promise<void> {
    await this.#queue.hasPlace();
  }

  /** Flushes what is left and gives all segments in page order; there is at least one. */
  async finish(): Promise<readonly MaskedSegment[]> {
    return this.#failing(async () => {
      await this.#settle();
      await this.#flushing; // else a segment that is being written passes for none
      if (this.#segments.size === 0 && this.#flushed.length === 0) await this.#segment(0);
      for (const index of [...this.#segments.keys()].sort((a, b) => a - b)) this.#flush(index);
      await this.#flushing;
      return this.#flushed.toSorted((a, b) => a.firstPage - b.firstPage);
    });
  }

  /**
   * Writes what is masked so far into the staging folder, for a later room to go on from. The room masks no more.
   */
  async save(): Promise<readonly SavedSegment[]> {
    return this.#failing(async () => {
      await this.#settle();
      await this.#flushing;
      const full = this.#flushed.map(({ path, firstPage, custody }) => ({
        path,
        index: this.#plan.segmentOf(firstPage),
        pages: null,
        custody,
      }));
      const open: SavedSegment[] = [];
      for (const segment of await Promise.all(this.#segments.values())) {
        const path = this.#pathOf(segment.index, 'open');
        await this.#writer.run(copyTable(segment.index, path, segment.batches));
        open.push({ path, index: segment.index, pages: segment.pages, custody: null });
      }
      return [...full, ...open];
    });
  }

  /** Goes on from what another room of the same policy has saved; the files are in the staging folder. */
  async restore(saved: readonly SavedSegment[]): Promise<void> {
    return this.#failing(async () => {
      for (const { path, index, pages, custody } of saved) {
        if (custody !== null) {
          this.#flushed.push(this.#describe(index, path, custody));
          continue;
        }
        const segment = await this.#segment(index);
        await this.#writer.run(`insert into ${tableName(index)} from read_parquet(${quoteText(path)})`);
        segment.pages += pages ?? 0;
        segment.batches = null;
      }
    });
  }

  /**
   * Frees all that the room holds. Pages that wait fail, and statements that run are stopped: to close the engine under
   * one would take the process with it. Closing twice does nothing more.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const left = failure('E_MASK', { dataset: this.#options.policy.dataset, kind: 'safe room closed' });
    this.#queue.close(left);
    const connections = [...this.#idle, ...this.#running.keys(), this.#writer];
    for (const connection of connections) connection.interrupt();
    await Promise.all(this.#running.values());
    await this.#flushing.catch(() => undefined);
    for (const connection of connections) connection.closeSync();
    this.#instance.closeSync();
  }

  /** Waits until all pages that came are masked. @throws if one is not */
  async #settle(): Promise<void> {
    this.#queue.hurry();
    this.#dispatch();
    while (this.#running.size > 0) await Promise.all(this.#running.values());
    this.#queue.assertSound();
  }

  #dispatch(): void {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      const batch = this.#isClosed ? null : this.#queue.take();
      if (batch === null) {
        this.#idle.push(connection);
        return;
      }
      this.#start(connection, batch);
    }
  }

  #start(connection: DuckDBConnection, batch: readonly WaitingPage[]): void {
    const running = this.#run(connection, batch).then(() => {
      this.#running.delete(connection);
      this.#idle.push(connection);
      this.#dispatch();
    });
    this.#running.set(connection, running);
  }

  async #run(connection: DuckDBConnection, batch: readonly WaitingPage[]): Promise<void> {
    const index = batch[0]?.segment ?? 0;
    try {
      const segment = await this.#segment(index);
      const rows = await this.#insert(connection, segment, batch);
      segment.pages += batch.length;
      segment.batches?.push(batch.map((page) => page.index));
      if (segment.pages === this.#plan.pagesIn(index)) this.#flush(index);
      for (const [at, { done }] of batch.entries()) done(at === 0 ? rows : 0);
    } catch (error) {
      this.#queue.fail(batch, this.#toFailure(error));
    }
  }

  async #insert(
    connection: DuckDBConnection,
    segment: OpenSegment,
    batch: readonly WaitingPage[],
  ): Promise<number> {
    const { LIST, VARCHAR, listValue } = await import('@duckdb/node-api');
    let statement = segment.insert.get(connection);
    if (statement === undefined) {
      statement = await connection.prepare(insertInto(segment.index, this.#options.policy));
      segment.insert.set(connection, statement);
    }
    const pages = listValue(batch.map(({ text }) => text));
    statement.bind({ ...this.#values, pages }, { pages: LIST(VARCHAR) });
    return (await statement.run()).rowsChanged;
  }

  #segment(index: number): Promise<OpenSegment> {
    let segment = this.#segments.get(index);
    if (segment === undefined) {
      segment = this.#createSegment(index);
      this.#segments.set(index, segment);
    }
    return segment;
  }

  async #createSegment(index: number): Promise<OpenSegment> {
    await this.#writer.run(createTable(index, this.#options.policy));
    return { index, insert: new Map(), pages: 0, batches: [] };
  }

  /** Writes a segment and forgets its rows; one segment at a time, in the order asked. */
  #flush(index: number): void {
    const segment = this.#segments.get(index);
    if (segment === undefined || this.#isClosed) return;
    this.#segments.delete(index);
    this.#flushing = this.#flushing.then(async () => {
      const { insert, batches } = await segment;
      for (const statement of insert.values()) statement.destroySync();
      await this.#writeSegment(index, batches);
    });
    this.#flushing.catch(() => undefined); // `finish` is told
  }

  async #writeSegment(index: number, batches: OpenSegment['batches']): Promise<void> {
    const path = this.#pathOf(index, 'segment');
    const custody = await this.#prove(index);
    await this.#writer.run(copyTable(index, path, custody.rows > SEGMENT_ROWS ? null : batches));
    await this.#writer.run(`drop table ${tableName(index)}`);
    this.#flushed.push(this.#describe(index, path, custody));
  }

  #pathOf(index: number, kind: 'segment' | 'open'): string {
    const { policy, stagingDir } = this.#options;
    return join(stagingDir, `${policy.dataset}.${kind}-${String(index).padStart(6, '0')}.parquet`);
  }

  #describe(index: number, path: string, custody: Custody): MaskedSegment {
    const [part, firstPage] = [this.#plan.partOf(index), this.#plan.firstPageOf(index)];
    return { dataset: this.#options.policy.dataset, part, path, firstPage, custody } as MaskedSegment;
  }

  async #prove(index: number): Promise<Custody> {
    const names = this.#options.policy.columns.map(({ landing }) => landing.name);
    const [row] = await readRows(this.#writer, custodyQuery(names, tableName(index)));
    return readCustody(names, row);
  }

  async #failing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#toFailure(error);
    }
  }

  #toFailure(error: unknown): LakeveilError {
    const { policy, memoryLimitMb } = this.#options;
    const place = { path: STAGING_FOLDER, memoryLimitMb };
    return toFailure(error, place, (kind) => toMaskFailure(error, policy, kind));
  }
}
