import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { FetchResponse } from '../base/effects.js';
import { failure, LakeveilError } from '../base/errors.js';
import { TransientFailure } from './retry.js';

const CHUNK_BYTES = 65_536;

/**
 * The decoded body, whole. Bytes are counted after decoding while they stream, so that a small answer that unpacks
 * to a large one is given up at `maxBytes` (E_SOURCE_TOO_LARGE). One content-encoding only (gzip, deflate, br):
 * stacked or unknown encodings are rejected. A body that is truncated or does not decode is transient (E_SOURCE_BODY).
 */
export async function readBody(response: FetchResponse, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of decode(response)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw failure('E_SOURCE_TOO_LARGE', { limit_bytes: maxBytes });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

async function* decode(response: FetchResponse): AsyncGenerator<Uint8Array> {
  const encoding = readEncoding(response.headers['content-encoding']);
  try {
    yield* encoding === 'identity' ? response.body : inflate(response.body, encoding);
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    throw new TransientFailure(failure('E_SOURCE_BODY', { kind: 'truncated, or not valid in its encoding' }));
  }
}

type Encoding = 'identity' | 'gzip' | 'deflate' | 'br';

function readEncoding(header: string | readonly string[] | undefined): Encoding {
  const name =
    header === undefined || typeof header === 'string' ? (header ?? '').trim().toLowerCase() : 'stacked';
  switch (name) {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
    case 'br':
      return name;
    default:
      throw failure('E_SOURCE_BODY', { kind: 'its encoding is not one of gzip, deflate, br' });
  }
}

async function* inflate(
  body: AsyncIterable<Uint8Array>,
  encoding: Exclude<Encoding, 'identity'>,
): AsyncGenerator<Uint8Array> {
  const source = body[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done === true) return;
  const decoder = createDecoder(encoding, first.value);
  const rest = { [Symbol.asyncIterator]: () => source };
  const whole = (async function* () {
    yield first.value;
    yield* rest;
  })();
  // Errors reach the reader of `decoder`; the callback only keeps them from being thrown a second time.
  pipeline(Readable.from(whole, { objectMode: false }), decoder, () => undefined);
  yield* decoder as AsyncIterable<Uint8Array>;
}

/** Some servers send raw deflate where RFC 9110, 8.4.1.2 has it in the zlib format, whose two first bytes tell it. */
function createDecoder(encoding: Exclude<Encoding, 'identity'>, start: Uint8Array): Transform {
  const options = { chunkSize: CHUNK_BYTES };
  switch (encoding) {
    case 'br':
      return createBrotliDecompress(options);
    case 'gzip':
      return createGunzip(options);
    case 'deflate':
      return isZlib(start) ? createInflate(options) : createInflateRaw(options);
  }
}

/** RFC 1950, section 2.2: the method is 8, and both bytes together are a multiple of 31. */
function isZlib([method = 0, flags = 0]: Uint8Array): boolean {
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0;
}
