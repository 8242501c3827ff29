import { describe, expect, it } from 'vitest';
import { startEmbedded } from '../../fake-api/start.js';
import { startCanaryProxy } from '../support/canary-proxy.js';
import { makeShippedProject } from './shipped-project.js';

describe('a shop with an order that its contract refuses', () => {
  it('lands the rest, builds it, and sets the items of that order aside', async () => {
    const own = makeShippedProject(['pipelines/shop.yaml', 'sql/shop']);
    const embedded = await startEmbedded();
    const proxy = await startCanaryProxy(embedded.url, (_, body) => body.replace('"placed"', '"lost"'));
    try {
      const ran = await own.ask('run', 'shop', '--date', '2026-11-18', '--source', proxy.url);
      const { datasets } = ran as { readonly datasets: readonly object[] };
      expect(datasets).toContainEqual(
        expect.objectContaining({
          dataset: 'shop_orders',
          rejects: [expect.objectContaining({ path: 'status' })],
        }),
      );
      const rows = await own.query(
        `select count(distinct order_token) as orders from silver.shop_orphans where kind = 'item without order'`,
      );
      expect(Number(rows[0]?.['orders'])).toBeGreaterThan(0);
    } finally {
      await Promise.all([proxy.close(), embedded.close()]);
      own.remove();
    }
  });
});
