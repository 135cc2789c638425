import { heatMs, raceRoster, rosterCsv } from '@baton/client-core/node';
import { setRules, setupDocName, setWatch } from '@baton/schema/doc';
import { createApi } from './api.mjs';
import { editDocument } from './documents.mjs';

const mint = async (admin, eventId, role, nodeId) =>
  (await admin('POST', '/tokens', { role, eventId, nodeId, label: nodeId ?? role })).token;

/** `M40` → "Men 40–49", `FU20` → "Women under 20". */
const categoryOf = (categoryId) => {
  const sex = categoryId[0];
  const people = sex === 'F' ? 'Women' : 'Men';
  const from = Number(categoryId.slice(1));
  if (Number.isNaN(from)) return { categoryId, name: `${people} under 20`, sex, ageTo: 19 };
  const ageTo = from === 20 ? 29 : from + 9;
  return { categoryId, name: `${people} ${from}–${ageTo}`, sex, ageFrom: from, ageTo };
};

/** Reader-local time of a heat's first wave: the race's clock, which runs faster than ours. */
const startOfHeat = (spec, heat) =>
  new Date(Date.parse(`${spec.startAt}Z`) + heat * heatMs(spec)).toISOString().slice(0, 19);

/**
 * Publishes an event whose field is that of the made race: roster with chips, rules, tokens. The races
 * come one by one, a heat each.
 */
export const publishEvent = async ({ url, adminToken, spec, timezone, nodes }) => {
  const admin = createApi(url, adminToken);
  const date = spec.startAt.slice(0, 10);
  const event = { title: 'Harbour run (demo)', date, timezone, location: 'Harbour' };
  const { eventId } = await admin('POST', '/events', event);
  const operatorToken = await mint(admin, eventId, 'operator');
  const operator = createApi(url, operatorToken);
  const people = raceRoster(spec);
  await operator('POST', `/events/${eventId}/roster?kind=participants`, rosterCsv(spec));
  // waves start one after the other: the chip's own start is the fair one
  await editDocument(url, operatorToken, setupDocName(eventId), (doc) => {
    setRules(doc, { rankBy: 'chip' });
    setWatch(doc, { silenceOn: true, silenceQuietMs: 60_000, silenceMinExpected: 20, unknownChipsOn: true });
  });
  for (const status of ['startlist', 'running']) await admin('PATCH', `/events/${eventId}/status`, { status });
  const tokens = {};
  for (const { nodeId, role } of nodes) tokens[nodeId] = await mint(admin, eventId, role, nodeId);

  const categories = [...new Set(people.map(({ category }) => category))].sort().map(categoryOf);
  const points = spec.points.map(({ pointId, name, kind }) => ({ pointId, name, kind }));
  const addRace = async (heat) => {
    const name = `5 km, heat ${heat + 1}`;
    const race = { name, startAt: startOfHeat(spec, heat), points, categories };
    return operator('POST', `/events/${eventId}/races`, race);
  };
  return { eventId, operator, operatorToken, tokens, addRace, entrants: people.length };
};
