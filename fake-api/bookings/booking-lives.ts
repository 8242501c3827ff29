/** A booking as a slot tells of it. Slots are hours, counted since 1970-01-01T00 UTC. */
export interface BookingEvent {
  readonly bookedHour: number;
  /** Counts the bookings of an hour from 0. */
  readonly number: number;
  readonly status: BookingStatus;
}

export type BookingStatus = 'Booked' | 'Checked-in' | 'Flown' | 'Cancelled';

/** What becomes of a booking, in hours after it was made; null if it does not come to that in sight. */
export interface BookingLife {
  readonly checkedInAfter: number | null;
  readonly flownAfter: number | null;
  readonly cancelledAfter: number | null;
}

/**
 * The lives that bookings take in turn: half of them fly, three of twenty are cancelled. Whole days among the hours, so
 * that a source asked once a day meets a booking again as well as one asked each hour.
 */
const LIVES: readonly BookingLife[] = [
  fly(1, 24),
  fly(24, 48),
  stay(),
  cancel(24),
  fly(2, 26),
  fly(24, 72),
  stay(),
  fly(48, 72),
  stay(),
  cancel(1),
  fly(1, 25),
  stay(),
  fly(24, 48),
  stay(),
  fly(48, 96),
  cancel(48),
  fly(3, 27),
  stay(),
  fly(24, 49),
  stay(),
];

function fly(checkedInAfter: number, flownAfter: number): BookingLife {
  return { checkedInAfter, flownAfter, cancelledAfter: null };
}

function cancel(cancelledAfter: number): BookingLife {
  return { checkedInAfter: null, flownAfter: null, cancelledAfter };
}

function stay(): BookingLife {
  return { checkedInAfter: null, flownAfter: null, cancelledAfter: null };
}

const LONGEST_HOURS = 96;

/** How many of the rows of an answer are about new bookings; the others follow from their lives. */
const SHARE_OF_NEW = 0.45;

/** The life of a booking, by its number within its hour. */
export function lifeOf(number: number): BookingLife {
  return LIVES[number % LIVES.length] ?? stay();
}

/** The `count` rows of a slot: first what became of earlier bookings, oldest first, then the new ones. A booking has one row at most. */
export function listEvents(hour: number, count: number): readonly BookingEvent[] {
  const newest = Math.floor(count * SHARE_OF_NEW);
  const events: BookingEvent[] = [];
  for (let lag = LONGEST_HOURS; lag > 0; lag -= 1) addEventsAfter(lag, hour, newest, events);
  const room = count - events.length;
  for (let number = 0; number < room; number += 1)
    events.push({ bookedHour: hour, number, status: 'Booked' });
  return events;
}

function addEventsAfter(lag: number, hour: number, newest: number, events: BookingEvent[]): void {
  for (const [index, life] of LIVES.entries()) {
    const status = statusAfter(life, lag);
    if (status === null) continue;
    for (let number = index; number < newest; number += LIVES.length) {
      events.push({ bookedHour: hour - lag, number, status });
    }
  }
}

function statusAfter(life: BookingLife, lag: number): BookingStatus | null {
  if (life.checkedInAfter === lag) return 'Checked-in';
  if (life.flownAfter === lag) return 'Flown';
  return life.cancelledAfter === lag ? 'Cancelled' : null;
}
