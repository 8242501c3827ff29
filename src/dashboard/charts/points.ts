import { isLabelColumn } from '../../base/text/numbers.js';
import { ABOVE, DATA, layOut } from './chart-style.js';
import type { Drawing, Size } from './compile-chart.js';

export interface GridPoint {
  readonly x: number;
  readonly y: number;
  readonly size: number | null;
}

export interface PointsInput {
  readonly points: readonly GridPoint[];
  readonly xTitle: string;
  readonly yTitle: string;
}

const HEIGHT = { wide: 360, narrow: 220 } as const;
/** Areas of the smallest and the largest point; smaller on a narrow picture, to limit overlap. */
const AREAS = { wide: [12, 400], narrow: [8, 140] } as const;

/** Points on a coordinate grid, without a map, because map tiles would have to be fetched. */
export function drawPoints({ points, xTitle, yTitle }: PointsInput, size: Size): Drawing {
  const { base, picture } = layOut(size, HEIGHT[size], { left: 60, right: 16, top: 28, bottom: 48 });
  const axis = (title: string) => ({
    title,
    tickCount: size === 'wide' ? 8 : 4,
    grid: true,
    ...(isLabelColumn(title) ? { format: 'd' } : {}),
  });
  const isSized = points.some((point) => point.size !== null);
  const sized = {
    field: 'size',
    type: 'quantitative' as const,
    legend: null,
    scale: { range: [...AREAS[size]] },
  };
  return {
    ...picture,
    spec: {
      ...base,
      data: { values: [...points] },
      mark: { type: 'circle', color: DATA, opacity: 0.6, size: 36 },
      encoding: {
        x: { field: 'x', type: 'quantitative', axis: axis(xTitle), scale: { zero: false } },
        y: { field: 'y', type: 'quantitative', axis: { ...axis(yTitle), ...ABOVE }, scale: { zero: false } },
        ...(isSized ? { size: sized } : {}),
      },
    },
  };
}
