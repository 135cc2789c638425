// Keeps a replica of one stream beside this program and prints how many reads each chip has, as they come.
//
//   node docs/examples/live-query.mjs RELAY TOKEN EVENT NODE STREAM [DIRECTORY]
//
// TOKEN is a receiver's, given for EVENT and NODE. Ended, and started again, it asks the relay only for the rest; started
// without a relay, it answers from what it holds.
import { openReplica } from '@baton/client-core/node';

const [relay, token, eventId, nodeId, stream, dataDir = './replica-example'] = process.argv.slice(2);
if (stream === undefined) {
  process.stderr.write('usage: node live-query.mjs RELAY TOKEN EVENT NODE STREAM [DIRECTORY]\n');
  process.exit(2);
}

const opened = await openReplica({
  dataDir,
  owner: 'live-query.mjs',
  pull: { relay, token, eventId, nodeId, selection: { mode: 'manual', streams: [stream] } },
});
if (!opened.ok) {
  process.stderr.write(`${opened.error.message}\n`);
  process.exit(1);
}
const replica = opened.value;

// once: rows as objects
const held = await replica.query('SELECT coalesce(sum(seq), 0)::int AS reads FROM clock');
if (held.ok) process.stdout.write(`begins with ${held.value[0].reads} reads\n`);

// again after each change of what it reads; changes of a quarter second are answered together
const live = replica.liveQuery(
  'SELECT count(*)::int AS chips, coalesce(sum(reads), 0)::int AS reads FROM chip_totals WHERE stream_id = $1',
  [stream],
  (answer) => {
    if (!answer.ok) process.stderr.write(`${answer.error.message}\n`);
    else process.stdout.write(`${answer.value[0].reads} reads of ${answer.value[0].chips} chips\n`);
  },
);

const stop = async () => {
  live.stop();
  // for tables on a screen: columns by name and type, cut after so many rows
  const page = await replica.select('SELECT chip, reads FROM chip_totals ORDER BY reads DESC, chip', [], {
    maxRows: 3,
  });
  if (page.ok)
    process.stdout.write(
      `${page.value.columns.map((it) => it.name).join(', ')}: ${page.value.rows.length} rows, more: ${page.value.truncated}\n`,
    );
  await replica.close();
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
