/** What the recorders share: commands of a checkout that was built, run in this process, as a person runs them. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const ADMIN = 'the-admin-token-of-the-recording';

export const loaderOf = (checkout) => (path) => import(pathToFileURL(join(checkout, path)).href);

/** Starts a command; `line` resolves with the first match on its stdout, `close` ends it as a signal would. */
export const startCommand = (commands, name, options) => {
  const spec = commands.find((it) => it.name === name);
  const values = Object.fromEntries(spec.options.map((it) => [it.name, it.default]));
  let stop = () => {};
  const stopped = new Promise((done) => {
    stop = done;
  });
  const lines = [];
  const looks = new Set();
  const out = (line) => {
    lines.push(line);
    for (const look of [...looks]) look();
  };
  const ended = spec.run({ ...values, ...options }, [], { out, err: () => {}, stopped });
  const line = (pattern) =>
    Promise.race([
      new Promise((done) => {
        const look = () => {
          const match = lines.map((it) => pattern.exec(it)).find((it) => it !== null);
          if (match !== undefined) done(match);
        };
        looks.add(look);
        look();
      }),
      ended.then(() => Promise.reject(new Error(`${name} ended before it said ${pattern}`))),
    ]);
  const close = () => {
    stop();
    return ended;
  };
  return { line, close };
};

/** A relay that stands alone needs no link to another; older versions have a list. */
const commandsOf = (relayCommands) =>
  typeof relayCommands === 'function'
    ? relayCommands({ openVenueLink: () => Promise.reject(new Error('no link was asked for')) })
    : relayCommands;

export const startRelay = async (relayCommands, dataDir) => {
  const options = { port: '0', 'data-dir': dataDir, 'admin-token': ADMIN };
  const { line, close } = startCommand(commandsOf(relayCommands), 'relay', options);
  const [, url] = await line(/^listening (http\S+)/u);
  return { url, close };
};

export const askOf =
  (url) =>
  async (method, path, body, token = ADMIN) => {
    const isText = typeof body === 'string';
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': isText ? 'text/plain' : 'application/json' },
      body: body === undefined || isText ? body : JSON.stringify(body),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, bytes, json: () => JSON.parse(bytes.toString('utf8')) };
  };

export const makeOf = (ask) => async (method, path, body) => {
  const answer = await ask(method, `/api/v1${path}`, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.bytes}`);
  return answer.bytes.length === 0 ? null : answer.json();
};
