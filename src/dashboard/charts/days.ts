import type { DayCount } from '../data/models.js';
import { ALERT, DATA, layOut, LINE } from './chart-style.js';
import type { Drawing, Size } from './compile-chart.js';

/** Landed rows by date as vertical bars, with rejected rows on top; a date without data is a short grey line. */
export function drawDays(days: readonly DayCount[], size: Size): Drawing {
  const { base, picture } = layOut(size, size === 'wide' ? 72 : 56, { left: 0, right: 0, top: 4, bottom: 2 });
  const rows = days.flatMap(({ date, landed, rejected }, day) => [
    { day, date, kind: 0, count: landed ?? 0 },
    { day, date, kind: 1, count: rejected },
  ]);
  const missing = days.flatMap(({ landed }, day) => (landed === null ? [{ day }] : []));
  const x = {
    field: 'day',
    type: 'ordinal' as const,
    axis: null,
    scale: { domain: days.map((_, day) => day) },
  };
  return {
    ...picture,
    spec: {
      ...base,
      layer: [
        {
          data: { values: rows },
          mark: { type: 'bar', cornerRadiusEnd: 1 },
          encoding: {
            x,
            y: { field: 'count', type: 'quantitative', axis: null, stack: 'zero' },
            color: {
              field: 'kind',
              type: 'nominal',
              legend: null,
              scale: { domain: [0, 1], range: [DATA, ALERT] },
            },
            order: { field: 'kind', type: 'quantitative' },
          },
        },
        {
          data: { values: missing },
          mark: { type: 'tick', color: LINE, thickness: 2 },
          encoding: { x, y: { value: size === 'wide' ? 71 : 55 } },
        },
      ],
    },
  };
}
