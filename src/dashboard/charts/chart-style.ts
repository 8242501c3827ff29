import type { Config, TopLevelSpec } from 'vega-lite';
import { WIDTHS, type Size } from './compile-chart.js';

/** What all charts share. Colours are the page's own variables, so that they follow light, dark and print. */
export const INK = 'var(--ink)';
export const QUIET = 'var(--quiet)';
export const LINE = 'var(--line)';
export const DATA = 'var(--data)';
export const ALERT = 'var(--alert)';

export const FONT_SIZE = 13;
/** Of an average letter of a system font at that size, in pixels. */
const LETTER_WIDTH = 7;

export const CONFIG: Config = {
  aria: false,
  background: 'transparent',
  font: 'inherit',
  view: { stroke: null },
  axis: {
    domainColor: LINE,
    gridColor: LINE,
    tickColor: LINE,
    labelColor: QUIET,
    titleColor: QUIET,
    labelFontSize: FONT_SIZE - 1,
    titleFontSize: FONT_SIZE - 1,
    titleFontWeight: 'normal',
    labelFont: 'inherit',
    titleFont: 'inherit',
    labelPadding: 6,
    ticks: false,
  },
};

/** What every specification begins with, and the size of the whole picture in pixels. */
export interface Layout {
  readonly picture: { readonly width: number; readonly height: number };
  readonly base: Pick<TopLevelSpec, '$schema' | 'config' | 'padding'> & {
    readonly width: number;
    readonly height: number;
    readonly autosize: { readonly type: 'none' };
  };
}

/** A picture of an exact size: the plot, and the room around it. */
export function layOut(size: Size, plotHeight: number, room: Room): Layout {
  const width = WIDTHS[size];
  return {
    picture: { width, height: plotHeight + room.top + room.bottom },
    base: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      width: width - room.left - room.right,
      height: plotHeight,
      padding: room,
      autosize: { type: 'none' },
      config: CONFIG,
    },
  };
}

export interface Room {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The text, or as much of it as fits into so many pixels. */
export function shorten(text: string, width: number): string {
  const graphemes = split(text);
  const fitting = Math.max(3, Math.floor(width / LETTER_WIDTH));
  return graphemes.length <= fitting ? text : `${graphemes.slice(0, fitting - 1).join('')}…`;
}

export function measure(text: string): number {
  return split(text).length * LETTER_WIDTH;
}

const SEGMENTER = new Intl.Segmenter('en');

function split(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}
