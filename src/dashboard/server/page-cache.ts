/** What a page was rendered to. */
export interface Rendered {
  readonly status: 200 | 404 | 500;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Rendered pages of one version of the lake. A page is rendered once however many ask for it at the same time, and is
 * dropped when the version changes, or when newer ones need its room: memory stays flat.
 */
export class PageCache {
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
        if (version === this.#version && page.status !== 500) this.#keep(key, page);
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
    this.#pages.set(key, page);
    this.#bytes += page.body.byteLength;
    for (const [oldest, { body }] of this.#pages) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#pages.delete(oldest);
      this.#bytes -= body.byteLength;
    }
  }
}
