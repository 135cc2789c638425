import type { EventPayload } from './live-message.ts';
import type { Doc } from './shelf.ts';

/** A document goes to many: its JSON is made once. Documents are never changed. */
const texts = new WeakMap<Doc, string>();

const textOf = (doc: Doc): string => {
  const known = texts.get(doc);
  if (known !== undefined) return known;
  const text = JSON.stringify(doc);
  texts.set(doc, text);
  return text;
};

/** The JSON of an event's payload, as `JSON.stringify` makes it. */
export const eventText = ({ subId, delta, place }: EventPayload): string => {
  const document = delta.document === undefined ? '' : `"document":${textOf(delta.document)},`;
  const told = `{"type":"${delta.type}","id":${JSON.stringify(delta.id)},${document}"timestamp":${delta.timestamp}}`;
  const at = place === undefined ? '' : `,"place":${JSON.stringify(place)}`;
  return `{"subId":${JSON.stringify(subId)},"delta":${told}${at}}`;
};
