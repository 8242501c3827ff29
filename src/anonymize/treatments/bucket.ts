import { z } from 'zod';
import type { Leaf } from '../../base/types/definition.js';
import { defineTreatment, onlyInput } from '../treatment.js';

/** Beyond these limits, a label would not show its bounds in digits, or a bound would not be exact. */
const MOST = 1_000_000_000;
const MOST_LABELS = 1_000;
const MOST_DECIMALS = 6;

const limit = z.number().min(-MOST).max(MOST);
const params = z.strictObject({
  min: limit.describe('lower end of the first range; what lies below is one value'),
  max: limit.describe('upper end of the last range; what reaches it is one value'),
  width: z.number().positive().max(MOST).describe('of each range; `max` is whole widths above `min`'),
});

/** The range of a number: `<min`, `[a-b]` with the lower bound inside and the upper outside, or `>=max`. */
export const bucket = defineTreatment({
  name: 'bucket',
  isBlind: false,
  keeps: 'never',
  isToken: false,
  neverKey: false,
  params,
  accepts: (type) => type === 'BIGINT' || type === 'DOUBLE' || type.startsWith('DECIMAL'),
  outputType: () => 'VARCHAR',
  objection: ([leaf], given) => {
    const { min, max, width } = given;
    const why = checkRanges(min, max, width);
    if (why !== null) return { kind: 'refuse', why };
    return leaf !== undefined && isWhole(leaf) && width <= 1
      ? { kind: 'review', why: 'a range with a single integer is the value itself' }
      : null;
  },
  sql: (dialect, inputs, given, bind) => {
    const { min, max, width } = given;
    const { sql, leaf } = onlyInput(inputs);
    const number = dialect.cast(dialect.cast(sql, leaf.type), 'double');
    const place = dialect.reached(number, listBounds(min, max, width), width);
    const labels = bind.constant('ranges', listLabels(min, max, width));
    return `case when ${sql} is not null then ${dialect.element(labels, place)} end`;
  },
  shape: (dialect, column, given) => {
    const { min, max, width } = given;
    return dialect.oneOf(column, listLabels(min, max, width).map(dialect.text));
  },
  reveals: () => 'the range',
});

function checkRanges(min: number, max: number, width: number): string | null {
  if ([min, max, width].some((value) => Number(value.toFixed(MOST_DECIMALS)) !== value))
    return `a bound has more than ${MOST_DECIMALS} decimals`;
  if (max <= min) return '`max` is not above `min`';
  const [from, to, step] = [min, max, width].map(toMillionths);
  if ((Number(to) - Number(from)) % Number(step) !== 0) return '`max` is not whole widths above `min`';
  return (max - min) / width + 2 > MOST_LABELS ? `there would be more than ${MOST_LABELS} ranges` : null;
}

/** In whole millionths, where adding widths loses nothing. */
function toMillionths(value: number): number {
  return Math.round(value * 10 ** MOST_DECIMALS);
}

function listBounds(min: number, max: number, width: number): readonly number[] {
  const [from, to, step] = [toMillionths(min), toMillionths(max), toMillionths(width)];
  const count = Math.round((to - from) / step);
  return Array.from({ length: count + 1 }, (_, i) => (from + i * step) / 10 ** MOST_DECIMALS);
}

function listLabels(min: number, max: number, width: number): readonly string[] {
  const bounds = listBounds(min, max, width);
  const ranges = bounds.slice(1).map((upper, i) => `[${bounds[i] ?? min}-${upper}]`);
  return [`<${min}`, ...ranges, `>=${max}`];
}

function isWhole({ type }: Leaf): boolean {
  return type === 'BIGINT' || type === 'DECIMAL(38,0)';
}
