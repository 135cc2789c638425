import type { EventPayload, SnapshotPayload } from './live-message.ts';
import type { Doc } from './shelf.ts';

const TEXT = Symbol('text');

/**
 * A document goes to many: its JSON is made once. Documents are never changed, so it stays with the document, where no copy and
 * no list of its fields has it. A `WeakMap` of hundred thousand would be gone through whenever garbage is collected.
 */
const textOf = (doc: Doc & { readonly [TEXT]?: string }): string => {
  const known = doc[TEXT];
  if (known !== undefined) return known;
  const text = JSON.stringify(doc);
  Object.defineProperty(doc, TEXT, { value: text });
  return text;
};

/** The JSON of an event's payload, as `JSON.stringify` makes it. */
export const eventText = ({ subId, delta, place }: EventPayload): string => {
  const document = delta.document === undefined ? '' : `"document":${textOf(delta.document)},`;
  const told = `{"type":"${delta.type}","id":${JSON.stringify(delta.id)},${document}"timestamp":${delta.timestamp}}`;
  const at = place === undefined ? '' : `,"place":${JSON.stringify(place)}`;
  return `{"subId":${JSON.stringify(subId)},"delta":${told}${at}}`;
};

/** The JSON of a snapshot's part, out of its documents' own. */
export const snapshotText = ({ subId, documents, complete, place }: SnapshotPayload): string => {
  const at = place === undefined ? '' : `,"place":${JSON.stringify(place)}`;
  return `{"subId":${JSON.stringify(subId)},"documents":[${documents.join(',')}],"complete":${complete}${at}}`;
};
