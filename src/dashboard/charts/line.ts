import { isLabelColumn } from '../../base/text/numbers.js';
import { ABOVE, DATA, FONT_SIZE, INK, layOut, measure, shorten } from './chart-style.js';
import type { Drawing, Size } from './compile-chart.js';

export interface LinePoint {
  /** A date, a number or a name, depending on `scale`. */
  readonly x: string | number;
  readonly y: number;
  /** '' if there is only one line. */
  readonly series: string;
}

export interface LineInput {
  readonly points: readonly LinePoint[];
  readonly scale: 'date' | 'number' | 'name';
  readonly xTitle: string;
  readonly yTitle: string;
}

const HEIGHT = { wide: 240, narrow: 180 } as const;
const MAX_NAME = { wide: 140, narrow: 96 } as const;
/** Lines differ by dash pattern and name, not by colour. */
const DASHES = [[], [6, 3], [2, 3], [10, 3, 2, 3], [1, 4], [12, 6]];

export const MAX_LINES = DASHES.length;

/** Lines over dates, numbers or names; if there are several, each is labelled at its end. */
export function drawLines({ points, scale, xTitle, yTitle }: LineInput, size: Size): Drawing {
  const series = [...new Set(points.map((point) => point.series))];
  const names = series.filter((name) => name !== '');
  const margin = {
    left: 60,
    right: Math.min(MAX_NAME[size], Math.max(16, ...names.map((name) => measure(name) + 16))),
    top: 28,
    bottom: 48,
  };
  const { base, picture } = layOut(size, HEIGHT[size], margin);
  const x = { field: 'x', ...scaleOf(scale), axis: axisOf(scale, xTitle, size) };
  const y = {
    field: 'y',
    type: 'quantitative' as const,
    axis: { title: yTitle, tickCount: 4, domain: false, ...ABOVE },
  };
  const last = series.map((name) => points.filter((point) => point.series === name).at(-1));
  const detail = { field: 'series', type: 'nominal' as const, legend: null };
  return {
    ...picture,
    spec: {
      ...base,
      layer: [
        {
          data: { values: [...points] },
          mark: {
            type: 'line',
            color: DATA,
            strokeWidth: 2,
            point: points.length <= 40 && { color: DATA, size: 24 },
          },
          encoding: { x, y, strokeDash: { ...detail, scale: { domain: series, range: DASHES } } },
        },
        {
          data: { values: last.flatMap((point) => nameLine(point, margin.right - 12)) },
          mark: { type: 'text', align: 'left', dx: 8, color: INK, fontSize: FONT_SIZE, font: 'inherit' },
          encoding: { x, y, text: { field: 'name', type: 'nominal' } },
        },
      ],
    },
  };
}

/** Label of a line, shortened to the space beside its end. */
function nameLine(point: LinePoint | undefined, width: number) {
  return point === undefined ? [] : [{ ...point, name: shorten(point.series, width) }];
}

/** Dates are always interpreted in UTC. */
function scaleOf(scale: LineInput['scale']) {
  switch (scale) {
    case 'date':
      return { type: 'temporal' as const, scale: { type: 'utc' as const } };
    case 'number':
      return { type: 'quantitative' as const, scale: { zero: false } };
    case 'name':
      return { type: 'ordinal' as const, sort: null };
  }
}

function axisOf(scale: LineInput['scale'], title: string, size: Size) {
  const count = size === 'wide' ? 7 : 3;
  const shared = { title, grid: false, labelAngle: 0, labelOverlap: true as const };
  const ticks = { ...shared, tickCount: count };
  if (scale === 'date') return { ...ticks, format: '%Y-%m-%d' };
  return scale === 'number' && isLabelColumn(title) ? { ...ticks, format: 'd' } : ticks;
}
