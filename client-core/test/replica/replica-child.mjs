import { openPgliteReplica, systemTimers } from '@baton/client-core/node';

/** A process that holds a replica and does what its parent says, until it is killed. */
const log = { debug() {}, info() {}, warn() {}, error() {} };
const opened = await openPgliteReplica({ timers: systemTimers, log }, { dataDir: process.argv[2], owner: 'the child' });
if (!opened.ok) throw new Error(opened.error.message);
const replica = opened.value;

process.on('message', async (frames) => process.send({ type: 'reply', reply: await replica.applyReads(frames) }));
process.send({ type: 'open', clock: await replica.clock() });
