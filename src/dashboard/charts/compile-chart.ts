import { createHash } from 'node:crypto';
import type { TopLevelSpec } from 'vega-lite';
import { html, type Markup, trusted } from '../markup.js';

/** A chart specification, with the size of the whole picture in pixels. */
export interface Drawing {
  readonly spec: TopLevelSpec;
  readonly width: number;
  readonly height: number;
}

/** Picture widths for desktop and mobile screens. */
export const WIDTHS = { wide: 536, narrow: 300 } as const;
export type Size = keyof typeof WIDTHS;

/** A loader that rejects every request: a chart contains all its data. */
const BLOCKED_LOADER = {
  load: rejectLoad,
  sanitize: rejectLoad,
  http: rejectLoad,
  file: rejectLoad,
};

/**
 * Compiles a Vega-Lite spec to SVG, without a browser and without loading anything. The same spec gives the same bytes.
 * @param label the accessible name; the table next to the chart has the numbers
 */
export async function compileChart(drawing: Drawing, label: string, size: Size): Promise<Markup> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const { spec } = compile(drawing.spec, { logger: vega.logger(vega.Error) });
  const view = new vega.View(vega.parse(spec), {
    renderer: 'none',
    loader: BLOCKED_LOADER,
    logLevel: vega.Error,
  });
  try {
    return frame(await view.toSVG(), drawing, label, size);
  } finally {
    view.finalize();
  }
}

/** Replaces the root element: the style sheet sets the size, and the picture has one accessible name. */
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

/** Vega numbers ids per process. These are derived from the picture, so that ids on one page never collide. */
function nameIds(body: string): string {
  const ids = [...new Set(body.match(/\bclip\d+\b/g))];
  const counted = body.replace(/\bclip\d+\b/g, (id) => `clip-${ids.indexOf(id)}`);
  const hash = createHash('sha256').update(counted).digest('hex').slice(0, 12);
  return counted.replace(/\bclip-(\d+)\b/g, `c${hash}-$1`);
}

function rejectLoad(): Promise<never> {
  return Promise.reject(new Error('charts cannot load resources'));
}
