import type { Config, TopLevelSpec } from 'vega-lite';
import { type Size, WIDTHS } from './compile-chart.js';

/** What all charts share. Colours are the page's own variables, so that they follow light, dark and print. */
export const INK = 'var(--ink)';
export const QUIET = 'var(--quiet)';
export const LINE = 'var(--line)';
export const DATA = 'var(--data)';
export const ALERT = 'var(--alert)';

export const FONT_SIZE = 13;
/** Of letters of the wider system fonts (DejaVu Sans, Segoe UI) at that size, in pixels. */
const LETTER_WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/^[ilj.,:;'|!()[\]I/\\ ]/, 5],
  [/^[mwMW@%…]/, 13],
  [/^[A-Z0-9_]/, 9],
  [/^[\u0020-\u024f]/, 8],
];
/** Of any other script's. */
const WIDEST_LETTER = 13;

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

/** The upright axis has its name above it, to be read without turning one's head. */
export const ABOVE = {
  titleAngle: 0,
  titleAlign: 'left',
  titleAnchor: 'end',
  titleX: -54,
  titleY: -14,
} as const;

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
  if (measure(text) <= width) return text;
  let [kept, used] = ['', measure('…')];
  for (const letter of split(text)) {
    used += measureLetter(letter);
    if (used > width) break;
    kept += letter;
  }
  return `${kept.trimEnd()}…`;
}

/** At most so many pixels; an estimate, since what the reader's font is nobody knows here. */
export function measure(text: string): number {
  return split(text).reduce((sum, letter) => sum + measureLetter(letter), 0);
}

function measureLetter(letter: string): number {
  return LETTER_WIDTHS.find(([form]) => form.test(letter))?.[1] ?? WIDEST_LETTER;
}

const SEGMENTER = new Intl.Segmenter('en');

function split(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}
