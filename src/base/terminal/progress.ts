import type { Progress } from '../effects.js';
import { formatCount } from '../text/numbers.js';
import { scrub } from '../text/scrub.js';
import type { TextSink } from './log.js';

const LINE_EVERY_MS = 2_000;
const LINE_AT_LEAST_EVERY_MS = 10_000;

/** Progress that shows nothing, for `--quiet`. */
export const SILENT_PROGRESS: Progress = {
  start: () => undefined,
  advance: () => undefined,
  stop: () => undefined,
};

/**
 * Progress as plain lines, for a log file: a line per tenth, at most every two seconds; at least one line every ten seconds;
 * and one at the end.
 * @param nowMs a clock in milliseconds; only differences count
 */
export function createLineProgress(sink: TextSink, nowMs: () => number): Progress {
  let work: Work | null = null;
  const print = (done: Work, what: string): void => {
    done.printedAtMs = nowMs();
    done.printedAt = done.records;
    sink.write(`${done.label}: ${what}${formatRate(done.records, nowMs() - done.startedAtMs)}\n`);
  };
  return {
    start(label, total) {
      work = {
        label: scrub(label),
        total,
        records: 0,
        startedAtMs: nowMs(),
        printedAtMs: nowMs(),
        printedAt: 0,
      };
    },
    advance(records) {
      if (work === null) return;
      work.records += records;
      if (isDue(work, nowMs())) print(work, describeProgress(work));
    },
    stop() {
      if (work !== null) print(work, `${formatCount(work.records)} records`);
      work = null;
    },
  };
}

interface Work {
  readonly label: string;
  readonly total: number | null;
  readonly startedAtMs: number;
  records: number;
  printedAtMs: number;
  printedAt: number;
}

function isDue(work: Work, nowMs: number): boolean {
  const sinceMs = nowMs - work.printedAtMs;
  if (sinceMs >= LINE_AT_LEAST_EVERY_MS) return true;
  return work.total !== null && work.records - work.printedAt >= work.total / 10 && sinceMs >= LINE_EVERY_MS;
}

function describeProgress(work: Work): string {
  if (work.total === null) return `${formatCount(work.records)} records`;
  const percent = work.total === 0 ? 100 : Math.floor((100 * work.records) / work.total);
  return `${percent} % (${formatCount(work.records)} of ${formatCount(work.total)} records)`;
}

function formatRate(records: number, elapsedMs: number): string {
  return elapsedMs < 1 ? '' : `, ${formatCount(Math.round((records * 1000) / elapsedMs))} a second`;
}
