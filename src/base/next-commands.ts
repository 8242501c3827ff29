import { addDays, dateIn, dateOf } from './dates/calendar.js';
import type { Definition } from './types/definition.js';

/** Commands that fix a problem of a pipeline, as a user types them. None of them is refused for its date. */
export interface NextCommands {
  /** Lands a moment, `2026-11-20` or `2026-11-20T13`; null for now. A past date of an hourly pipeline is all its hours. */
  readonly run: (moment: string | null) => string;
  /** Lands what is missing of a range, or with `isStale` what landed under an old policy. */
  readonly backfill: (range: { readonly from: string; readonly to: string }, isStale?: boolean) => string;
  readonly transform: string;
}

type Timed = Pick<Definition, 'pipeline' | 'timezone' | 'datasets'>;

/** The commands of a pipeline at a moment: a snapshot of another date needs `--as-of-now`, an hour its date. Pure. */
export function commandsFor(definition: Timed, now: Date): NextCommands {
  const { pipeline } = definition;
  const all = [...definition.datasets.values()];
  const isHourly = all.some(({ slot }) => slot === 'hour');
  const isSnapshot = all.some(({ time }) => time === 'snapshot');
  const today = dateIn(now, definition.timezone);
  const asOfNow = (...dates: readonly string[]): string =>
    isSnapshot && dates.some((date) => date !== today) ? ' --as-of-now' : '';
  const backfill: NextCommands['backfill'] = ({ from, to }, isStale = false) => {
    // A range does not go on after tomorrow, and nothing is missing after today.
    const last = to > today && from <= today ? today : to;
    const stale = isStale ? ' --stale-policy' : '';
    return `pipeline backfill ${pipeline} --from ${from} --to ${last}${stale}${asOfNow(from, last)}`;
  };
  const run: NextCommands['run'] = (moment) => {
    if (moment === null) return `pipeline run ${pipeline}`;
    const [date = '', hour] = moment.split('T');
    if (isHourly && hour === undefined && date <= dateOf(now)) return backfill({ from: date, to: date });
    const slot = isHourly ? `T${hour ?? '00'}` : '';
    const future = date > addDays(today, 1) ? ' --allow-future' : '';
    return `pipeline run ${pipeline} --date ${date}${slot}${asOfNow(date)}${future}`;
  };
  return { run, backfill, transform: `pipeline transform ${pipeline}` };
}
