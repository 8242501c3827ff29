/** One landing that is due: a date of a pipeline, or an hour of it. */
export interface Landing {
  readonly pipeline: string;
  readonly date: string;
  readonly slot: string | null;
}

/** Faults that can happen to a landing. */
export const EVENTS = ['none', 'drift', 'late', 'early', 'kill', 'full_disk'] as const;
export type Event = (typeof EVENTS)[number];

/** Probability of each event except `none`; source faults happen in all cases. */
const CHANCES: Readonly<Record<Exclude<Event, 'none'>, number>> = {
  drift: 0.12,
  late: 0.1,
  early: 0.1,
  kill: 0.04,
  full_disk: 0.02,
};

/** The landed hour of a date for hourly pipelines: that of the evening. */
export const HOURS: readonly string[] = ['23'];

/** Draws the event of a landing. @param random uniform in [0, 1) */
export function drawEvent(random: () => number): Event {
  let rest = random();
  for (const event of EVENTS) {
    if (event === 'none') continue;
    rest -= CHANCES[event];
    if (rest < 0) return event;
  }
  return 'none';
}

/** `count` consecutive dates from `first`, each `YYYY-MM-DD`. */
export function listDays(first: string, count: number): string[] {
  const startMs = Date.parse(`${first}T00:00:00Z`);
  return Array.from({ length: count }, (_, day) =>
    new Date(startMs + day * 86_400_000).toISOString().slice(0, 10),
  );
}

export function nameLanding({ pipeline, date, slot }: Landing): string {
  return `${pipeline} ${date}${slot === null ? '' : `T${slot}`}`;
}
