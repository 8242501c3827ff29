import { DATA, layOut, LINE } from './chart-style.js';
import type { Drawing, Size } from './compile-chart.js';

/** One share of a hundred, as a bar on the whole. */
export function drawShare(percent: number, size: Size): Drawing {
  const { base, picture } = layOut(size, 14, { left: 0, right: 0, top: 2, bottom: 2 });
  const scale = { domain: [0, 100], nice: false };
  const x = { field: 'value', type: 'quantitative' as const, axis: null, scale };
  const bar = { type: 'bar' as const, height: 12, cornerRadius: 2 };
  return {
    ...picture,
    spec: {
      ...base,
      layer: [
        { data: { values: [{ value: 100 }] }, mark: { ...bar, color: LINE }, encoding: { x } },
        {
          data: { values: [{ value: Math.min(100, Math.max(0, percent)) }] },
          mark: { ...bar, color: DATA },
          encoding: { x },
        },
      ],
    },
  };
}
