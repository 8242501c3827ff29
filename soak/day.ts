/** One landing that an operator owes: a pipeline's date, or an hour of it. */
export interface Landing {
  readonly pipeline: string;
  readonly date: string;
  readonly slot: string | null;
}

/** What befalls a landing. */
export const EVENTS = ['none', 'drift', 'late', 'early', 'kill', 'full_disk'] as const;
export type Event = (typeof EVENTS)[number];

/** Chances of each event but `none`; faults of the source befall all of them. */
const CHANCES: Readonly<Record<Exclude<Event, 'none'>, number>> = {
  drift: 0.12,
  late: 0.1,
  early: 0.1,
  kill: 0.04,
  full_disk: 0.02,
};

/** The hours of a date that are landed, where a pipeline lands by the hour: morning and evening by turns. */
export function listHours(date: string): readonly string[] {
  return [Number(date.slice(-2)) % 2 === 0 ? '06' : '18'];
}

/** Draws what befalls a landing. @param random uniform in [0, 1) */
export function drawEvent(random: () => number): Event {
  let rest = random();
  for (const event of EVENTS) {
    if (event === 'none') continue;
    rest -= CHANCES[event];
    if (rest < 0) return event;
  }
  return 'none';
}

/** `count` dates from `first` on, each `YYYY-MM-DD`. */
export function listDays(first: string, count: number): string[] {
  const startMs = Date.parse(`${first}T00:00:00Z`);
  return Array.from({ length: count }, (_, day) =>
    new Date(startMs + day * 86_400_000).toISOString().slice(0, 10),
  );
}

export function nameLanding({ pipeline, date, slot }: Landing): string {
  return `${pipeline} ${date}${slot === null ? '' : `T${slot}`}`;
}
