import { HIDDEN, isHidden } from '../../base/text/blanked.js';
import { countOf } from '../../base/text/numbers.js';
import type { Hint, ReportModel, ReportTable } from '../data/models.js';
import { formatCell, formatReportCell, nameColumn, toNumber } from '../figures.js';
import { html, type Markup } from '../markup.js';
import { drawBars } from './bar.js';
import { DATA, layOut, LINE } from './chart-style.js';
import { compileChart, type Drawing, type Size } from './compile-chart.js';
import { drawLines, type LinePoint, MAX_LINES } from './line.js';
import { drawPoints } from './points.js';

const MAX_BARS = 25;
const MAX_POINTS = 2_000;
/** Maximum points per line. */
const MAX_STEPS = 500;

type Draw = (size: Size) => Drawing;

/**
 * Draws a report by its chart hint, at two widths of which the style sheet shows one; null if there is no hint or no
 * data. Hidden rows are not drawn. The column names of the hint were validated against the result.
 */
export async function drawReport({ title, chart, result }: ReportModel): Promise<Markup | null> {
  if (chart === null || 'code' in result || result.rows.length === 0) return null;
  if (chart.kind === 'number') return drawNumber(chart, result, title);
  const shown = result.rows.slice(0, result.total - (result.blanked?.rows ?? 0));
  if (shown.length === 0) return null;
  const { draw, note } = plan(chart, { ...result, rows: shown });
  return html`<div class="figure">
    ${await drawBoth(draw, title)} ${note && html`<p class="note">${note}</p>`}
  </div>`;
}

/** Compiles a chart for desktop and mobile widths. */
export async function drawBoth(draw: Draw, label: string): Promise<readonly Markup[]> {
  return Promise.all([
    compileChart(draw('wide'), label, 'wide'),
    compileChart(draw('narrow'), label, 'narrow'),
  ]);
}

async function drawNumber({ y }: Hint, table: ReportTable, title: string): Promise<Markup> {
  const cell = table.rows[0]?.[indexOf(table, y)] ?? null;
  const value = toNumber(cell);
  const isPercent = /(^|_)percent(_|$)/.test(y);
  const shown =
    cell === null
      ? isHidden(table.blanked, y, 0, table.total)
        ? HIDDEN
        : 'no value'
      : `${formatReportCell(cell, { name: y, isNumber: true })}${isPercent ? ' %' : ''}`;
  return html`<div class="figure">
    <p class="number">${shown}</p>
    <p class="note">${nameColumn(y)}</p>
    ${isPercent && value !== null && (await drawBoth((size) => drawShare(value, size), `${title}: ${shown}`))}
  </div>`;
}

function plan(hint: Hint, table: ReportTable): { draw: Draw; note: string | null } {
  switch (hint.kind) {
    case 'line':
      return planLine(hint, table);
    case 'points':
      return planPoints(hint, table);
    case 'bar':
    case 'number':
      return planBars(hint, table);
  }
}

function planBars({ x = '', y }: Hint, table: ReportTable) {
  const [label, value] = [indexOf(table, x), indexOf(table, y)];
  const bars = table.rows.slice(0, MAX_BARS).map((row) => ({
    label: formatReportCell(row[label] ?? null, table.columns[label]),
    value: toNumber(row[value]) ?? 0,
    text: formatReportCell(row[value] ?? null, { name: y, isNumber: true }),
  }));
  return { draw: (size: Size) => drawBars(bars, size), note: describeRest(table.total - bars.length) };
}

function planLine({ x = '', y, by }: Hint, table: ReportTable) {
  const [place, value] = [indexOf(table, x), indexOf(table, y)];
  const series = by === null || by === undefined ? null : indexOf(table, by);
  const nameOf = (row: ReportTable['rows'][number]): string =>
    series === null ? '' : formatCell(row[series] ?? null, false);
  const drawn = new Set([...new Set(table.rows.map(nameOf))].slice(0, MAX_LINES));
  const isNumber = table.columns[place]?.isNumber === true;
  const points = table.rows.flatMap((row) => {
    const [at, number] = [row[place] ?? null, toNumber(row[value])];
    if (at === null || number === null || !drawn.has(nameOf(row))) return [];
    return [{ x: isNumber ? Number(at) : String(at), y: number, series: nameOf(row) }];
  });
  const isDate = points.every((point) => /^\d{4}-\d{2}-\d{2}$/.test(String(point.x)));
  const scale = isNumber ? 'number' : isDate ? 'date' : 'name';
  const step = Math.ceil(points.length / drawn.size / MAX_STEPS);
  const input = {
    scale,
    xTitle: nameColumn(x),
    yTitle: nameColumn(y),
    points: step > 1 ? thin(points, step) : points,
  } as const;
  const note = [describeStep(step), describeRest(table.total - points.length)].filter(
    (each) => each !== null,
  );
  return { draw: (size: Size) => drawLines(input, size), note: note.length === 0 ? null : note.join('; ') };
}

/** Keeps every nth point of a line and its last; more points than pixels are not visible. */
function thin(points: readonly LinePoint[], step: number): readonly LinePoint[] {
  return [...new Set(points.map(({ series }) => series))].flatMap((name) => {
    const line = points.filter(({ series }) => series === name);
    return line.filter((_, index) => index % step === 0 || index === line.length - 1);
  });
}

function describeStep(step: number): string | null {
  return step > 1 ? `Showing 1 of every ${step} points` : null;
}

function planPoints({ x = '', y, size: sizeColumn }: Hint, table: ReportTable) {
  const [across, up] = [indexOf(table, x), indexOf(table, y)];
  const size = sizeColumn === null || sizeColumn === undefined ? null : indexOf(table, sizeColumn);
  const points = table.rows.slice(0, MAX_POINTS).flatMap((row) => {
    const [left, top] = [toNumber(row[across]), toNumber(row[up])];
    if (left === null || top === null) return [];
    return [{ x: left, y: top, size: size === null ? null : toNumber(row[size]) }];
  });
  const input = { points, xTitle: nameColumn(x), yTitle: nameColumn(y) };
  return { draw: (at: Size) => drawPoints(input, at), note: describeRest(table.total - points.length) };
}

function indexOf({ columns }: ReportTable, name: string): number {
  return columns.findIndex((column) => column.name === name);
}

function describeRest(rest: number): string | null {
  return rest > 0 ? `${countOf(rest, 'more row')} in the table below` : null;
}

/** A percentage as a bar. */
function drawShare(percent: number, size: Size): Drawing {
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
