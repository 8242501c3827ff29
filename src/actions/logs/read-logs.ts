import { z } from 'zod';
import { type Config, LOG_LEVELS } from '../../base/config/config.js';
import type { Effects } from '../../base/effects.js';
import { failure, LakeveilError } from '../../base/errors.js';
import { listLogFiles, LOG_NAME, LogTail } from '../../base/files/log-file.js';
import { readFailure } from '../../base/files/durable.js';
import { readSmallFile } from '../../base/files/small-file.js';
import { formatEvent } from '../../base/terminal/log-text.js';
import { paint } from '../../base/terminal/paint.js';
import { scrub } from '../../base/text/scrub.js';

/** One line of the log; other fields are numbers and names of the event. */
const lineSchema = z
  .object({
    time: z.iso.datetime(),
    level: z.enum(LOG_LEVELS),
    event: z.string(),
    run_id: z.string().optional(),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean()]));

type LogLine = z.infer<typeof lineSchema>;

interface LogRequest {
  /** A run id; null for all runs. */
  readonly run: string | null;
  /** The newest lines to show. */
  readonly limit: number;
  readonly level: LogLine['level'];
}

/** What `logs --json` prints. */
interface LogReport {
  /** Oldest first. */
  readonly lines: readonly LogLine[];
}

/**
 * The newest lines of the log that are wanted, oldest first. Lines that are no JSON of the log are left out: a file that is
 * damaged in one place can be read around it.
 * @throws E_UNKNOWN if no line is of the run; E_DISK_READ
 */
export async function readLogs(logDir: string, request: LogRequest): Promise<LogReport> {
  const found: LogLine[][] = [];
  let count = 0;
  for (const path of listFiles(logDir).reverse()) {
    const file = await readSmallFile(path, { followLinks: true }).catch(readFailure(path));
    // Removed in the meantime, or nothing of ours.
    if (file.kind !== 'text') continue;
    const lines = parseLines(file.text.split('\n'), request);
    found.unshift(lines);
    count += lines.length;
    if (count >= request.limit) break;
  }
  if (count === 0 && request.run !== null) {
    const known = `those of \`pipeline runs\` whose lines are still in ${logDir}`;
    throw failure('E_UNKNOWN', { kind: 'run', known });
  }
  return { lines: found.flat().slice(-request.limit) };
}

function listFiles(logDir: string): string[] {
  try {
    return listLogFiles(logDir);
  } catch (error) {
    return readFailure(`${logDir}/${LOG_NAME}`)(error);
  }
}

function parseLines(texts: readonly string[], { run, level }: Pick<LogRequest, 'run' | 'level'>): LogLine[] {
  return texts.flatMap((text) => {
    const line = parseLine(text);
    if (line === null || (run !== null && line.run_id !== run)) return [];
    return LOG_LEVELS.indexOf(line.level) >= LOG_LEVELS.indexOf(level) ? [line] : [];
  });
}

function parseLine(text: string): LogLine | null {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

const LOOK_AGAIN_MS = 500;

/** The lines that are there, and those that follow. */
interface FollowedLogs {
  readonly report: LogReport;
  /**
   * Hands over wanted lines as they are written, until Ctrl-C or the end of the run that was named.
   * @throws E_TERMINATED, E_DISK_READ
   */
  readonly follow: (print: (lines: readonly LogLine[]) => void) => Promise<void>;
}

/** The same as `readLogs`, and what is written from then on. @throws as `readLogs` */
export async function followLogs(
  logDir: string,
  request: LogRequest,
  { sleep, signal }: Pick<Effects, 'sleep' | 'signal'>,
): Promise<FollowedLogs> {
  // Opened first, so that no line is missing in between.
  const tail = await LogTail.open(logDir);
  const report = await readLogs(logDir, request).catch(async (error: unknown) => {
    await tail.close();
    throw error;
  });
  const isWhole = (lines: readonly LogLine[]): boolean => request.run !== null && lines.some(isEnd);
  const follow: FollowedLogs['follow'] = async (print) => {
    let isOver = isWhole(report.lines);
    try {
      while (!isOver && !signal.aborted) {
        const lines = parseLines(await tail.read(), request);
        if (lines.length > 0) print(lines);
        isOver = isWhole(lines);
        if (!isOver) await sleep(LOOK_AGAIN_MS, signal).catch(() => undefined);
      }
    } finally {
      await tail.close();
    }
    const reason: unknown = signal.reason;
    if (!isOver && !(reason instanceof LakeveilError && reason.code === 'E_INTERRUPTED')) throw reason;
  };
  return { report, follow };
}

/** The line that a run writes last. */
function isEnd({ event }: LogLine): boolean {
  return event === 'run_ended' || event === 'run_failed';
}

/** Lines for people; the id of a run stands above its lines. */
export class LogPrinter {
  readonly #config: Pick<Config, 'logDir' | 'terminal'>;
  #run: string | undefined = undefined;

  constructor(config: Pick<Config, 'logDir' | 'terminal'>) {
    this.#config = config;
  }

  format(lines: readonly LogLine[]): string {
    const { color } = this.#config.terminal;
    if (lines.length === 0) return `No lines in ${this.#config.logDir} yet: runs write them.`;
    return lines
      .flatMap((line) => {
        const { time, level, event, run_id: run, ...fields } = line;
        const head =
          run === this.#run || run === undefined ? [] : [paint(`Run ${scrub(run)}`, 'bold', color)];
        this.#run = run;
        const moment = `${time.slice(0, 10)} ${time.slice(11, 19)}`;
        const mark = MARKS[level];
        const word = mark === null ? level : paint(level, mark, color);
        const pad = ' '.repeat(Math.max(0, 'error'.length - level.length));
        return [
          ...head,
          `${paint(moment, 'dim', color)}  ${word}${pad}  ${scrub(formatEvent(event, fields))}`,
        ];
      })
      .join('\n');
  }
}

const MARKS = { debug: 'dim', info: null, warn: 'yellow', error: 'red', silent: null } as const;
