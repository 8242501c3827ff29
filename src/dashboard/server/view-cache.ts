import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A rendered response, ready to be sent any number of times. */
export interface Rendered {
  readonly status: 200 | 404;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The body, compressed with gzip. */
  readonly packed: Uint8Array<ArrayBuffer>;
}

const pack = promisify(gzip);

/** Compresses once, not per response: views are mostly SVG text, and sending them dominates the cost of a response. */
export async function prepare(
  status: Rendered['status'],
  text: string,
  headers: Rendered['headers'],
): Promise<Rendered> {
  const body = new TextEncoder().encode(text);
  return { status, headers, body, packed: new Uint8Array(await pack(body)) };
}

/** A response larger than this share of the cache is not kept, because it would evict all others. */
const LARGEST_SHARE = 0.25;

/**
 * Responses of one version of the lake. Concurrent requests for one key render it once. Entries are dropped when the
 * version changes, or when newer entries need the space, so memory use stays flat.
 */
export class ViewCache {
  readonly #maxBytes: number;
  readonly #views = new Map<string, Rendered>();
  readonly #rendering = new Map<string, Promise<Rendered>>();
  #version = '';
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes in the cache. */
  get bytes(): number {
    return this.#bytes;
  }

  async get(version: string, key: string, render: () => Promise<Rendered>): Promise<Rendered> {
    if (version !== this.#version) this.#reset(version);
    const known = this.#views.get(key);
    if (known !== undefined) {
      this.#views.delete(key);
      this.#views.set(key, known);
      return known;
    }
    return this.#rendering.get(key) ?? this.#render(version, key, render);
  }

  #render(version: string, key: string, render: () => Promise<Rendered>): Promise<Rendered> {
    const rendering = render()
      .then((view) => {
        if (version === this.#version) this.#keep(key, view);
        return view;
      })
      .finally(() => {
        if (this.#rendering.get(key) === rendering) this.#rendering.delete(key);
      });
    this.#rendering.set(key, rendering);
    return rendering;
  }

  #reset(version: string): void {
    this.#version = version;
    this.#views.clear();
    this.#rendering.clear();
    this.#bytes = 0;
  }

  #keep(key: string, view: Rendered): void {
    if (sizeOf(view) > LARGEST_SHARE * this.#maxBytes) return;
    this.#views.set(key, view);
    this.#bytes += sizeOf(view);
    for (const [oldest, held] of this.#views) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#views.delete(oldest);
      this.#bytes -= sizeOf(held);
    }
  }
}

function sizeOf({ body, packed }: Rendered): number {
  return body.byteLength + packed.byteLength;
}
