import type { Ids } from '@baton/schema/ports';

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Random UUIDs (version 4). `crypto.randomUUID` is absent on plain http, as a relay in a tent speaks it. */
export const browserIds: Ids = {
  uuid: () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes.set([((bytes[6] ?? 0) & 0x0f) | 0x40], 6);
    bytes.set([((bytes[8] ?? 0) & 0x3f) | 0x80], 8);
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  },
};
