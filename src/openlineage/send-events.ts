import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import pLimit from 'p-limit';
import type { LineageSettings } from '../base/config/lineage-settings.js';
import type { Effects, Log } from '../base/effects.js';
import { systemCode } from '../base/errors.js';
import { makeFolder } from '../base/files/durable.js';
import type { RunEvent } from './event.js';

/** How long a process waits for an endpoint, over all its runs. */
const PATIENCE_MS = 1000;
const MOST_IN_FLIGHT = 8;
/** How long a line without an end may be one that another process is writing: 25 times 20 ms. */
const [MOST_WAITS, WAIT_MS] = [25, 20];
/** Of an answer, which is read to keep the connection. */
const MAX_ANSWER_BYTES = 65_536;

export interface SenderOptions {
  readonly settings: Pick<LineageSettings, 'endpoint' | 'apiKey' | 'file'>;
  readonly effects: Pick<Effects, 'fetch' | 'sleep'> & { readonly log: Pick<Log, 'warn'> };
  /** In milliseconds; by default one second. */
  readonly patienceMs?: number;
}

/** Writes events into the file, and posts them meanwhile. What cannot be written or sent is logged, and is no error. */
export class EventSender {
  readonly #options: SenderOptions;
  readonly #limit = pLimit(MOST_IN_FLIGHT);
  readonly #giveUp = new AbortController();
  /** The last post of each run: its events arrive in their order. */
  readonly #posts = new Map<string, Promise<void>>();
  #patienceMs: number;
  #unsent = 0;
  #why = '';

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  /** Appends events to the file and begins to post them. */
  async send(events: readonly RunEvent[]): Promise<void> {
    const { endpoint, file } = this.#options.settings;
    if (endpoint !== null) for (const event of events) this.#queue(event, endpoint);
    if (file !== null) await this.#append(file, events);
  }

  /** Waits for the posts for as long as is left of the patience; then gives up those, and all that would follow. */
  async settle(): Promise<void> {
    const { effects } = this.#options;
    const posted = Promise.all(this.#posts.values());
    if (this.#posts.size > 0 && !this.#giveUp.signal.aborted) {
      const since = performance.now();
      const over = new AbortController();
      await Promise.race([posted, effects.sleep(this.#patienceMs, over.signal).catch(() => undefined)]);
      over.abort();
      this.#patienceMs = Math.max(0, this.#patienceMs - (performance.now() - since));
      if (this.#posts.size > 0) this.#giveUp.abort();
    }
    await posted;
    if (this.#unsent > 0) effects.log.warn('lineage_not_sent', { events: this.#unsent, why: this.#why });
    this.#unsent = 0;
  }

  #queue(event: RunEvent, endpoint: URL): void {
    const { runId } = event.run;
    const before = this.#posts.get(runId) ?? Promise.resolve();
    const post = before
      .then(() => this.#limit(() => this.#post(event, endpoint)))
      .catch((error: unknown) => {
        this.#unsent += 1;
        const kind = error instanceof Refused ? `HTTP ${error.status}` : systemCode(error);
        this.#why = this.#giveUp.signal.aborted ? 'no answer in time' : kind;
      })
      .finally(() => {
        if (this.#posts.get(runId) === post) this.#posts.delete(runId);
      });
    this.#posts.set(runId, post);
  }

  async #post(event: RunEvent, endpoint: URL): Promise<void> {
    const { settings, effects } = this.#options;
    const { signal } = this.#giveUp;
    signal.throwIfAborted();
    const key = settings.apiKey?.reveal();
    const headers = {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
    const body = JSON.stringify(event);
    const answer = await effects.fetch(endpoint, { method: 'POST', headers, body, signal });
    let bytes = 0;
    for await (const chunk of answer.body) {
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES) break;
    }
    if (answer.status < 200 || answer.status > 299) throw new Refused(answer.status);
  }

  async #append(file: string, events: readonly RunEvent[]): Promise<void> {
    const { effects } = this.#options;
    try {
      await appendLines(
        file,
        events.map((event) => JSON.stringify(event)),
        () => effects.sleep(WAIT_MS, new AbortController().signal),
      );
    } catch (error) {
      effects.log.warn('lineage_not_written', {
        events: events.length,
        why: systemCode(error),
      });
    }
  }
}

class Refused extends Error {
  readonly status: number;

  constructor(status: number) {
    super('the endpoint refuses an event');
    this.status = status;
  }
}

/**
 * Appends lines to a file (mode 0600), all by one write: the kernel places it behind what other processes have appended.
 * A line that a full disk or a kill cut short is closed first, so that it spoils no other.
 */
async function appendLines(
  path: string,
  lines: readonly string[],
  sleep: () => Promise<void>,
): Promise<void> {
  await makeFolder(dirname(path));
  const file = await open(path, 'a+', 0o600);
  try {
    const start = (await isCutShort(file, sleep)) ? '\n' : '';
    const content = Buffer.from(start + lines.map((line) => `${line}\n`).join(''));
    const { bytesWritten } = await file.write(content);
    if (bytesWritten < content.length) await file.write(content, bytesWritten);
  } finally {
    await file.close();
  }
}

/** Whether the file ends within a line that no process is still writing: it does not grow while this one waits. */
async function isCutShort(file: FileHandle, sleep: () => Promise<void>): Promise<boolean> {
  let size = -1;
  for (let waits = 0; waits < MOST_WAITS; waits++) {
    const { size: now } = await file.stat();
    if (now === 0 || (await readByte(file, now - 1)) === '\n') return false;
    if (now !== size) waits = 0;
    size = now;
    await sleep();
  }
  return true;
}

async function readByte(file: FileHandle, position: number): Promise<string> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
  return buffer.toString('latin1');
}
