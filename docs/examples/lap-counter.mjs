// Counts the laps of each chip at one stream and prints them, as they come.
//
//   node docs/examples/lap-counter.mjs RELAY TOKEN EVENT STREAM [DIRECTORY]
//
// TOKEN is an operator's or a receiver's of EVENT. Ended, and started again, it goes on from its checkpoint.
import { openFileStore, openNodeLive } from '@baton/client-core/node';

const [relay, token, eventId, stream, directory = './lap-counter'] = process.argv.slice(2);
const LAP_MS = 20_000;
const say = (line) => process.stdout.write(`${line}\n`);

/** State: chip → laps, and when the last one ended. Change LAP_MS or the rule, and `version` with it: all is counted anew. */
const laps = {
  name: 'laps',
  version: '1',
  initial: () => ({}),
  apply: (state, item) => {
    if (item.type !== 'read' || item.streamId !== stream || item.chip === null) return state;
    const at = Date.parse(`${item.readerTime}Z`);
    const last = state[item.chip];
    if (last === undefined) state[item.chip] = { laps: 0, at };
    else if (at - last.at >= LAP_MS) Object.assign(last, { laps: last.laps + 1, at });
    return state;
  },
};

const store = await openFileStore(directory, { ...console, debug() {} });
if (!store.ok) throw new Error(store.error.message);
const live = openNodeLive({ relay, token, eventId, documents: false, projections: [laps], checkpoints: store.value });
const started = await live.startLive();
if (!started.ok) throw new Error(started.error.message);
started.value.subscribe(async ({ caughtUp }) => {
  const now = await live.liveProjection(laps);
  const counts = Object.values(now.value).map((it) => it.laps);
  if (caughtUp) say(`${counts.length} chips, ${counts.reduce((sum, it) => sum + it, 0)} laps`);
});
process.once('SIGINT', live.close);
