import type { Config, TopLevelSpec } from 'vega-lite';
import { type Size, WIDTHS } from './compile-chart.js';

/** Styles shared by all charts. Colours are CSS variables of the page, so that they follow light, dark and print. */
export const INK = 'var(--ink)';
export const QUIET = 'var(--quiet)';
export const LINE = 'var(--line)';
export const DATA = 'var(--data)';
export const ALERT = 'var(--alert)';

export const FONT_SIZE = 13;
/** Letter widths in pixels at that size, for the wider system fonts (DejaVu Sans, Segoe UI). */
const LETTER_WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/^[ilj.,:;'|!()[\]I/\\ ]/, 5],
  [/^[mwMW@%…]/, 13],
  [/^[A-Z0-9_]/, 9],
  [/^[\u0020-\u024f]/, 8],
];
/** Letter width of any other script. */
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

/** Places the title of the y axis above it, written horizontally. */
export const ABOVE = {
  titleAngle: 0,
  titleAlign: 'left',
  titleAnchor: 'end',
  titleX: -54,
  titleY: -14,
} as const;

/** Common part of every specification, and the size of the picture in pixels. */
export interface Layout {
  readonly picture: { readonly width: number; readonly height: number };
  readonly base: Pick<TopLevelSpec, '$schema' | 'config' | 'padding'> & {
    readonly width: number;
    readonly height: number;
    readonly autosize: { readonly type: 'none' };
  };
}

/** Lays out a picture of an exact size: the plot and its margins. */
export function layOut(size: Size, plotHeight: number, margin: Margin): Layout {
  const width = WIDTHS[size];
  return {
    picture: { width, height: plotHeight + margin.top + margin.bottom },
    base: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      width: width - margin.left - margin.right,
      height: plotHeight,
      padding: margin,
      autosize: { type: 'none' },
      config: CONFIG,
    },
  };
}

export interface Margin {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Shortens a text to a width in pixels. */
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

/** Estimated width in pixels; an upper bound, because the font of the browser is not known. */
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
