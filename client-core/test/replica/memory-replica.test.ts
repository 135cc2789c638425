import { silentLog } from '@baton/schema/ports';
import { expect, it } from 'vitest';
import { createMemoryReplica } from '../../src/replica/memory-replica.ts';
import { describeReplica } from './replica-contract.ts';

describeReplica('memory', async () => createMemoryReplica({ log: silentLog }));

it('says that it has no SQL', async () => {
  const replica = createMemoryReplica({ log: silentLog });
  expect(await replica.query('SELECT 1')).toMatchObject({ ok: false, error: { type: 'unsupported' } });
});
