import { SingleBar } from 'cli-progress';
import type { Progress } from '../effects.js';
import { formatCount } from '../text/numbers.js';
import { scrub } from '../text/scrub.js';

const WITH_TOTAL = '{label} {bar} {done} of {all} records, {rate} a second, {eta_formatted} left';
const WITHOUT_TOTAL = '{label} {done} records, {rate} a second';

/** Progress as one line that is redrawn and removed at the end; for a terminal. */
export function createBarProgress(stream: NodeJS.WritableStream, nowMs: () => number): Progress {
  let bar: SingleBar | null = null;
  let total: number | null = null;
  let records = 0;
  let startedAtMs = 0;
  return {
    start(label, expected) {
      bar?.stop();
      [total, records, startedAtMs] = [expected, 0, nowMs()];
      bar = createBar(stream, total === null ? WITHOUT_TOTAL : WITH_TOTAL);
      bar.start(total ?? 0, 0, { label: scrub(label), done: '0', all: formatCount(total ?? 0), rate: '0' });
    },
    advance(more) {
      records += more;
      const elapsedMs = Math.max(1, nowMs() - startedAtMs);
      const rate = formatCount(Math.round((records * 1000) / elapsedMs));
      bar?.update(Math.min(records, total ?? records), { done: formatCount(records), rate });
    },
    stop() {
      bar?.stop();
      bar = null;
    },
  };
}

/** `gracefulExit` is off: the command handles signals and stops the bar itself. */
function createBar(stream: NodeJS.WritableStream, format: string): SingleBar {
  return new SingleBar({
    stream,
    format,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    gracefulExit: false,
    hideCursor: true,
    etaBuffer: 50,
  });
}
