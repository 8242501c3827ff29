import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** What an address gave, ready to be sent as often as it is asked for. */
export interface Rendered {
  readonly status: 200 | 404;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
  /** The same, for the browsers that unpack it: all of them. */
  readonly packed: Uint8Array<ArrayBuffer>;
}

const pack = promisify(gzip);

/** Packed once and not at each answer: a page is mostly pictures as text, and sending it is what answers cost. */
export async function prepare(
  status: Rendered['status'],
  text: string,
  headers: Rendered['headers'],
): Promise<Rendered> {
  const body = new TextEncoder().encode(text);
  return { status, headers, body, packed: new Uint8Array(await pack(body)) };
}

/** What is more than this part of the room is not kept: it would push out all the rest. */
const LARGEST_SHARE = 0.25;

/**
 * What was rendered of one version of the lake. An address is rendered once however many ask for it at the same time,
 * and is dropped when the version changes, or when newer ones need its room: memory stays flat.
 */
export class ViewCache {
  readonly #maxBytes: number;
  readonly #pages = new Map<string, Rendered>();
  readonly #rendering = new Map<string, Promise<Rendered>>();
  #version = '';
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are held now. */
  get bytes(): number {
    return this.#bytes;
  }

  async get(version: string, key: string, render: () => Promise<Rendered>): Promise<Rendered> {
    if (version !== this.#version) this.#startAnew(version);
    const known = this.#pages.get(key);
    if (known !== undefined) {
      this.#pages.delete(key);
      this.#pages.set(key, known);
      return known;
    }
    const begun = this.#rendering.get(key) ?? this.#render(version, key, render);
    return begun;
  }

  #render(version: string, key: string, render: () => Promise<Rendered>): Promise<Rendered> {
    const begun = render()
      .then((page) => {
        if (version === this.#version) this.#keep(key, page);
        return page;
      })
      .finally(() => {
        if (this.#rendering.get(key) === begun) this.#rendering.delete(key);
      });
    this.#rendering.set(key, begun);
    return begun;
  }

  #startAnew(version: string): void {
    this.#version = version;
    this.#pages.clear();
    this.#rendering.clear();
    this.#bytes = 0;
  }

  #keep(key: string, page: Rendered): void {
    if (sizeOf(page) > LARGEST_SHARE * this.#maxBytes) return;
    this.#pages.set(key, page);
    this.#bytes += sizeOf(page);
    for (const [oldest, held] of this.#pages) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#pages.delete(oldest);
      this.#bytes -= sizeOf(held);
    }
  }
}

function sizeOf({ body, packed }: Rendered): number {
  return body.byteLength + packed.byteLength;
}
