import Table from 'cli-table3';
import type { Measured } from './measure.js';

/** One line of the table that `npm run bench` prints. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  /** Of the process that was measured; null where there are several or none. */
  readonly cpuMs: number | null;
  readonly wallMs: number | null;
  /** '' for a figure without a target, which is always met. */
  readonly target: string;
  readonly isMet: boolean;
}

/** A figure that should not exceed its target. */
export function atMost(name: string, value: number, target: number, unit: string, run?: Measured): Figure {
  return figureOf(name, value, unit, `≤ ${target} ${unit}`, value <= target, run);
}

export function atLeast(name: string, value: number, target: number, unit: string, run?: Measured): Figure {
  return figureOf(name, value, unit, `≥ ${target.toLocaleString('en')} ${unit}`, value >= target, run);
}

/** A figure to know, without a target. */
export function known(name: string, value: number, unit: string, run?: Measured): Figure {
  return figureOf(name, value, unit, '', true, run);
}

function figureOf(
  name: string,
  value: number,
  unit: string,
  target: string,
  isMet: boolean,
  run?: Measured,
): Figure {
  const text = `${value >= 1_000 ? Math.round(value).toLocaleString('en') : value.toFixed(2)} ${unit}`;
  return { name, value: text, cpuMs: run?.cpuMs ?? null, wallMs: run?.wallMs ?? null, target, isMet };
}

export function formatFigures(figures: readonly Figure[]): string {
  const head = ['', 'figure', 'CPU s', 'wall s', 'target', ''];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { name, value, cpuMs, wallMs, target, isMet } of figures) {
    const sign = target === '' ? '' : isMet ? '✓' : '✗';
    table.push([name, value, seconds(cpuMs), seconds(wallMs), target, sign]);
  }
  return table.toString();
}

function seconds(ms: number | null): string {
  return ms === null ? '' : (ms / 1_000).toFixed(2);
}
