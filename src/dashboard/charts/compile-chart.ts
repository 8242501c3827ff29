import { createHash } from 'node:crypto';
import type { TopLevelSpec } from 'vega-lite';
import { html, type Markup, trusted } from '../markup.js';

/** A chart as it is meant; widths are of the whole picture, in pixels. */
export interface Drawing {
  readonly spec: TopLevelSpec;
  readonly width: number;
  readonly height: number;
}

/** Room for a page on a desk, and for one in a hand. */
export const WIDTHS = { wide: 536, narrow: 300 } as const;
export type Size = keyof typeof WIDTHS;

/** Nothing is ever loaded: all that a chart shows stands in its spec. */
const REFUSING_LOADER = {
  load: refuse,
  sanitize: refuse,
  http: refuse,
  file: refuse,
};

/**
 * Compiles a Vega-Lite spec to SVG, without a browser and without any load. Same spec, same bytes.
 * @param label what a screen reader says in its place; the table beside it has the numbers
 */
export async function compileChart(drawing: Drawing, label: string, size: Size): Promise<Markup> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const { spec } = compile(drawing.spec, { logger: vega.logger(vega.Error) });
  const view = new vega.View(vega.parse(spec), {
    renderer: 'none',
    loader: REFUSING_LOADER,
    logLevel: vega.Error,
  });
  try {
    return frame(await view.toSVG(), drawing, label, size);
  } finally {
    view.finalize();
  }
}

/** Our own root element: sizes come from the style sheet, and the picture has one name instead of many roles. */
function frame(svg: string, { width, height }: Drawing, label: string, size: Size): Markup {
  const body = svg.replace(/^[^>]*>/, '').replace(/<\/svg>\s*$/, '');
  const bare = nameIds(body.replace(/ (?:role|aria-[a-z]+)="[^"]*"/g, ''));
  return html`<svg
    class="chart chart-${size}"
    role="img"
    aria-label="${label}"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
  >
    ${trusted(bare)}
  </svg>`;
}

/** Vega counts the ids of a process; here they follow from the picture, so that two of a page are never mixed up. */
function nameIds(body: string): string {
  const ids = [...new Set(body.match(/\bclip\d+\b/g))];
  const counted = body.replace(/\bclip\d+\b/g, (id) => `clip-${ids.indexOf(id)}`);
  const hash = createHash('sha256').update(counted).digest('hex').slice(0, 12);
  return counted.replace(/\bclip-(\d+)\b/g, `c${hash}-$1`);
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('a chart loads nothing'));
}
