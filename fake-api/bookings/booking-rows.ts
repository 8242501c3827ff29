import type { Vocabulary } from '../persons/vocabulary.js';
import { formatDay } from '../server/day.js';
import { createRandom, drawFrom, drawInteger, type Random, spreadByWeight } from '../server/random.js';
import { type BookingEvent, lifeOf } from './booking-lives.js';
import { drawPassengerNumber, makePassenger } from './passengers.js';

/** One row about a booking, in the order in which its fields are written. Numbers are their JSON text already. */
export type BookingRow = readonly Field[];

export interface Field {
  readonly name: string;
  readonly text: string;
  readonly isNumber: boolean;
}

const MOST_PER_HOUR = 10_000;
const HOURS = 24;

const CLASSES = spreadByWeight<{
  readonly name: string;
  /** In cents: `from`, and as much above it at most. */
  readonly from: number;
  readonly above: number;
}>([
  [{ name: 'Economy', from: 3_900, above: 55_000 }, 72],
  [{ name: 'Premium Economy', from: 19_900, above: 70_000 }, 12],
  [{ name: 'Business', from: 69_900, above: 260_000 }, 13],
  [{ name: 'First', from: 219_900, above: 700_000 }, 3],
]);

const PAYMENTS = spreadByWeight([
  ['Credit Card', 46],
  ['Debit Card', 18],
  ['PayPal', 20],
  ['Bank Transfer', 9],
  ['Voucher', 7],
] as const);

const AIRLINES = ['AF', 'BA', 'DL', 'EK', 'IB', 'KL', 'LH', 'LX', 'OS', 'QF', 'SQ', 'UA'];
const QUANTITIES = spreadByWeight([
  [1, 62],
  [2, 25],
  [3, 8],
  [4, 5],
] as const);

/** What a slot says about a booking. Everything but the status follows from the seed and the booking, and stays. */
export function makeBookingRow(seed: string, event: BookingEvent, words: Vocabulary): BookingRow {
  const { bookedHour, number, status } = event;
  const id = nameBooking(bookedHour, number);
  const random = createRandom(`booking:${seed}:${id}`);
  const passenger = makePassenger(seed, drawPassengerNumber(random), words);
  const ticket = drawFrom(random, CLASSES);
  const quantity = drawFrom(random, QUANTITIES);
  const cents = ticket.from + drawInteger(random, ticket.above);
  return [
    text('Booking_ID', id),
    text('Booking_Date', formatDay(Math.floor(bookedHour / HOURS))),
    text('Flight_ID', `${drawFrom(random, AIRLINES)}${String(100 + drawInteger(random, 900))}`),
    text('Flight_Date', formatDay(drawFlightDay(random, bookedHour, number))),
    text('Passenger_ID', passenger.id),
    text('Passenger_Name', passenger.name),
    text('Email', passenger.email),
    text('Gender', passenger.gender),
    text('Country_Code', passenger.countryCode),
    text('Ticket_Class', ticket.name),
    digits('Quantity', String(quantity)),
    digits('Unit_Price', formatCents(cents)),
    text('Payment_Method', drawFrom(random, PAYMENTS)),
    text('Booking_Status', status),
    digits('Revenue', formatCents(quantity * cents)),
  ];
}

function text(name: string, value: string): Field {
  return { name, text: value, isNumber: false };
}

function digits(name: string, value: string): Field {
  return { name, text: value, isNumber: true };
}

/** `B` and eight of 0-9A-Z: no two bookings of any two hours share one. */
function nameBooking(bookedHour: number, number: number): string {
  return `B${(bookedHour * MOST_PER_HOUR + number).toString(36).toUpperCase().padStart(8, '0')}`;
}

const SOONEST_DAYS = 30;
const LATEST_DAYS = 200;

/** The day on which a booking's life lets it fly; for one that only waits or is cancelled, a day further ahead. */
function drawFlightDay(random: Random, bookedHour: number, number: number): number {
  const { flownAfter } = lifeOf(number);
  const later = SOONEST_DAYS + drawInteger(random, LATEST_DAYS - SOONEST_DAYS);
  return Math.floor((bookedHour + (flownAfter ?? later * HOURS)) / HOURS);
}

/** Always two decimals, and never a rounded binary fraction: the amount is whole cents until here. */
function formatCents(cents: number): string {
  return `${String(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, '0')}`;
}
