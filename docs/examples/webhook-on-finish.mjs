// Calls a URL for the first read of each chip at one stream; what a scoreboard, a lamp or a text message needs.
//
//   node docs/examples/webhook-on-finish.mjs RELAY TOKEN EVENT STREAM URL [DIRECTORY]
//
// TOKEN is an operator's or a receiver's of EVENT. Killed at any moment, it calls again what may not have arrived: its
// receiver goes by the header Idempotency-Key. What was refused for good is a dead letter, shown at the start.
import { createWebhook } from '@baton/client-core';
import { openNodeLive, openSqliteStore, systemClock } from '@baton/client-core/node';

const [relay, token, eventId, stream, url, file = './webhook-on-finish.sqlite'] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${line}\n`);

const finishes = {
  name: 'finishes',
  version: '1',
  initial: () => ({ told: [] }),
  react: (state, item) => {
    const isNew = item.type === 'read' && item.streamId === stream && item.chip !== null;
    if (!isNew || state.told.includes(item.chip)) return { state, commands: [] };
    const body = { chip: item.chip, time: item.readerTime };
    const command = { key: `${stream}/${item.chip}`, type: 'webhook', payload: { url, body } };
    return { state: { told: [...state.told, item.chip] }, commands: [command] };
  },
};

const store = openSqliteStore(file);
if (!store.ok) throw new Error(store.error.message);
const dispatchers = { webhook: createWebhook({ clock: systemClock }, { secret: process.env.WEBHOOK_SECRET ?? null }) };
const options = { processManagers: [finishes], dispatchers, checkpoints: store.value };
const live = openNodeLive({ relay, token, eventId, documents: false, ...options });
const letters = await live.deadLetters();
for (const { command, error } of letters.value) say(`dead letter ${command.key}: ${error}`);
const started = await live.startLive();
if (!started.ok) throw new Error(started.error.message);
started.value.subscribe(({ caughtUp }) => say(caughtUp ? 'all is told' : 'behind'));
process.once('SIGINT', live.close);
