import { DATA, FONT_SIZE, INK, layOut, measure, QUIET, shorten } from './chart-style.js';
import type { Drawing, Size } from './compile-chart.js';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The formatted value at the end of the bar. */
  readonly text: string;
}

const STEP = 30;
const MAX_LABEL = { wide: 200, narrow: 120 } as const;

/** Horizontal bars in row order, with the name before and the value after each bar. */
export function drawBars(bars: readonly Bar[], size: Size): Drawing {
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(measure));
  const labelWidth = Math.min(MAX_LABEL[size], widest(bars.map(({ label }) => label)) + 4);
  const margin = {
    left: labelWidth + 12,
    right: widest(bars.map(({ text }) => text)) + 12,
    top: 2,
    bottom: 2,
  };
  const { base, picture } = layOut(size, bars.length * STEP, margin);
  const values = bars.map(({ label, value, text }, row) => ({
    row,
    value,
    text,
    end: Math.max(0, value),
    label: shorten(label, labelWidth),
  }));
  const y = { field: 'row', type: 'ordinal' as const, axis: null };
  const name = { x: { value: 0 }, y, text: { field: 'label', type: 'nominal' as const } };
  return {
    ...picture,
    spec: {
      ...base,
      data: { values },
      layer: [
        {
          mark: { type: 'bar', color: DATA, height: 16, cornerRadiusEnd: 2 },
          encoding: { y, x: { field: 'value', type: 'quantitative', axis: null, scale: { nice: false } } },
        },
        {
          mark: { type: 'text', align: 'right', dx: -10, fontSize: FONT_SIZE, color: INK, font: 'inherit' },
          encoding: name,
        },
        {
          mark: { type: 'text', align: 'left', dx: 8, fontSize: FONT_SIZE, color: QUIET, font: 'inherit' },
          encoding: {
            y,
            x: { field: 'end', type: 'quantitative', axis: null },
            text: { field: 'text', type: 'nominal' },
          },
        },
      ],
    },
  };
}
