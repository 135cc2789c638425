import { ERROR_CODES, type Refusal, refusalToEnvelope } from '@baton/schema/errors';

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  410: 'Gone',
  413: 'Content Too Large',
  503: 'Service Unavailable',
};

/** An answer with the error envelope, for a connection that ends with it and that nothing else writes to. */
export const plainRefusal = (it: Refusal, requestId: string): string => {
  const { status } = ERROR_CODES[it.code];
  const body = JSON.stringify(refusalToEnvelope(it));
  return (
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Refused'}\r\nContent-Type: application/json\r\n` +
    `X-Request-Id: ${requestId}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
};
