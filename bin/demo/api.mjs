/**
 * A relay's HTTP API with one token. A body that is text is sent as it is, any other as JSON.
 *
 * @returns `(method, path, body?) → parsed answer`; rejects with what the relay said unless it said 2xx
 */
export const createApi = (url, token) => async (method, path, body) => {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
    },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return text === '' ? null : JSON.parse(text);
};
