import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
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
  const decoder = createDecoder(encoding);
  // Errors reach the reader of `decoder`; the callback only keeps them from being thrown a second time.
  pipeline(Readable.from(body, { objectMode: false }), decoder, () => undefined);
  yield* decoder as AsyncIterable<Uint8Array>;
}

function createDecoder(encoding: Exclude<Encoding, 'identity'>): Transform {
  const options = { chunkSize: CHUNK_BYTES };
  switch (encoding) {
    case 'br':
      return createBrotliDecompress(options);
    case 'gzip':
      return createGunzip(options);
    case 'deflate':
      return createInflate(options);
  }
}
